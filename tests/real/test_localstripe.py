"""`tierwatch run` with localstripe as the billing system: what happens there is seen with right counts per client."""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.real.localstripe import FAILING_CARD, GOOD_CARD, KEY, WEBHOOKS, Localstripe, localstripe
from tests.real.process import ROOT, Served, Vendors, eventually, tierwatch, vendors

pytestmark = pytest.mark.story

FILE = Path(__file__).parent / "configuration" / "localstripe.yaml"
ERP = ROOT / "monitor" / "sandbox" / "configuration" / "connectors" / "erp.yaml"

CHARGES = {"steady": (130, 0), "hapless": (4, 9), "unlucky": (7, 1), "quiet": (0, 0)}
"""Charges that go well and that fail, per client: more than a page of a hundred in all."""

INVOICES = {"steady": 3, "hapless": 2, "unlucky": 1, "quiet": 0}
"""Invoices by subscription, per client. Each makes one charge of the client's first card."""

FIRST_CARD = {"hapless": FAILING_CARD}
GOOD = {"steady": 133.0, "hapless": 4.0, "unlucky": 8.0, "quiet": 0.0}
BAD = {"steady": 0.0, "hapless": 11.0, "unlucky": 1.0, "quiet": 0.0}
STRANGERS_CHARGES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Everything that runs, after the charges and invoices above were made."""

    served: Served
    sandbox: Vendors
    billing: Localstripe
    customers: Mapping[str, str]

    def samples(self, metric: str) -> list[Sample]:
        """Return the samples of a metric as they are now."""
        families = text_string_to_metric_families(self.served.get("/metrics").text)
        return [sample for family in families for sample in family.samples if sample.name == metric]

    def counted(self, metric: str) -> dict[str, float]:
        """Return a metric's values by client."""
        return {sample.labels["client"]: sample.value for sample in self.samples(metric)}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Return a shop whose charges were made half before and half after Tierwatch began to watch."""
    folder = tmp_path_factory.mktemp("localstripe")
    with localstripe() as billing, vendors() as sandbox:
        customers = {client: billing.customer() for client in CHARGES}
        for client, customer in customers.items():
            billing.card(customer, FIRST_CARD.get(client, GOOD_CARD))
        secrets = configured(folder / "config", billing, sandbox, customers)
        charge(billing, customers, half=0)
        with tierwatch(folder / "config", folder / "data", secrets) as served:
            # Hapless charges have failed before we came, so billing may be seen and be failing.
            seen = {"OK", "failing"}
            eventually(lambda: {one["state"] for one in served.items("/api/v1/systems")} <= seen, "both were seen")
            charge(billing, customers, half=1)
            billing.post_to(f"{served.address}/in/webhook/billing")
            plan = billing.plan()
            for client, count in INVOICES.items():
                for _ in range(count):
                    billing.subscribe(customers[client], plan)
            yield Shop(served=served, sandbox=sandbox, billing=billing, customers=customers)


def configured(folder: Path, billing: Localstripe, sandbox: Vendors, customers: Mapping[str, str]) -> dict[str, str]:
    """Write the configuration; return the secrets that it refers to."""
    (folder / "connectors").mkdir(parents=True)
    shutil.copy(ERP, folder / "connectors")
    values = {client.upper(): customer for client, customer in customers.items()}
    values |= {"LOCALSTRIPE": billing.address, "SANDBOX": sandbox.addresses.http}
    text = re.sub(r"\b[A-Z]+\b", lambda found: values.get(found[0], found[0]), FILE.read_text("utf-8"))
    (folder / "all.yaml").write_text(text, encoding="utf-8")
    desk = f"json://{sandbox.addresses.http.removeprefix('http://')}/inbox/hapless-desk"
    return {**sandbox.secrets, "LOCALSTRIPE_KEY": KEY, "LOCALSTRIPE_WEBHOOKS": WEBHOOKS, "HAPLESS_DESK": desk}


def charge(billing: Localstripe, customers: Mapping[str, str], *, half: int) -> None:
    """Make every other of the charges, and one for a customer who is nobody's client."""
    for client, (good, bad) in CHARGES.items():
        for number, wanted in ((GOOD_CARD, good), (FAILING_CARD, bad)):
            card = billing.card(customers[client], number)
            for _ in range((wanted + half) // 2):
                assert billing.charge(customers[client], card) == (number == GOOD_CARD)
    stranger = billing.customer()
    assert billing.charge(stranger, billing.card(stranger, GOOD_CARD))


def test_charges_are_counted_by_client_and_by_how_they_ended(shop: Shop) -> None:
    eventually(lambda: charges(shop) == (GOOD, BAD), "every charge")


def test_looking_on_counts_nothing_twice(shop: Shop) -> None:
    eventually(lambda: charges(shop) == (GOOD, BAD), "every charge")
    looked = looks(shop)
    eventually(lambda: looks(shop) > looked + 5, "five more looks")
    assert charges(shop) == (GOOD, BAD)


def test_a_charge_of_nobodys_client_is_counted_apart(shop: Shop) -> None:
    def strangers() -> list[float]:
        found = shop.samples("tierwatch_unknown_client_records_total")
        return [one.value for one in found if one.labels["system"] == "billing"]

    eventually(lambda: strangers() == [STRANGERS_CHARGES], "the strangers' charges")


def test_invoices_are_counted_by_client(shop: Shop) -> None:
    wanted = {client: float(count) for client, count in INVOICES.items()}
    eventually(lambda: shop.counted("tierwatch_sync_unsynced_records") == wanted, "every invoice")
    standings = {one["client"]: one["unsynced"] for one in shop.served.items("/api/v1/flows")[0]["standings"]}
    assert {client: standings.get(client, 0) for client in INVOICES} == INVOICES


def test_webhooks_are_taken_as_they_are_signed_by_somebody_else(shop: Shop) -> None:
    def ended() -> dict[str, float]:
        return {one.labels["result"]: one.value for one in shop.samples("tierwatch_webhooks_total") if one.value}

    made = float(sum(INVOICES.values()))
    eventually(lambda: ended() == {"stored": made}, "a webhook of every invoice, and none refused")
    assert [one.value for one in shop.samples("tierwatch_webhook_last_received_timestamp_seconds")] != []


def test_the_client_whose_charges_fail_and_nobody_else_has_an_incident(shop: Shop) -> None:
    (incident,) = eventually(lambda: shop.served.items("/api/v1/incidents"), "an incident")
    detail = shop.served.get(f"/api/v1/incidents/{incident['id']}").json()
    assert [impact["client"] for impact in detail["impacts"]] == ["hapless"]
    assert detail["tier"] == "gold"
    firing = [one for one in shop.served.items("/api/v1/alerts") if one["state"] == "firing"]
    assert [(one["kind"], one["subject"], one["client"]) for one in firing] == [("failure_ratio", "billing", "hapless")]
    assert firing[0]["incident"] == incident["id"]


def test_the_api_shows_the_clients_failures_against_its_contract(shop: Shop) -> None:
    measured = eventually(lambda: failures(shop, "hapless"), "the client's failures")
    assert (measured["bad"], measured["total"], measured["kept"]) == (11, 15, False)
    steady = failures(shop, "steady")
    assert (steady["bad"], steady["total"], steady["kept"]) == (0, 133, True)


def test_the_page_and_the_clients_notice_arrive(shop: Shop) -> None:
    eventually(lambda: {"madrid-1-pager", "hapless-desk"} <= shop.sandbox.inbox()["boxes"].keys(), "page and notice")
    said = shop.served.said.read_text(encoding="utf-8")
    assert KEY not in said
    assert WEBHOOKS not in said
    assert not [customer for customer in shop.customers.values() if customer in said]


def charges(shop: Shop) -> tuple[dict[str, float], dict[str, float]]:
    """Return the charges that were counted by client, those that went well and those that failed."""
    return shop.counted("tierwatch_records_good_total"), shop.counted("tierwatch_records_bad_total")


def looks(shop: Shop) -> float:
    """Return how often billing was looked at."""
    runs = shop.samples("tierwatch_probe_runs_total")
    return sum(one.value for one in runs if (one.labels["system"], one.labels["outcome"]) == ("billing", "good"))


def failures(shop: Shop, client: str) -> dict[str, Any]:
    """Return what the API says of a client's failure ratio."""
    measures: list[dict[str, Any]] = shop.served.get(f"/api/v1/clients/{client}").json()["measures"]
    return next(one for one in measures if one["kind"] == "failure_ratio")
