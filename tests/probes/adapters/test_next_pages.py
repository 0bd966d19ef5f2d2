"""How a look goes from page to page: never in a circle, never without end, and never to another origin."""

from dataclasses import replace
from datetime import timedelta

import pytest

from probes.adapters.look import look
from probes.connector import PageKind, Pagination
from probes.failure import FailureClass, Outcome
from tests.probes.adapters.test_look import (
    BY_ADDRESS,
    Hands,
    Sent,
    Vendor,
    ids,
    in_turn,
    instruments,
    looking,
    seen,
    sent,
)
from tests.probes.definitions import NOW, PAYMENTS, paged_by, row


async def test_a_list_too_long_for_a_look_is_late_where_nothing_leads_to_its_rest() -> None:
    endless = paged_by(Pagination(kind=PageKind.PAGE, param="page"))
    vendor = Vendor(lambda _path, query: sent({"rows": [row(f"p{query['page']}")]}))
    async with instruments(vendor, hands=Hands(step=timedelta(seconds=1))) as tools:
        observation = await look(looking(endless, since=NOW - timedelta(minutes=5)), tools)
    assert (observation.failure, observation.gap) == (FailureClass.TIMEOUT, None)


async def test_a_list_that_repeats_its_page_for_ever_is_stopped_after_two() -> None:
    vendor = in_turn(sent({"rows": [row("p1")], "more": True}))
    observation = await seen(vendor, looking(paged_by(Pagination(kind=PageKind.LAST_ID, param="x", more_path="more"))))
    assert observation.failure is FailureClass.SCHEMA
    assert observation.reason == "page 2 repeats records of earlier pages only"
    assert (ids(observation), len(vendor.requests)) == (["p1"], 2)


async def test_a_token_that_leads_in_a_circle_is_stopped() -> None:
    circle = paged_by(Pagination(kind=PageKind.TOKEN, param="t", next_path="next"))
    vendor = in_turn(sent({"rows": [], "next": "a"}), sent({"rows": [], "next": "b"}), sent({"rows": [], "next": "a"}))
    observation = await seen(vendor, looking(circle))
    assert (observation.failure, len(vendor.requests)) == (FailureClass.SCHEMA, 3)
    assert "leads back" in observation.reason


async def test_a_list_without_end_is_left_after_the_most_pages_and_is_not_the_vendors_fault() -> None:
    def page(_path: str, query: dict[str, str]) -> Sent:
        return sent({"rows": [row(query.get("after", "p") + "x")], "more": True})

    endless = paged_by(replace(PAYMENTS.pagination, max_pages=7))
    observation = await seen(Vendor(page), looking(endless))
    assert (observation.failure, observation.outcome) == (FailureClass.OWN, Outcome.ERROR_OWN)
    assert (observation.requests, len(observation.records), observation.whole) == (7, 7, False)
    assert "after 7 pages" in observation.reason


@pytest.mark.parametrize(
    "address",
    [
        "https://vendor.example/api/v1/payments?page=2",
        "https://vendor.example:443/api/v1/payments?page=2",
        "/api/v1/payments?page=2",
        "?page=2",
    ],
)
async def test_the_next_pages_address_is_followed_on_the_same_origin(address: str) -> None:
    vendor = in_turn(sent({"rows": [row("p1")], "next": address}), sent({"rows": [row("p2")], "next": None}))
    observation = await seen(vendor, looking(BY_ADDRESS))
    assert (ids(observation), observation.whole) == (["p1", "p2"], True)
    assert vendor.requests[1][:2] == ("/api/v1/payments", {"page": "2"})


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/api/v1/payments",
        "//evil.example/",
        "http://vendor.example/api/v1/payments?page=2",
        "https://vendor.example:8443/",
        "https://vendor.example@evil.example/",
        "https://user:pass@vendor.example/",
        "https://[::1/",
        "https://vendor.example:port/",
        "file:///etc/passwd",
    ],
)
async def test_the_credential_is_never_carried_to_another_origin(address: str) -> None:
    vendor = in_turn(sent({"rows": [row("p1")], "next": address}))
    observation = await seen(vendor, looking(BY_ADDRESS))
    assert observation.failure is FailureClass.SCHEMA
    assert "another origin" in observation.reason
    assert (ids(observation), len(vendor.requests), observation.requests) == (["p1"], 1, 1)
