"""One look at a vendor that answers over ASGI: pages become one observation, whatever the vendor does."""

import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.adapters.http import HttpxTransport, shared_client
from probes.adapters.look import Instruments, Look, Take, look
from probes.auth import Auth, AuthKind
from probes.budget import Balance, Grant, Purpose, Quota, Window, take
from probes.catalog import Probe, ProbeId, System, SystemId
from probes.connector import PageKind, Pagination, Resource, TimeFormat
from probes.failure import FailureClass, Outcome
from probes.instant import write_instant
from probes.observation import Observation
from tests.probes.definitions import NOW, PAYMENTS, VENDOR, paged_by, row

TLS = ssl.create_default_context()
BY_ADDRESS = paged_by(Pagination(kind=PageKind.NEXT_URL, next_path="next"))
AMPLE = Quota(windows=(Window(limit=1000, period=timedelta(seconds=1), burst=1000),), reserve=0)
Sent = tuple[int, bytes, Mapping[str, str]]


def sent(body: object, status: int = 200, **headers: str) -> Sent:
    """What the vendor sends; a body that is not bytes is written as JSON."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, body if isinstance(body, bytes) else json.dumps(body).encode(), names


@dataclass
class Vendor:
    """An ASGI application that answers each request by a function of its path and query, and keeps the requests."""

    replies: Callable[[str, dict[str, str]], Sent]
    requests: list[tuple[str, dict[str, str], dict[str, str]]] = field(default_factory=list)

    async def __call__(self, scope: dict[str, Any], receive: object, send: Callable[..., Any]) -> None:  # noqa: ARG002 - ASGI
        """Answer one request."""
        query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.requests.append((scope["path"], query, headers))
        status, body, more = self.replies(scope["path"], query)
        raw = [(name.encode(), value.encode()) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})


def in_turn(*replies: Sent) -> Vendor:
    """A vendor that gives these answers one after another, the last one for ever."""
    left = list(replies)
    return Vendor(lambda _path, _query: left.pop(0) if len(left) > 1 else left[0])


def stack(count: int, size: int = 2) -> Vendor:
    """A vendor with that many payments, newest first, paged by the last id."""
    ids = [f"p{n}" for n in range(count)]

    def page(_path: str, query: dict[str, str]) -> Sent:
        start = ids.index(query["after"]) + 1 if "after" in query else 0
        return sent({"rows": [row(i) for i in ids[start : start + size]], "more": start + size < count})

    return Vendor(page)


class Quotas:
    """A quota with its state, as the store keeps it."""

    def __init__(self, quota: Quota = AMPLE) -> None:
        """Begin untouched."""
        self.quota, self.balance, self.purposes = quota, Balance(), list[Purpose]()

    def take(self, purpose: Purpose, now: datetime) -> Grant:
        """Take one request."""
        self.purposes.append(purpose)
        grant = take(self.quota, self.balance, purpose, 1, now)
        self.balance = grant.balance
        return grant


class Hands:
    """A clock that goes on by a step with every glance, and sleeps by being set."""

    def __init__(self, step: timedelta = timedelta()) -> None:
        """Begin at NOW."""
        self.at, self.step = NOW, step

    def now(self) -> datetime:
        """Return the instant and go on."""
        shown, self.at = self.at, self.at + self.step
        return shown

    async def sleep_until(self, at: datetime) -> None:
        """Be there at once."""
        self.at = max(self.at, at)


def looking(resource: Resource | None = PAYMENTS, **more: Any) -> Look:  # noqa: ANN401 - a Look's fields
    connector = replace(VENDOR, resources={"payments": resource} if resource else {}, auth=Auth(kind=AuthKind.BEARER))
    system = System(id=SystemId("billing"), connector=connector, base_url="https://vendor.example/api/")
    probe = Probe(id=ProbeId("billing.payments"), system=system.id, resource="payments" if resource else "")
    return Look(probe=probe, system=system, secret="key", **more)


@asynccontextmanager
async def instruments(
    vendor: Vendor, taking: Take | None = None, hands: Hands | None = None
) -> AsyncIterator[Instruments]:
    clock = hands or Hands()
    async with shared_client(TLS, httpx.ASGITransport(vendor)) as client:  # type: ignore[arg-type]
        yield Instruments(transport=HttpxTransport(client), take=taking or Quotas().take, now=clock.now)


async def seen(vendor: Vendor, request: Look | None = None, taking: Take | None = None) -> Observation:
    async with instruments(vendor, taking) as tools:
        return await look(request or looking(), tools)


def ids(observation: Observation) -> list[str]:
    return [record.id for record in observation.records]


async def test_all_pages_become_one_whole_observation() -> None:
    vendor = stack(5)
    observation = await seen(vendor, looking(since=NOW - timedelta(minutes=5)))
    assert (observation.outcome, observation.whole, observation.requests) == (Outcome.GOOD, True, 3)
    assert ids(observation) == ["p0", "p1", "p2", "p3", "p4"]
    assert [query.get("after") for _, query, _ in vendor.requests] == [None, "p1", "p3"]
    assert {query["created[gte]"] for _, query, _ in vendor.requests} == {"1795166700"}
    assert {path for path, _, _ in vendor.requests} == {"/api/v1/payments"}
    assert {headers["authorization"] for _, _, headers in vendor.requests} == {"Bearer key"}


async def test_an_observation_is_stamped_with_the_clock_it_was_handed_and_the_vendors_offset() -> None:
    date = write_instant(NOW + timedelta(hours=2), TimeFormat.HTTP_DATE)
    hands = Hands(step=timedelta(seconds=1))
    async with instruments(in_turn(sent({"rows": [], "more": False}, date=date)), hands=hands) as tools:
        observation = await look(looking(confirming=True), tools)
    assert observation.sent == NOW
    assert NOW < observation.answered < NOW + timedelta(seconds=10)
    assert observation.clock_offset is not None
    assert abs(observation.clock_offset - timedelta(hours=2)) < timedelta(seconds=10)
    assert observation.confirming


async def test_whoami_is_asked_where_there_is_no_list() -> None:
    vendor = in_turn(sent({"id": "acct_1"}))
    observation = await seen(vendor, looking(None))
    assert (observation.outcome, observation.resource, observation.records) == (Outcome.GOOD, "", ())
    assert vendor.requests[0][0] == "/api/v1/me"


async def test_throttled_half_way_the_records_read_so_far_are_kept() -> None:
    first = sent({"rows": [row("p1"), row("p2")], "more": True})
    observation = await seen(in_turn(first, sent(b"", 429, retry_after="7")))
    assert (observation.outcome, observation.failure) == (Outcome.THROTTLED, FailureClass.THROTTLED)
    assert (ids(observation), observation.whole, observation.requests) == (["p1", "p2"], False, 2)
    assert observation.news.not_before == NOW + timedelta(seconds=7)


async def test_unreadable_quota_headers_of_all_pages_are_counted() -> None:
    first = sent({"rows": [row("p1")], "more": True}, retry_after="soon")
    observation = await seen(in_turn(first, sent({"rows": [row("p2")], "more": False}, x_remaining="many")))
    assert observation.news.unread == 2


async def test_a_flawed_record_makes_the_look_bad_and_incomplete_and_the_others_are_kept() -> None:
    observation = await seen(in_turn(sent({"rows": [{"id": "p1"}, row("p2")], "more": False})))
    assert (observation.outcome, observation.failure) == (Outcome.BAD, FailureClass.SCHEMA)
    assert observation.reason == "rows[0]: no plausible unix_s time at `created`"
    assert (ids(observation), observation.whole) == (["p2"], False)


async def test_a_quota_that_has_run_out_skips_the_look_without_a_request() -> None:
    vendor = stack(1)
    quotas = Quotas(Quota(windows=(Window(limit=1, period=timedelta(minutes=1), burst=1),)))
    assert (await seen(vendor, taking=quotas.take)).outcome is Outcome.GOOD
    skipped = await seen(vendor, taking=quotas.take)
    assert (skipped.outcome, skipped.failure, skipped.requests) == (Outcome.SKIPPED, FailureClass.QUOTA, 0)
    assert skipped.reason == "the quota does not allow this request yet: wait 60 s"
    assert len(vendor.requests) == 1


async def test_every_page_takes_from_the_quota_and_a_confirming_look_says_that_it_confirms() -> None:
    quotas = Quotas()
    await seen(stack(5), taking=quotas.take)
    await seen(stack(1), looking(confirming=True), quotas.take)
    assert quotas.purposes == [Purpose.ROUTINE] * 3 + [Purpose.CONFIRM]


async def test_later_pages_wait_for_the_quota_where_the_deadline_allows() -> None:
    slow = Quota(windows=(Window(limit=1, period=timedelta(seconds=4), burst=1),))
    for deadline, whole in ((30, True), (17, False)):
        hands = Hands()
        async with instruments(stack(6), Quotas(slow).take, hands) as tools:
            patient = replace(tools, sleep_until=hands.sleep_until)
            observation = await look(looking(deadline=timedelta(seconds=deadline)), patient)
        assert observation.whole is whole
        assert observation.failure is (None if whole else FailureClass.QUOTA)
        assert hands.at == NOW + timedelta(seconds=8 if whole else 4)  # it does not wait in vain


async def test_time_spent_waiting_for_our_quota_is_not_held_against_the_vendor() -> None:
    slow = Quota(windows=(Window(limit=1, period=timedelta(seconds=4), burst=1),))
    hands = Hands(step=timedelta(seconds=0.2))
    async with instruments(stack(100), Quotas(slow).take, hands) as tools:
        observation = await look(looking(), replace(tools, sleep_until=hands.sleep_until))
    assert (observation.outcome, observation.whole) == (Outcome.SKIPPED, False)
    assert len(observation.records) > 2


async def test_a_wait_that_took_longer_than_meant_is_not_held_against_the_vendor_either() -> None:
    slow = Quota(windows=(Window(limit=1, period=timedelta(seconds=4), burst=1),))
    hands = Hands()

    async def oversleep(at: datetime) -> None:
        await hands.sleep_until(at + timedelta(seconds=20))

    async with instruments(stack(100), Quotas(slow).take, hands) as tools:
        observation = await look(looking(), replace(tools, sleep_until=oversleep))
    assert (observation.outcome, len(observation.records)) == (Outcome.SKIPPED, 2)
    assert observation.reason == "1 pages were read within 30 s, not all, for the quota had to be waited for"


async def test_a_look_ends_at_its_deadline_however_fast_each_page_is() -> None:
    async with instruments(stack(100), hands=Hands(step=timedelta(seconds=1))) as tools:
        observation = await look(looking(deadline=timedelta(seconds=20)), tools)
    assert (observation.outcome, observation.whole, observation.covered) == (Outcome.GOOD, False, None)
    assert observation.reason == "5 pages were read within 20 s, not all"
    assert observation.gap is not None
    assert (observation.gap.position, observation.gap.sent, len(observation.records)) == ("p9", NOW, 10)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "the answer is not JSON"),
        (b'{"rows": "\xff"}', "the answer is not UTF-8 (byte 10)"),
        (b" " * 10_000_001, "the answer is larger than 10 MB"),
        ({"rows": [], "error": "no"}, "answered 200 with an error at `error`"),
    ],
)
async def test_what_cannot_be_read_is_a_bad_observation_with_a_reason(body: object, reason: str) -> None:
    observation = await seen(in_turn(sent(body)))
    assert (observation.outcome, observation.reason, observation.whole) == (Outcome.BAD, reason, False)


async def test_a_credential_that_is_refused_is_not_held_against_the_vendor() -> None:
    observation = await seen(in_turn(sent({"error": "key"}, 401)))
    assert (observation.outcome, observation.failure) == (Outcome.ERROR_OWN, FailureClass.AUTH)


def test_a_look_does_not_show_its_secret() -> None:
    assert "sk_live_key" not in repr(replace(looking(), secret="sk_live_key"))


snippets = st.binary(max_size=30) | st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["rows", "more", "id", "created", "next"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(st.tuples(snippets, st.sampled_from([200, 200, 200, 302, 403, 503])), min_size=1, max_size=4))
async def test_whatever_a_vendor_answers_the_look_is_an_observation(answers: list[tuple[object, int]]) -> None:
    observation = await seen(in_turn(*(sent(body, status) for body, status in answers)), looking(BY_ADDRESS))
    assert observation.whole is (observation.outcome is Outcome.GOOD)
    assert bool(observation.reason) is not observation.whole
