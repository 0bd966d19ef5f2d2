"""Looks at lists that allow only so much at once: in spans, in halves, and in parts that come in order."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from probes.adapters.look import Look, look
from probes.catalog import ProbeId
from probes.connector import Connector, Op, PageKind, Pagination, Predicate, Resource, Since, TimeFormat
from probes.cursor import Cursor, advanced
from probes.failure import FailureClass, Outcome
from tests.probes.adapters.test_look import Sent, Vendor, ids, instruments, looking, seen, sent
from tests.probes.definitions import NOW, PAYMENTS, VENDOR, row

DAY = timedelta(days=1)
BETWEEN = Since(param="start", until_param="end", format=TimeFormat.UNIX_S, max_window=10 * DAY)
REPORT = replace(PAYMENTS, since=BETWEEN, pagination=Pagination())
TOO_LARGE = replace(VENDOR, too_large_inside=(Predicate(path="name", op=Op.EQ, value="TOO_LARGE"),))


def reporting(most: timedelta, *ages: timedelta) -> Vendor:
    """A vendor that gives what was created between two instants, unless they are too far apart."""

    def page(_path: str, query: dict[str, str]) -> Sent:
        start, end = int(query["start"]), int(query["end"])
        if end - start > most.total_seconds():
            return sent({"name": "TOO_LARGE"}, 400)
        rows = [row(f"p{age.days}", age.total_seconds()) for age in ages]
        return sent({"rows": [one for one in rows if start <= one["created"] <= end]})

    return Vendor(page)


def asking(resource: Resource, connector: Connector = TOO_LARGE, **more: Any) -> Look:  # noqa: ANN401 - a Look's fields
    request = looking(resource, **more)
    known = replace(connector, resources={"payments": resource}, auth=request.system.connector.auth)
    return replace(request, system=replace(request.system, connector=known))


def bounds(vendor: Vendor) -> list[tuple[int, int]]:
    """The spans that were asked for, in days before now."""
    now = int(NOW.timestamp())
    return [((now - int(q["start"])) // 86_400, (now + 1 - int(q["end"])) // 86_400) for _, q, _ in vendor.requests]


async def test_a_long_time_is_asked_for_in_spans_and_read_whole() -> None:
    vendor = reporting(10 * DAY, *(n * DAY for n in (25, 15, 5)))
    observation = await seen(vendor, asking(REPORT, since=NOW - 28 * DAY))
    assert (observation.whole, ids(observation)) == (True, ["p25", "p15", "p5"])
    assert bounds(vendor) == [(28, 18), (18, 8), (8, 0)]


async def test_what_is_too_large_is_asked_for_in_halves() -> None:
    vendor = reporting(3 * DAY, *(n * DAY for n in (9, 4, 1)))
    observation = await seen(vendor, asking(REPORT, since=NOW - 9 * DAY))
    assert (observation.outcome, ids(observation)) == (Outcome.GOOD, ["p9", "p4", "p1"])
    assert [round(start - end) for start, end in bounds(vendor)][:3] == [9, 5, 3]
    assert observation.requests == len(vendor.requests) == 6


async def test_what_stays_too_large_is_a_request_of_ours_that_is_wrong() -> None:
    observation = await seen(reporting(timedelta(seconds=1)), asking(REPORT, since=NOW - DAY))
    assert (observation.outcome, observation.failure) == (Outcome.ERROR_OWN, FailureClass.REQUEST)
    assert "too much asked for at once" in observation.reason


async def test_where_a_later_span_fails_the_earlier_ones_are_not_asked_for_again() -> None:
    calls = 0

    def page(_path: str, _query: dict[str, str]) -> Sent:
        nonlocal calls
        calls += 1
        return sent({"rows": [row(f"p{calls}")]}) if calls < 3 else sent(b"", 503)

    observation = await seen(Vendor(page), asking(REPORT, since=NOW - 28 * DAY))
    assert (observation.whole, observation.read_until) == (False, NOW - 8 * DAY)
    cursor, fresh, _ = advanced(Cursor(probe=ProbeId("billing.payments")), REPORT, observation)
    assert (cursor.watermark, cursor.last_whole, len(fresh)) == (NOW - 8 * DAY, None, 2)


ORDERED = replace(
    PAYMENTS,
    since=Since(param="start", oldest_first=True),
    pagination=Pagination(kind=PageKind.OFFSET, param="skip", size=2, max_pages=3),
)


async def test_a_list_in_order_that_is_longer_than_is_read_goes_on_from_where_it_was_left() -> None:
    start = NOW - timedelta(hours=1)

    def page(_path: str, query: dict[str, str]) -> Sent:
        rows = [row(f"p{n}", 3600 - 60 * n) for n in range(30)]
        skip = int(query["skip"])
        return sent({"rows": [one for one in rows if one["created"] >= int(query["start"])][skip : skip + 2]})

    found: list[str] = []
    vendor, cursor, at = Vendor(page), Cursor(probe=ProbeId("billing.payments")), start
    for _ in range(9):
        observation = await seen(vendor, asking(ORDERED, since=at))
        cursor, fresh, _ = advanced(cursor, ORDERED, observation)
        found += [one.id for one in fresh]
        at = cursor.watermark or start
        if observation.whole:
            break
    assert found == [f"p{n}" for n in range(30)]


async def test_a_list_in_any_order_that_is_longer_than_is_read_stays_where_it_was() -> None:
    resource = replace(ORDERED, since=Since(param="start"))
    vendor = Vendor(lambda _path, query: sent({"rows": [row(f"p{query['skip']}"), row(f"q{query['skip']}")]}))
    observation = await seen(vendor, asking(resource, since=NOW - DAY))
    assert (observation.failure, observation.read_until) == (FailureClass.OWN, None)


async def test_the_vendors_clock_says_up_to_when_a_list_is_asked_for() -> None:
    vendor = reporting(10 * DAY)
    ahead = timedelta(hours=2)
    async with instruments(vendor) as tools:
        await look(asking(REPORT, since=NOW - DAY, offset=ahead), tools)
    assert datetime.fromtimestamp(int(vendor.requests[0][1]["end"]), NOW.tzinfo) == NOW + ahead + timedelta(seconds=1)
