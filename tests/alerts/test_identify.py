"""Whose records a look showed: what is nobody's is counted by its identifier, and hurts nobody."""

from dataclasses import replace

import pytest

from probes.catalog import Catalog, ClientId, SystemId
from probes.identity import Identity, Rule, RuleKind
from probes.observation import Record
from probes.status import Status
from tests.alerts.watch import Watch, record
from tests.cast import ACME, BILLING, BOREAL, CATALOG, COBALT, ERP, INVOICES, NOON, after


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


def says(key: str, client: ClientId, word: str, at: SystemId) -> Record:
    """Return a record that says how its client stands."""
    one = record(key, client, after(seconds=-60), at=at)
    return replace(one, fields={**one.fields, "state": word})


@pytest.fixture
def comparing(watch: Watch) -> Watch:
    """Return a watch over two systems that say how clients stand."""
    words = {BILLING: {"active": "active", "canceled": "inactive"}, ERP: {"engaged": "active"}}
    told = {
        system: replace(
            CATALOG.systems[system],
            identity=Identity(status=Status(resource=INVOICES.id, field="state", words=declared)),
        )
        for system, declared in words.items()
    }
    systems = {**CATALOG.systems, **told}
    watch.catalog = Catalog(tiers=CATALOG.tiers, clients=CATALOG.clients, systems=systems, flows=CATALOG.flows)
    return watch


def test_a_status_that_two_systems_call_differently_is_no_conflict_where_that_is_declared(comparing: Watch) -> None:
    comparing.looks(BILLING, NOON, says("a", ACME, "active", BILLING), says("b", BOREAL, "canceled", BILLING))
    assert "status/billing" not in comparing.indicators, "nothing to compare with yet"
    seen = (says("a", ACME, "engaged", ERP), says("b", BOREAL, "engaged", ERP), says("c", COBALT, "engaged", ERP))
    comparing.looks(ERP, after(minutes=1), *seen)
    assert comparing.indicators["status/erp"].tally.totals(after(minutes=1)) == (1, 1)


def test_an_undeclared_word_is_known_and_counts_for_nothing(comparing: Watch) -> None:
    comparing.looks(BILLING, NOON, says("a", ACME, "active", BILLING))
    assessment = comparing.looks(ERP, after(minutes=1), says("a", ACME, "asleep", ERP))
    assert (assessment.statuses[ACME].word, assessment.statuses[ACME].meaning) == ("asleep", None)
    assert "status/erp" not in comparing.indicators


def test_of_several_records_of_a_client_the_latest_says_how_it_stands(comparing: Watch) -> None:
    old = replace(says("a", ACME, "active", BILLING), created=after(hours=-2))
    new = says("b", ACME, "canceled", BILLING)
    assert comparing.looks(BILLING, NOON, new, old).statuses[ACME].meaning == "inactive"
