"""The vendors as a client meets them: paging, credentials, limits, and what the faults do to their answers."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from monitor.sandbox.clients import COMPANIES
from monitor.sandbox.faults import Fault
from monitor.sandbox.traffic import Kind
from monitor.sandbox.world import World
from tests.monitor.sandbox.settable import BILLING, ERP, GATEWAY, START, Settable, get

Item = Mapping[str, Any]
SINCE = START - timedelta(minutes=2)
EVERY_LIST = [
    ("/billing/v1/invoices", BILLING),
    ("/billing/v1/charges", BILLING),
    ("/billing/v1/customers", BILLING),
    ("/gateway/v2/payments", GATEWAY),
    ("/erp/api/invoices", ERP),
]


async def billing_list(http: httpx.AsyncClient, path: str) -> AsyncIterator[Item]:
    query: dict[str, str | int] = {"limit": 100, "created__gte": int(SINCE.timestamp())}
    while True:
        page = (await get(http, f"/billing/v1/{path}", BILLING, **query)).json()
        for item in page["data"]:
            yield item
        if not page["has_more"]:
            return
        query["starting_after"] = page["data"][-1]["id"]


async def payments(http: httpx.AsyncClient) -> AsyncIterator[Item]:
    query: dict[str, str | int] = {"created_since": SINCE.isoformat()}
    while True:
        page = (await get(http, "/gateway/v2/payments", GATEWAY, **query)).json()
        for item in page["payments"]:
            yield item
        if "next_page_token" not in page:
            return
        query = {"page_token": page["next_page_token"], "created_since": SINCE.isoformat()}


async def erp_invoices(http: httpx.AsyncClient, clock: Settable | None = None) -> AsyncIterator[Item]:
    page = (await get(http, "/erp/api/invoices", ERP, received_from=SINCE.isoformat(), per_page=40)).json()
    while True:
        for item in page["result"]["items"]:
            yield item
        if page["links"]["next"] is None:
            return
        if clock is not None:
            clock.advance(seconds=0.2)
        page = (await http.get(page["links"]["next"], headers=ERP)).json()


async def test_paging_through_billing_gives_each_invoice_once_newest_first(
    http: httpx.AsyncClient, world: World
) -> None:
    seen = [item async for item in billing_list(http, "invoices")]
    assert [item["id"] for item in seen] == [order.id for order in world.orders(Kind.INVOICE).since(SINCE)][::-1]
    assert len(seen) > 500
    assert {item["object"] for item in seen} == {"invoice"}
    assert {item["customer"] for item in seen} == {company.customer for company in COMPANIES}


async def test_records_that_come_while_somebody_pages_do_not_disturb_billing(
    http: httpx.AsyncClient, world: World, clock: Settable
) -> None:
    expected = [order.id for order in world.orders(Kind.INVOICE).since(SINCE)][::-1]
    seen = []
    async for item in billing_list(http, "invoices"):
        seen.append(item["id"])
        clock.advance(seconds=0.01)
    assert seen == expected


async def test_paging_through_the_gateway_gives_each_payment_once(http: httpx.AsyncClient, world: World) -> None:
    seen = [item["payment_id"] async for item in payments(http)]
    assert seen == [order.id for order in world.orders(Kind.PAYMENT).since(SINCE)][::-1]


async def test_paging_through_the_erp_gives_each_invoice_once_oldest_first(
    http: httpx.AsyncClient, world: World
) -> None:
    seen = [item["document"] async for item in erp_invoices(http)]
    assert seen == [entry.id for entry in world.entries().since(SINCE)]
    assert len(seen) > 500


async def test_paging_through_the_erp_reaches_what_came_meanwhile(
    http: httpx.AsyncClient, world: World, clock: Settable
) -> None:
    seen = [item["document"] async for item in erp_invoices(http, clock)]
    assert len(seen) == len(set(seen))
    assert seen == [entry.id for entry in world.entries().since(SINCE)]


async def test_an_erp_invoice_names_the_billing_invoice_and_the_account(http: httpx.AsyncClient) -> None:
    billed = {item["id"]: item async for item in billing_list(http, "invoices")}
    accounts = {company.customer: company.account for company in COMPANIES}
    matched = [item async for item in erp_invoices(http) if item["external_id"] in billed]
    assert len(matched) > 500
    for item in matched:
        assert item["account"]["number"] == accounts[billed[item["external_id"]]["customer"]]
        created = datetime.fromtimestamp(billed[item["external_id"]]["created"], UTC)
        assert timedelta(0) < datetime.fromisoformat(item["received_at"]) - created < timedelta(seconds=5)


async def test_billing_lists_ten_unless_asked_otherwise(http: httpx.AsyncClient) -> None:
    page = (await get(http, "/billing/v1/charges", BILLING)).json()
    assert (page["object"], page["url"], page["has_more"], len(page["data"])) == ("list", "/v1/charges", True, 10)


async def test_billing_takes_greater_than_as_well_as_greater_or_equal(http: httpx.AsyncClient) -> None:
    second = int(START.timestamp()) - 10
    inclusive = (await get(http, "/billing/v1/invoices", BILLING, created__gte=second, limit=100)).json()["data"]
    exclusive = (await get(http, "/billing/v1/invoices", BILLING, created__gt=second, limit=100)).json()["data"]
    assert min(item["created"] for item in inclusive) == second
    assert min(item["created"] for item in exclusive) == second + 1


async def test_a_declined_charge_says_why(http: httpx.AsyncClient, clock: Settable) -> None:
    clock.advance(minutes=30)
    failed = [item async for item in billing_list(http, "charges") if item["status"] == "failed"]
    assert failed
    assert {(item["paid"], item["failure_code"]) for item in failed} == {(False, "card_declined")}


async def test_all_customers_are_listed_in_pages(http: httpx.AsyncClient) -> None:
    first = (await get(http, "/billing/v1/customers", BILLING, limit=20)).json()
    rest = (await get(http, "/billing/v1/customers", BILLING, limit=20, starting_after=first["data"][-1]["id"])).json()
    assert (first["has_more"], rest["has_more"]) == (True, False)
    names = [item["name"] for item in first["data"] + rest["data"]]
    assert names == [company.name for company in COMPANIES]


async def test_customers_can_be_asked_for_by_when_they_joined(http: httpx.AsyncClient) -> None:
    since = int((START - timedelta(days=100)).timestamp())
    query: dict[str, str | int] = {"limit": 2, "created__gte": since}
    page = (await get(http, "/billing/v1/customers", BILLING, **query)).json()
    query["starting_after"] = page["data"][-1]["id"]
    rest = (await get(http, "/billing/v1/customers", BILLING, **query)).json()
    joined = [item["created"] for item in page["data"] + rest["data"]]
    assert [START.timestamp() - created for created in joined] == [days * 86_400 for days in (30, 60, 90)]
    assert (page["has_more"], rest["has_more"]) == (True, False)


@pytest.mark.parametrize(
    ("path", "headers", "query", "told"),
    [
        ("/billing/v1/invoices", BILLING, {"limit": 101}, "limit"),
        ("/billing/v1/invoices", BILLING, {"limit": "ten"}, "limit"),
        ("/billing/v1/invoices", BILLING, {"starting_after": "in_unknown"}, "starting_after"),
        ("/billing/v1/customers", BILLING, {"starting_after": "cus_unknown"}, "starting_after"),
        ("/billing/v1/invoices", BILLING, {"created__gte": "yesterday"}, "created[gte]"),
        ("/gateway/v2/payments", GATEWAY, {"page_size": 0}, "page_size"),
        ("/gateway/v2/payments", GATEWAY, {"page_token": "nonsense"}, "page_token"),
        ("/gateway/v2/payments", GATEWAY, {"page_token": "bm9ib2R5"}, "page_token"),
        ("/gateway/v2/payments", GATEWAY, {"created_since": "2026-03-02T10:00:00"}, "created_since"),
        ("/erp/api/invoices", ERP, {"received_from": "monday"}, "received_from"),
        ("/erp/api/invoices", ERP, {"after": "ERP-0"}, "after"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(
    http: httpx.AsyncClient, path: str, headers: dict[str, str], query: dict[str, str | int], told: str
) -> None:
    answer = await get(http, path, headers, **query)
    assert answer.status_code == 400
    assert told in answer.text


@pytest.mark.parametrize(("path", "headers"), EVERY_LIST)
async def test_nothing_is_told_without_the_credential(
    http: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    assert (await get(http, path, headers)).status_code == 200
    assert (await get(http, path, {})).status_code == 401
    assert (await get(http, path, {name: value + "x" for name, value in headers.items()})).status_code == 401


async def test_billing_takes_its_key_as_a_user_name_too(http: httpx.AsyncClient) -> None:
    key = BILLING["Authorization"].removeprefix("Bearer ")
    assert (await http.get("/billing/v1/account", auth=(key, ""))).status_code == 200
    assert (await http.get("/billing/v1/account", auth=("nobody", ""))).status_code == 401


async def test_each_vendor_refuses_in_its_own_words(http: httpx.AsyncClient) -> None:
    billing = (await get(http, "/billing/v1/balance", {})).json()
    gateway = (await get(http, "/gateway/v2/ping", {})).json()
    erp = (await get(http, "/erp/api/status", {})).json()
    assert billing["error"]["type"] == "invalid_request_error"
    assert gateway["error_code"] == "UNAUTHENTICATED"
    assert erp["fault"]["title"] == "Not signed in"


@pytest.mark.parametrize(("path", "headers"), [*EVERY_LIST, ("/erp/api/invoices", {}), ("/billing/v1/charges", {})])
async def test_every_answer_carries_the_vendors_clock(
    http: httpx.AsyncClient, clock: Settable, path: str, headers: dict[str, str]
) -> None:
    clock.advance(hours=5)
    answer = await get(http, path, headers)
    assert parsedate_to_datetime(answer.headers["Date"]) == START + timedelta(hours=5)


@pytest.mark.parametrize(
    ("path", "headers", "limit_and_period"),
    [
        ("/billing/v1/balance", BILLING, (100, 1)),
        ("/gateway/v2/ping", GATEWAY, (100, 10)),
        ("/erp/api/status", ERP, (200, 10)),
    ],
)
async def test_beyond_its_limit_a_vendor_answers_429_until_the_next_period(
    http: httpx.AsyncClient, clock: Settable, path: str, headers: dict[str, str], limit_and_period: tuple[int, int]
) -> None:
    limit, period = limit_and_period
    statuses = [(await get(http, path, headers)).status_code for _ in range(limit + 1)]
    assert statuses == [200] * limit + [429]
    refused = await get(http, path, headers)
    assert int(refused.headers["Retry-After"]) == period
    clock.advance(seconds=period)
    assert (await get(http, path, headers)).status_code == 200


async def test_the_gateway_counts_down_to_a_reset_in_seconds(http: httpx.AsyncClient, clock: Settable) -> None:
    clock.advance(seconds=3)
    first, second = [(await get(http, "/gateway/v2/ping", GATEWAY)).headers for _ in range(2)]
    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"], first["RateLimit-Reset"]) == ("100", "99", "7")
    assert second["RateLimit-Remaining"] == "98"


async def test_the_erp_counts_down_to_a_reset_in_unix_seconds(http: httpx.AsyncClient, clock: Settable) -> None:
    clock.advance(seconds=3)
    headers = (await get(http, "/erp/api/status", ERP)).headers
    assert (headers["X-RateLimit-Limit"], headers["X-RateLimit-Remaining"]) == ("200", "199")
    assert int(headers["X-RateLimit-Reset"]) == START.timestamp() + 10


async def test_throttled_billing_answers_429_and_says_when_to_come_back(http: httpx.AsyncClient, world: World) -> None:
    world.switch(Fault.BILLING_THROTTLED)
    answer = await get(http, "/billing/v1/invoices", BILLING)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10")
    assert answer.json()["error"]["code"] == "rate_limit"
    assert (await get(http, "/gateway/v2/payments", GATEWAY)).status_code == 200
    world.switch(Fault.BILLING_THROTTLED)
    assert (await get(http, "/billing/v1/invoices", BILLING)).status_code == 200


async def test_billing_can_answer_200_with_an_error_inside(http: httpx.AsyncClient, world: World) -> None:
    world.switch(Fault.BILLING_ERROR_BODY)
    answer = await get(http, "/billing/v1/invoices", BILLING)
    assert answer.status_code == 200
    assert answer.json().keys() == {"error"}
    world.switch(Fault.BILLING_ERROR_BODY)
    assert "data" in (await get(http, "/billing/v1/invoices", BILLING)).json()


async def test_a_revoked_credential_is_refused_until_it_is_given_back(http: httpx.AsyncClient, world: World) -> None:
    world.switch(Fault.CREDENTIAL_REVOKED)
    answer = await get(http, "/billing/v1/invoices", BILLING)
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")
    world.switch(Fault.CREDENTIAL_REVOKED)
    assert (await get(http, "/billing/v1/invoices", BILLING)).status_code == 200


async def test_a_stopped_erp_still_answers_with_what_it_has(http: httpx.AsyncClient, world: World) -> None:
    world.switch(Fault.ERP_STOPPED)
    answer = await get(http, "/erp/api/invoices", ERP)
    assert answer.status_code == 200
    assert answer.json()["result"]["items"]


async def test_a_slow_erp_waits_with_its_answer_on_the_clock_it_was_given(
    http: httpx.AsyncClient, world: World, clock: Settable
) -> None:
    await get(http, "/erp/api/status", ERP)
    assert clock.now() == START
    world.switch(Fault.ERP_SLOW)
    await get(http, "/erp/api/status", ERP)
    assert clock.now() - START == timedelta(seconds=1.2)


async def test_declined_payments_are_listed_as_declined(http: httpx.AsyncClient, world: World, clock: Settable) -> None:
    world.switch(Fault.GATEWAY_DECLINES)
    clock.advance(seconds=20)
    page = (await get(http, "/gateway/v2/payments", GATEWAY, created_since=START.isoformat())).json()
    assert {item["status"] for item in page["payments"]} == {"declined"}
