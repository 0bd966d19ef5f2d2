"""Lists too long for one look: the following looks fill the gap, and nothing is lost or told twice meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from probes.adapters.look import look
from probes.catalog import ProbeId
from probes.connector import PageKind, Pagination, Resource, Since
from probes.cursor import Cursor, advanced, since
from probes.failure import Outcome
from probes.observation import Observation
from tests.probes.adapters.test_look import Hands, Sent, Vendor, instruments, looking, sent
from tests.probes.definitions import NOW, PAYMENTS, row

COUNT = 60
MANY = 20
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
STEP = timedelta(seconds=0.8)
NAMES = [f"p{n}" for n in range(COUNT)]


@dataclass
class Follower:
    """Who looks at a slow vendor again and again, as the loop does."""

    vendor: Vendor
    resource: Resource
    cursor: Cursor = field(default_factory=lambda: Cursor(probe=ProbeId("billing.payments")))
    found: list[str] = field(default_factory=list)
    at: datetime = NOW

    async def until_whole(self) -> list[Observation]:
        """Look until everything was read."""
        looks = [await self.look()]
        while not looks[-1].whole:
            looks.append(await self.look())
            assert len(looks) < MANY
        return looks

    async def look(self, *, step: timedelta = STEP) -> Observation:
        """Look once, a minute after the last time; each glance at the clock takes a while."""
        hands = Hands(step=step)
        hands.at = self.at
        start = since(self.cursor, self.resource, HOUR, self.at)
        async with instruments(self.vendor, hands=hands) as tools:
            observation = await look(looking(self.resource, since=start, gap=self.cursor.gap), tools)
        self.cursor, fresh, late = advanced(self.cursor, self.resource, observation)
        assert late == 0
        self.found += [record.id for record in fresh]
        self.at += MINUTE
        return observation


def rows() -> list[dict[str, object]]:
    """The payments of the last half hour, newest first."""
    return [row(name, 30 * number) for number, name in enumerate(NAMES)]


def by_last_id(_path: str, query: dict[str, str]) -> Sent:
    first = NAMES.index(query["after"]) + 1 if "after" in query else 0
    return sent({"rows": rows()[first : first + 2], "more": first + 2 < COUNT})


def by_token(_path: str, query: dict[str, str]) -> Sent:
    first = int(query.get("token", "0"))
    return sent({"rows": rows()[first : first + 2], "next": str(first + 2) if first + 2 < COUNT else None})


def by_address(_path: str, query: dict[str, str]) -> Sent:
    first = int(query.get("at", "0"))
    following = f"/api/v1/payments?at={first + 2}" if first + 2 < COUNT else None
    return sent({"rows": rows()[first : first + 2], "next": following})


def by_count(_path: str, query: dict[str, str]) -> Sent:
    first, asked = int(query["skip"]), int(query["start"])
    found = [one for one in reversed(rows()) if one["created"] >= asked]  # type: ignore[operator]
    return sent({"rows": found[first : first + 2]})


def within(_path: str, query: dict[str, str]) -> Sent:
    first, start, end = int(query["skip"]), int(query["start"]), int(query["end"])
    found = [one for one in rows() if start <= one["created"] < end]  # type: ignore[operator]
    return sent({"rows": found[first : first + 2]})


BY_COUNT = Pagination(kind=PageKind.OFFSET, param="skip", size=2)
LISTS = [
    pytest.param(by_last_id, PAYMENTS, id="last_id"),
    pytest.param(
        by_token, replace(PAYMENTS, pagination=Pagination(kind=PageKind.TOKEN, param="token", next_path="next"))
    ),
    pytest.param(by_address, replace(PAYMENTS, pagination=Pagination(kind=PageKind.NEXT_URL, next_path="next"))),
    pytest.param(by_count, replace(PAYMENTS, pagination=BY_COUNT, since=Since(param="start", oldest_first=True))),
]


@pytest.mark.parametrize(("replies", "resource"), LISTS)
async def test_a_first_read_that_takes_several_looks_tells_every_record_once(
    replies: Callable[[str, dict[str, str]], Sent], resource: Resource
) -> None:
    """No record is dropped between two reads, and none is told twice."""
    one = Follower(Vendor(replies), resource)
    looks = await one.until_whole()
    assert len(looks) >= 3
    assert sorted(one.found) == sorted(NAMES)
    assert {look.outcome for look in looks} == {Outcome.GOOD}
    # Absence is evidence only once the gap is filled, and only up to when the list was first asked for.
    assert [look.covered for look in looks] == [*[None] * (len(looks) - 1), NOW]
    assert (one.cursor.watermark, one.cursor.last_whole, one.cursor.gap) == (NOW, NOW, None)
    again = await one.look(step=timedelta())
    assert again.whole
    assert len(one.found) == COUNT


async def test_a_list_in_no_order_between_two_bounds_is_read_in_shorter_spans() -> None:
    between = Since(param="start", until_param="end")
    resource = replace(PAYMENTS, pagination=BY_COUNT, since=between)
    one = Follower(Vendor(within), resource)
    looks = await one.until_whole()
    assert looks[0].gap is not None
    assert looks[0].gap.width == timedelta(minutes=30, seconds=0.5)
    assert sorted(one.found) == sorted(NAMES)
    assert one.cursor.watermark == NOW


async def test_a_page_that_fails_stays_a_gap_that_the_next_look_begins_with() -> None:
    down: list[bool] = []

    def replies(path: str, query: dict[str, str]) -> Sent:
        return sent(b"", 503) if query.get("after") == "p19" and not down else by_last_id(path, query)

    one = Follower(Vendor(replies), PAYMENTS)
    failed = await one.look(step=timedelta())
    assert (failed.outcome, failed.whole, len(one.found)) == (Outcome.BAD, False, 20)
    down.append(True)
    filled = await one.look(step=timedelta())
    assert [query.get("after") for _, query, _ in one.vendor.requests][10:13] == ["p19", "p19", "p21"]
    assert (filled.whole, filled.covered, filled.sent) == (True, NOW, NOW + MINUTE)
    assert sorted(one.found) == sorted(NAMES)


async def test_a_position_that_the_vendor_refuses_is_given_up_and_the_list_begun_anew() -> None:
    stale: list[str | None] = []

    def replies(path: str, query: dict[str, str]) -> Sent:
        return sent({"message": "no such id"}, 400) if query.get("after") in stale else by_last_id(path, query)

    one = Follower(Vendor(replies), PAYMENTS)
    await one.look()
    assert one.cursor.gap is not None
    stale.append(one.cursor.gap.position)
    assert (await one.look()).gap is None
    stale.clear()
    assert (await one.look(step=timedelta())).whole
    assert sorted(one.found) == sorted(NAMES)


async def test_a_look_that_could_not_ask_leaves_the_gap_as_it_is() -> None:
    one = Follower(Vendor(by_last_id), PAYMENTS)
    first = await one.look()
    skipped = replace(first, outcome=Outcome.SKIPPED, requests=0, records=(), gap=None)
    cursor, fresh, _ = advanced(one.cursor, PAYMENTS, skipped)
    assert (cursor.gap, fresh) == (first.gap, ())


async def test_what_comes_while_a_gap_is_filled_is_read_by_the_look_after_it() -> None:
    fresh = [row("new", -90)]

    def replies(path: str, query: dict[str, str]) -> Sent:
        if int(query["created[gte]"]) >= int((NOW - 10 * MINUTE).timestamp()):
            return sent({"rows": [*fresh, *rows()[:10]], "more": False})
        return by_last_id(path, query)

    one = Follower(Vendor(replies), PAYMENTS)
    await one.until_whole()
    assert "new" not in one.found
    await one.look(step=timedelta())
    assert sorted(one.found) == sorted([*NAMES, "new"])
