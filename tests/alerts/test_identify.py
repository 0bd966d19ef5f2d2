"""Whose records a look showed: what is nobody's is counted by its identifier, and hurts nobody."""

from dataclasses import replace

import pytest

from probes.catalog import Catalog, ClientId
from probes.identity import Identity, Rule, RuleKind
from probes.observation import Record
from tests.alerts.watch import Watch, record
from tests.cast import ACME, BILLING, BOREAL, CATALOG, NOON, after


def invoice(key: str, created: float, client: ClientId | None = ACME) -> Record:
    return record(key, client, after(seconds=created), at=BILLING)


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_identifiers_that_are_nobodys_are_counted_each_by_itself(watch: Watch) -> None:
    nobody = [replace(invoice(name, 0), client="cus_9") for name in "ab"]
    assessment = watch.looks(BILLING, NOON, *nobody, invoice("c", 0, None), invoice("d", 0))
    assert assessment.strangers == {"cus_9": 2, "nobody we know": 1}
    assert assessment.unknown_clients == 3


def test_the_share_of_records_that_are_somebodys_is_an_indicator_of_the_system(watch: Watch) -> None:
    watch.looks(BILLING, NOON, invoice("a", 0), invoice("b", 0, BOREAL), invoice("c", 0, None))
    watch.looks(BILLING, after(hours=1), invoice("d", 3600, ACME))
    watch.looks(BILLING, after(hours=2))
    indicator = watch.indicators["identity/billing"]
    assert indicator.tally.totals(after(hours=2)) == (3, 1)
    assert indicator.tally.totals(after(days=1, minutes=30)) == (1, 0)


def test_an_identifier_written_in_another_way_is_the_clients_where_the_rules_say_so(watch: Watch) -> None:
    shouted = replace(invoice("a", 0), client=f" BILLING-{ACME.upper()}")
    assert watch.looks(BILLING, NOON, shouted).unknown_clients == 1
    rules = (Rule(kind=RuleKind.TRIM), Rule(kind=RuleKind.CASE_FOLD))
    billing = replace(CATALOG.systems[BILLING], identity=Identity(rules=rules))
    systems = {**CATALOG.systems, BILLING: billing}
    watch.catalog = Catalog(tiers=CATALOG.tiers, clients=CATALOG.clients, systems=systems, flows=CATALOG.flows)
    assert watch.looks(BILLING, NOON, shouted).unknown_clients == 0
