"""Contract tests: each shipped connector reads everything that its vendor, as the sandbox plays it, has to tell."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.sandbox.dialects.dialect import Ill
from monitor.sandbox.dialects.plays import PLAYS
from monitor.sandbox.traffic import Kind
from probes.auth import CREDENTIAL_PARTS
from probes.failure import FailureClass, Outcome
from probes.observation import Observation, Record
from tests.connectors.contract import SHIPPED, Played, played
from tests.monitor.sandbox.settable import START

SINCE = START - timedelta(minutes=1)
LONG_AGO = START - timedelta(days=900)
MEMBERS = {"customers", "accounts", "companies", "contacts", "mandates"}


@dataclass(frozen=True)
class Sold:
    """Which list shows which of the clients' doings, by which name of theirs, and what is put before an id."""

    kind: Kind
    client: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Booked:
    """Which list shows what the sync has copied, and in which field it holds the id of the source."""

    field: str = ""
    before: str = ""


CUSTOMER, MERCHANT = "customer", "merchant"
TOLD: dict[str, dict[str, Sold | Booked]] = {
    "adyen": {"transfers": Sold(Kind.PAYMENT, MERCHANT)},
    "chargebee": {
        "invoices": Sold(Kind.INVOICE, CUSTOMER),
        "transactions": Sold(Kind.CHARGE, CUSTOMER),
        "events": Sold(Kind.INVOICE, CUSTOMER, "ev_"),
    },
    "dynamics": {"invoices": Booked("name"), "salesorders": Booked("name")},
    "gocardless": {
        "payments": Sold(Kind.PAYMENT, MERCHANT),
        "events": Sold(Kind.PAYMENT, MERCHANT, "EV-"),
        "payouts": Sold(Kind.PAYMENT, MERCHANT, "PO-"),
        "webhooks": Sold(Kind.PAYMENT, "", "WB-"),
    },
    "hubspot": {
        "invoices": Booked("properties.external_id"),
        "deals": Booked("properties.external_id"),
        "payments": Sold(Kind.PAYMENT, MERCHANT),
    },
    "netsuite": {"invoices": Booked("externalid")},
    "paypal": {
        "transactions": Sold(Kind.PAYMENT, MERCHANT, after="/T0006"),
        "events": Sold(Kind.PAYMENT, MERCHANT, "WH-"),
    },
    "prometheus": {},
    "quickbooks": {"invoices": Booked("DocNumber"), "payments": Booked("DocNumber")},
    "razorpay": {
        "payments": Sold(Kind.PAYMENT, MERCHANT),
        "settlements": Sold(Kind.PAYMENT, "", "setl_"),
        "disputes": Sold(Kind.PAYMENT, "", "disp_"),
    },
    "recurly": {"invoices": Sold(Kind.INVOICE, CUSTOMER), "transactions": Sold(Kind.CHARGE, CUSTOMER)},
    "salesforce": {"orders": Booked("OrderReferenceNumber"), "opportunities": Booked()},
    "statuspage": {},
    "stripe": {
        "invoices": Sold(Kind.INVOICE, CUSTOMER),
        "charges": Sold(Kind.CHARGE, CUSTOMER),
        "events": Sold(Kind.INVOICE, CUSTOMER, "evt_"),
    },
    "xero": {"invoices": Booked("Reference"), "payments": Booked(before="p-")},
    "zuora": {"invoices": Sold(Kind.INVOICE, CUSTOMER), "payments": Sold(Kind.CHARGE, CUSTOMER)},
}
LISTS = [(name, resource) for name, told in TOLD.items() for resource in told]
PAID = {"charges", "transactions", "payments", "transfers"}


def read(observation: Observation) -> dict[str, Record]:
    """The records of a look that came back whole."""
    assert (observation.outcome, observation.reason, observation.whole) == (Outcome.GOOD, "", True)
    return {record.id: record for record in observation.records}


def near(theirs: datetime, ours: datetime) -> bool:
    """Whether an instant was read as exactly as the vendor writes it."""
    return timedelta() <= ours - theirs < timedelta(seconds=1)


@pytest.mark.parametrize("name", SHIPPED)
async def test_who_we_are_is_told(name: str) -> None:
    async with played(name) as one:
        assert read(await one.look()) == {}


@pytest.mark.parametrize(("name", "resource"), [pair for pair in LISTS if isinstance(TOLD[pair[0]][pair[1]], Sold)])
async def test_every_doing_of_the_clients_is_read_with_its_client_time_and_failure(name: str, resource: str) -> None:
    told = TOLD[name][resource]
    assert isinstance(told, Sold)
    async with played(name) as one:
        found = read(await one.look(resource, SINCE))
        # Some vendors leave the second of the lower bound out, which the overlap between two looks makes good.
        orders = one.world.orders(told.kind).since(SINCE + timedelta(seconds=1))
        assert len(orders) > 800
        for order in orders:
            record = found[f"{told.before}{order.id}{told.after}"]
            assert near(record.created, order.created)
            if told.client:
                assert record.client == getattr(order.client, told.client)
            if resource in PAID and one.system.connector.resources[resource].can_fail:
                assert record.failed is order.failed


@pytest.mark.parametrize(("name", "resource"), [pair for pair in LISTS if isinstance(TOLD[pair[0]][pair[1]], Booked)])
async def test_everything_that_was_copied_is_read_with_the_id_of_its_source(name: str, resource: str) -> None:
    told = TOLD[name][resource]
    assert isinstance(told, Booked)
    async with played(name) as one:
        found = read(await one.look(resource, SINCE, *([told.field] if told.field else [])))
        entries = one.world.entries().since(SINCE + timedelta(seconds=1))
        assert len(entries) > 800
        for entry in entries:
            record = found[f"{told.before}{entry.id}"]
            assert record.client == entry.invoice.client.account
            assert near(record.listed, entry.created)
            if told.field:
                assert record.fields == {told.field: entry.invoice.id}


@pytest.mark.parametrize("name", SHIPPED)
async def test_every_list_of_clients_is_read_whole(name: str) -> None:
    async with played(name) as one:
        for resource in MEMBERS & one.system.connector.resources.keys():
            assert len(read(await one.look(resource, LONG_AGO))) == 24


@pytest.mark.parametrize(
    ("name", "resource", "kind", "after"),
    [
        ("stripe", "charges", Kind.CHARGE, ""),
        ("recurly", "transactions", Kind.CHARGE, ""),
        ("paypal", "transactions", Kind.PAYMENT, "/T0006"),
        ("razorpay", "payments", Kind.PAYMENT, ""),
    ],
)
async def test_amounts_in_minor_major_and_written_units_are_read(
    name: str, resource: str, kind: Kind, after: str
) -> None:
    async with played(name) as one:
        found = read(await one.look(resource, SINCE))
        for order in one.world.orders(kind).since(SINCE + timedelta(seconds=1)):
            money = found[f"{order.id}{after}"].money
            minor = resource in {"charges", "payments"} and order.client.currency == "jpy"
            assert money is not None
            assert money.currency == order.client.currency.upper()
            assert float(money.amount) == pytest.approx(order.amount if minor else order.amount / 100)


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.answers("formbricks/formbricks#5842", "cloudfoundry/capi-release#166")
async def test_a_throttled_vendor_is_unknown_and_never_bad(name: str) -> None:
    async with played(name) as one:
        assert (await one.look()).outcome is Outcome.GOOD
        one.ill(Ill.THROTTLED) if name != "stripe" else _exhaust(one)
        throttled = await one.look()
        assert (throttled.outcome, throttled.failure) == (Outcome.THROTTLED, FailureClass.THROTTLED)


def _exhaust(one: Played) -> None:
    for _ in range(PLAYS[one.name].limit):
        one.vendor.meter.count(one.clock.now())


@pytest.mark.parametrize("name", sorted(set(SHIPPED) - {"statuspage", "prometheus"}))
async def test_a_wrong_credential_is_the_credentials_fault(name: str) -> None:
    async with played(name) as one:
        parts = CREDENTIAL_PARTS.get(one.system.connector.auth.kind, ())
        play = PLAYS[name]
        wrong = {key: f"{value}-but-wrong" for key, value in play.secrets.items()}
        refused = await one.look_with(secret="wrong" if play.secret else None, secrets=wrong)
        assert (refused.outcome, refused.failure) == (Outcome.ERROR_OWN, FailureClass.AUTH), refused.reason
        assert set(parts) == set(play.secrets)
        assert "wrong" not in refused.reason


@pytest.mark.parametrize("name", sorted(set(SHIPPED) - {"statuspage", "prometheus", "stripe"}))
async def test_a_credential_that_was_revoked_is_the_credentials_fault(name: str) -> None:
    async with played(name) as one:
        assert (await one.look()).outcome is Outcome.GOOD
        one.ill(Ill.REVOKED)
        refused = await one.look()
        assert (refused.outcome, refused.failure) == (Outcome.ERROR_OWN, FailureClass.AUTH)


@pytest.mark.parametrize("name", sorted(set(SHIPPED) - {"statuspage", "stripe"}))
async def test_an_error_with_status_200_is_an_error(name: str) -> None:
    async with played(name) as one:
        assert (await one.look()).outcome is Outcome.GOOD
        one.ill(Ill.ERROR_INSIDE)
        broken = await one.look()
        assert (broken.outcome, broken.failure) == (Outcome.BAD, FailureClass.BUSINESS)


@pytest.mark.parametrize("name", sorted(set(SHIPPED) - {"stripe"}))
async def test_a_vendor_that_is_down_is_bad(name: str) -> None:
    async with played(name) as one:
        one.ill(Ill.DOWN)
        down = await one.look()
        assert (down.outcome, down.failure) == (Outcome.BAD, FailureClass.SERVER)


HEADROOM = {"gocardless": 1000, "hubspot": 100, "recurly": 1000, "salesforce": 100_000, "xero": None, "zuora": 50_000}


@pytest.mark.parametrize("name", SHIPPED)
async def test_what_is_left_of_the_limit_is_read_where_a_vendor_tells_it_and_not_guessed_elsewhere(name: str) -> None:
    async with played(name) as one:
        news = (await one.look()).news
        assert news.unread == 0
        assert bool(news.allowances) == (name in HEADROOM)
        if name in HEADROOM:
            first = news.allowances[0]
            assert first.limit == HEADROOM[name]
            assert first.remaining is not None
            assert 0 < first.remaining < PLAYS[name].limit


@pytest.mark.parametrize("name", ["xero", "quickbooks"])
async def test_rotating_tokens_are_renewed_for_days(name: str) -> None:
    async with played(name) as one:
        for _ in range(20):
            assert (await one.look()).outcome is Outcome.GOOD
            one.clock.advance(minutes=25)
        assert one.vendor.issuer.granted >= 6  # type: ignore[attr-defined]


async def test_a_session_that_ended_early_is_renewed_at_the_next_look() -> None:
    async with played("salesforce") as one:
        assert (await one.look()).outcome is Outcome.GOOD
        one.clock.advance(minutes=5)
        one.vendor.issuer.living.clear()  # type: ignore[attr-defined]
        refused = await one.look()
        assert (refused.failure, refused.reason) == (
            FailureClass.AUTH,
            "answered 401 Unauthorized: the credential has expired",
        )
        assert (await one.look()).outcome is Outcome.GOOD


async def test_a_report_with_too_many_rows_is_read_in_halves() -> None:
    async with played("paypal") as one:
        object.__setattr__(one.vendor, "most", 700)
        one.clock.advance(minutes=3)
        observation = await one.look("transactions", START - timedelta(minutes=4))
        orders = one.world.orders(Kind.PAYMENT).since(START - timedelta(minutes=3, seconds=59))
        assert {f"{order.id}/T0006" for order in orders} <= read(observation).keys()
        assert observation.requests > 5


async def test_a_vendor_that_declares_an_outage_is_evidence_and_its_components_tell_which() -> None:
    async with played("statuspage") as one:
        one.vendor.broken.add("API")  # type: ignore[attr-defined]
        components = read(await one.look("components"))
        assert [record.code for record in components.values() if record.kinds] == ["major_outage"]
        assert [record.code for record in read(await one.look("incidents")).values()] == ["major"]
        one.ill(Ill.ERROR_INSIDE)
        declared = await one.look()
        assert (declared.failure, declared.reason) == (
            FailureClass.BUSINESS,
            "answered 200 with an error at `status.indicator`",
        )


async def test_a_query_tells_of_each_client_whether_it_is_well_and_each_sample_is_new() -> None:
    async with played("prometheus") as one:
        one.vendor.unwell.add("10001")  # type: ignore[attr-defined]
        first = read(await one.look("samples"))
        assert {record.client for record in first.values() if record.failed} == {"10001"}
        assert len(first) == 24
        one.clock.advance(seconds=30)
        assert not first.keys() & read(await one.look("samples")).keys()


async def test_a_subscription_of_webhooks_that_fails_is_told_by_those_vendors_that_list_it() -> None:
    for name, resource in (("stripe", "undelivered"), ("chargebee", "events"), ("gocardless", "webhooks")):
        async with played(name) as one:
            found = read(await one.look(resource, SINCE)).values()
            failed = [record for record in found if "webhook_failed" in record.kinds]
            assert 0.05 < len(failed) / 1152 < 0.15, name


def test_every_connector_that_ships_is_played() -> None:
    assert set(SHIPPED) == PLAYS.keys() == TOLD.keys()


def test_no_vendor_is_named_in_the_program_except_where_the_sandbox_plays_it(repository: Path) -> None:
    vendors = re.compile(rf"\b({'|'.join(set(SHIPPED) - {'statuspage', 'prometheus'})})\b", re.IGNORECASE)
    files = [file for room in ("probes", "alerts", "runbooks", "monitor") for file in (repository / room).rglob("*.py")]
    outside = [file for file in files if file.parent.name != "dialects"]
    assert len(outside) > 100
    assert [file.name for file in outside if vendors.search(file.read_text(encoding="utf-8"))] == []
