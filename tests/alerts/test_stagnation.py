"""Flows that stand still: by the arrivals that are missing, never by a mere pause, and never twice for one cause."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from alerts.alert import AlertKind, AlertState
from alerts.correlate import grouped
from alerts.draft import Evaluated
from alerts.respond import respond
from probes.batch import Batch
from probes.catalog import Catalog
from probes.patience import Stagnation
from tests.alerts.watch import Watch, record
from tests.cast import ACME, BILLING, BOREAL, CATALOG, COBALT, CONTEXT, DUNE, ERP, INVOICES, NOON, SECOND

KIND = AlertKind.STAGNATION
MINUTE = timedelta(minutes=1)


def watch_of(stagnation: Stagnation = INVOICES.stagnation) -> Watch:
    """Return a watch with other limits for silence."""
    flows = {**CATALOG.flows, INVOICES.id: replace(INVOICES, stagnation=stagnation)}
    catalog = Catalog(tiers=CATALOG.tiers, clients=CATALOG.clients, systems=CATALOG.systems, flows=flows)
    return Watch(catalog=catalog)


class Traffic:
    """An invoice every so often, for the clients in turn, that takes three seconds, and looks as often."""

    def __init__(self, watch: Watch, every: timedelta = 10 * SECOND, start: datetime = NOON) -> None:
        self.watch, self.every, self.now, self.number = watch, every, start, 0
        watch.looks(BILLING, start)
        watch.looks(ERP, start)

    def flows(self, rounds: int, *, arrives: bool = True, made: bool = True) -> None:
        """Let so many rounds pass."""
        for _ in range(rounds):
            self.now += self.every
            self.number += 1
            key, client = f"r{self.number}", (ACME, BOREAL, COBALT)[self.number % 3]
            created = self.now - 3 * SECOND
            self.watch.looks(BILLING, self.now, *([record(key, client, created, at=BILLING)] if made else []))
            self.watch.looks(ERP, self.now, *([record(key, client, self.now, at=ERP)] if made and arrives else []))

    @property
    def state(self) -> AlertState:
        """Where the alert stands."""
        return self.watch.state(KIND, INVOICES.id)


def test_a_standstill_is_found_by_the_arrivals_that_are_missing_and_names_the_stage() -> None:
    traffic = Traffic(watch_of())
    traffic.flows(120)
    assert traffic.state is AlertState.INACTIVE
    # One every ten seconds: 9.2 are missing after a minute and a half.
    traffic.flows(9, arrives=False)
    assert traffic.watch.state(KIND, INVOICES.id) is AlertState.INACTIVE
    traffic.flows(3, arrives=False)
    alert = traffic.watch.alerts[f"{KIND}/invoices"]
    assert alert.state is AlertState.FIRING
    assert alert.explanation == (
        "nothing has arrived at erp.invoices for 100 s while 11 records wait between billing.invoices and it, "
        "the oldest since 12:20:07 UTC; 10 would have arrived at the rate of the last hour (6/min)"
    )
    assert alert.clients == {ACME, BOREAL, COBALT}
    assert alert.onset == NOON + timedelta(minutes=20, seconds=7)


def test_it_ends_when_something_arrives_again() -> None:
    traffic = Traffic(watch_of())
    traffic.flows(120)
    traffic.flows(15, arrives=False)
    traffic.flows(1)
    alert = traffic.watch.alerts[f"{KIND}/invoices"]
    assert alert.state is AlertState.RESOLVED
    assert alert.cleared == traffic.now + timedelta(milliseconds=200)


def test_a_flow_that_has_nothing_to_carry_does_not_stand_still() -> None:
    traffic = Traffic(watch_of())
    traffic.flows(120)
    traffic.flows(200, made=False)
    assert traffic.state is AlertState.INACTIVE
    # After the pause one record is on its way, as it always is at first.
    traffic.flows(1, arrives=False)
    assert traffic.state is AlertState.INACTIVE


@pytest.mark.parametrize("seen", [BILLING, ERP])
def test_while_an_end_cannot_be_seen_nothing_is_said(seen: str) -> None:
    traffic = Traffic(watch_of())
    traffic.flows(120)
    for number in range(60):
        at = traffic.now + number * 10 * SECOND
        if seen == BILLING:
            traffic.watch.looks(BILLING, at, record(f"w{number}", ACME, at, at=BILLING))
        else:
            traffic.watch.looks(ERP, at)
    assert traffic.state is AlertState.INACTIVE


def test_never_before_the_floor_and_always_after_the_ceiling() -> None:
    busy = Traffic(watch_of(Stagnation(at_least=5 * MINUTE)))
    busy.flows(120)
    busy.flows(28, arrives=False)
    quiet = Traffic(watch_of(Stagnation(at_most=2 * MINUTE)))
    quiet.flows(11, arrives=False)
    assert (busy.state, quiet.state) == (AlertState.INACTIVE, AlertState.INACTIVE)
    busy.flows(5, arrives=False)
    quiet.flows(4, arrives=False)
    assert (busy.state, quiet.state) == (AlertState.FIRING, AlertState.FIRING)
    # Nothing had ever arrived, so there is no rate to tell of.
    assert "would have arrived" not in quiet.watch.alerts[f"{KIND}/invoices"].explanation


def test_it_shares_the_incident_and_the_page_of_records_that_are_late_on_the_same_flow() -> None:
    traffic = Traffic(watch_of())
    traffic.flows(120)
    traffic.flows(30, arrives=False)
    firing = [alert for alert in traffic.watch.alerts.values() if alert.state is AlertState.FIRING]
    assert {alert.key.kind for alert in firing} == {KIND, AlertKind.SYNC_LATENCY}
    assert len(grouped(firing, ())) == 1

    alerts = {str(alert.key): alert for alert in firing}
    stands = replace(alerts[f"{KIND}/invoices"], clients=frozenset({ACME, DUNE}))
    first = Evaluated(moved=(stands,), alerts={str(stands.key): stands}, backlog=frozenset())
    (begun,) = respond(first, {}, CONTEXT, 1, traffic.now).drafts
    assert begun.incident.impacts.keys() == {ACME, DUNE}
    pages = len([message for message in begun.messages if message.client is None])
    second = Evaluated(moved=tuple(firing), alerts=alerts, backlog=frozenset())
    (joined,) = respond(second, {begun.incident.id: begun.incident}, CONTEXT, 2, traffic.now + SECOND).drafts
    assert pages == 1
    assert [message for message in joined.messages if message.client is None] == []
    assert joined.incident.impacts.keys() == {ACME, BOREAL, COBALT, DUNE}


def test_an_alert_of_a_flow_that_has_become_a_batch_flow_is_retired() -> None:
    traffic = Traffic(watch_of())
    traffic.flows(120)
    traffic.flows(15, arrives=False)
    nightly = replace(INVOICES, batch=Batch(begins=time(1), finished_by=time(6)))
    flows = {INVOICES.id: nightly}
    traffic.watch.catalog = Catalog(tiers=CATALOG.tiers, clients=CATALOG.clients, systems=CATALOG.systems, flows=flows)
    traffic.watch.waits(traffic.now + MINUTE)
    assert traffic.state is AlertState.RESOLVED
