"""Data that is not as asserted: a ticket of its own for each assertion, which says the list and the field, no value."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from alerts.alert import AlertKind, AlertState, Urgency
from alerts.evaluate import length
from probes.assertion import Assertion, AssertionKind, Totals
from probes.catalog import Catalog, SystemId
from probes.connector import Amount, Connector, Resource
from probes.failure import FailureClass
from probes.money import Money
from probes.observation import Record
from tests.alerts.watch import Watch, record
from tests.cast import ACME, BILLING, BOREAL, CATALOG, ERP, HOUR, INVOICES, MINUTE, NOON, after

NUMBER = Assertion(kind=AssertionKind.REQUIRED, field="number", over=HOUR)
KEY = "data_quality/billing.invoices:required:number"


def watching(*assertions: Assertion, totals: Totals | None = None) -> Watch:
    """Return a watch over invoices of which something is asserted, with amounts at both ends of their flow."""
    amount = Amount(path="amount", currency="EUR")
    lists = {
        system: Resource(
            name="invoices",
            path="/",
            records_path="data",
            amount=amount,
            assertions=assertions if system == BILLING else (),
        )
        for system in (BILLING, ERP)
    }
    systems = {
        name: replace(CATALOG.systems[name], connector=Connector(name=name, resources={"invoices": one}))
        for name, one in lists.items()
    }
    flows = {INVOICES.id: replace(INVOICES, totals=totals)}
    systems = {**CATALOG.systems, **systems}
    return Watch(catalog=Catalog(tiers=CATALOG.tiers, clients=CATALOG.clients, systems=systems, flows=flows))


def invoice(key: str, at: datetime, number: str | None = "secret") -> Record:
    return replace(record(key, ACME, at, at=BILLING), asserted={"number": number})


def looks(watch: Watch, at: datetime, *numbers: str | None) -> None:
    watch.looks(BILLING, at, *(invoice(f"{at}-{place}", at, one) for place, one in enumerate(numbers)))


def test_a_required_field_that_is_empty_is_a_ticket_that_names_list_field_and_numbers_and_no_value() -> None:
    watch = watching(NUMBER)
    looks(watch, NOON, "secret", "secret", None)
    alert = watch.alerts[KEY]
    assert (alert.state, alert.urgency, alert.system) == (AlertState.FIRING, Urgency.TICKET, BILLING)
    assert alert.explanation == "1 of 3 records of billing.invoices have nothing at number in 1 h, allowed none"


def test_an_assertion_that_says_page_pages() -> None:
    watch = watching(replace(NUMBER, page=True))
    looks(watch, NOON, None)
    assert watch.alerts[KEY].urgency is Urgency.PAGE


def test_a_share_that_is_allowed_alarms_when_it_is_exceeded_and_no_accident() -> None:
    watch = watching(replace(NUMBER, at_most=0.05))
    looks(watch, NOON, *["x"] * 18, None, None)
    assert watch.alerts[KEY].state is AlertState.PENDING
    looks(watch, after(minutes=1), *["x"] * 18, *[None] * 10)
    assert (
        watch.alerts[KEY].explanation
        == "12 of 48 records of billing.invoices have nothing at number in 1 h, allowed 5 %"
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            AssertionKind.UNIQUE,
            "2 of 2 records of billing.invoices share their number with another one in 1 h, allowed none",
        ),
        (AssertionKind.MONOTONIC, "number went back 1 times in 2 records of billing.invoices in 1 h, allowed none"),
    ],
)
def test_each_kind_has_its_sentence(kind: AssertionKind, said: str) -> None:
    watch = watching(replace(NUMBER, kind=kind))
    numbers = ("7", "7") if kind is AssertionKind.UNIQUE else ("7", "6")
    watch.looks(BILLING, NOON, *(invoice(str(place), after(seconds=place), one) for place, one in enumerate(numbers)))
    (alert,) = watch.alerts.values()
    assert alert.explanation == said


def test_records_that_came_twice_with_two_contents_are_told() -> None:
    watch = watching(Assertion(kind=AssertionKind.SAME, over=HOUR))
    twice = [replace(record("1", ACME, NOON, at=BILLING), asserted={"": content}) for content in "xy"]
    watch.looks(BILLING, NOON, *twice)
    said = "1 of 1 records of billing.invoices came twice in one look, with different contents in 1 h, allowed none"
    assert watch.alerts["data_quality/billing.invoices:same"].explanation == said


def test_it_ends_by_records_that_are_right_and_not_by_silence() -> None:
    watch = watching(NUMBER)
    looks(watch, NOON, None)
    looks(watch, after(minutes=1))
    watch.looks(BILLING, after(minutes=2), failure=FailureClass.TIMEOUT)
    watch.waits(after(minutes=3), [BILLING])
    assert watch.alerts[KEY].state is AlertState.FIRING
    looks(watch, after(minutes=4), *["x"] * 8)
    assert watch.alerts[KEY].state is AlertState.RESOLVED


@pytest.mark.answers("erikdarlingdata/PerformanceMonitor#3328")
def test_a_look_that_shows_the_same_records_again_counts_nothing_twice() -> None:
    """Every threshold counts distinct records."""
    watch = watching(NUMBER)
    looks(watch, NOON, "x", "x")
    before = watch.indicators["data_quality/billing.invoices:required:number"].tally
    looks(watch, after(minutes=1))
    assert watch.indicators["data_quality/billing.invoices:required:number"].tally == before


def test_what_is_no_longer_asserted_ends_its_alert() -> None:
    watch = watching(NUMBER)
    looks(watch, NOON, None)
    watch.catalog = CATALOG
    watch.waits(after(minutes=1))
    assert watch.alerts[KEY].explanation == "no longer configured"


# Totals


TOTALS = Totals(over=HOUR, settling=MINUTE)
ADDED_UP = "data_quality/invoices:totals"


def sent(key: str, at: datetime, amount: str, system: SystemId = BILLING) -> Record:
    one = record(key, ACME, at, at=system)
    return replace(one, money=Money(amount=Decimal(amount), currency="EUR"))


def travelled(watch: Watch, minutes: int, amounts: dict[int, str] | None = None, skip: int | None = None) -> None:
    """Let an invoice of ten euros a minute travel in twenty seconds; `amounts` are those that the ERP has otherwise."""
    for minute in range(minutes):
        at = after(minutes=minute)
        watch.looks(BILLING, at + timedelta(seconds=5), sent(f"i{minute}", at, "10.00"))
        arrived = [sent(f"i{minute}", at + timedelta(seconds=20), (amounts or {}).get(minute, "10.00"), ERP)]
        watch.looks(ERP, at + timedelta(seconds=30), *(arrived if minute != skip else ()))


def test_totals_that_agree_are_no_alert_while_records_are_on_their_way() -> None:
    watch = watching(totals=TOTALS)
    travelled(watch, 40)
    assert ADDED_UP not in watch.alerts


def test_a_sum_that_drifts_is_told_by_its_difference_and_when_it_began() -> None:
    watch = watching(totals=TOTALS)
    travelled(watch, 40, amounts={20: "9.95"})
    alert = watch.alerts[ADDED_UP]
    assert alert.state is AlertState.FIRING
    assert abs(alert.onset - after(minutes=20)) <= 2 * MINUTE
    assert "billing.invoices and erp.invoices differ by " in alert.explanation
    assert alert.explanation.endswith(" in 1 h: the sum in EUR is off by 0.05; allowed nothing")


def test_a_record_that_never_arrives_is_missing_from_the_count() -> None:
    watch = watching(totals=TOTALS)
    travelled(watch, 40, skip=20)
    assert " records in EUR; allowed nothing" in watch.alerts[ADDED_UP].explanation


def test_a_drift_within_what_is_allowed_is_none() -> None:
    watch = watching(totals=replace(TOTALS, at_most=0.01))
    travelled(watch, 40, amounts={20: "9.95"})
    assert ADDED_UP not in watch.alerts


def test_nothing_is_held_against_an_end_that_cannot_be_seen() -> None:
    watch = watching(totals=TOTALS)
    travelled(watch, 10)
    for minute in range(10, 40):
        at = after(minutes=minute)
        watch.looks(BILLING, at + timedelta(seconds=5), sent(f"i{minute}", at, "10.00"))
        watch.looks(ERP, at + timedelta(seconds=30), failure=FailureClass.TIMEOUT)
    assert ADDED_UP not in watch.alerts


def test_a_record_that_is_shown_again_is_not_added_up_again() -> None:
    watch = watching(totals=TOTALS)
    travelled(watch, 30)
    again = replace(sent("i10", after(minutes=10), "10.00"), client=f"{BILLING}-{BOREAL}")
    watch.looks(BILLING, after(minutes=30, seconds=5), again)
    watch.looks(ERP, after(minutes=34, seconds=30))
    watch.looks(BILLING, after(minutes=34, seconds=35))
    assert ADDED_UP not in watch.alerts


def test_the_ledger_agrees_again_once_what_differed_has_left_the_window() -> None:
    watch = watching(totals=replace(TOTALS, over=20 * MINUTE))
    travelled(watch, 50, amounts={15: "9.95"})
    assert watch.state(AlertKind.DATA_QUALITY, "invoices:totals") is AlertState.RESOLVED


def test_a_window_is_told_in_its_own_unit() -> None:
    assert [length(one) for one in (24 * HOUR, HOUR, 90 * MINUTE, timedelta(seconds=90))] == [
        "1 d",
        "1 h",
        "90 min",
        "90 s",
    ]
