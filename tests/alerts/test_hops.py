"""Flows over several hops: the promise is for the whole way, and the hop that records are stuck on is named."""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.alert import AlertKind, AlertState
from probes.catalog import ClientId, End, Flow, FlowId, Hop, SystemId
from probes.observation import Record
from tests.alerts.watch import Watch
from tests.cast import ACME, BILLING, CATALOG, CRM, ERP, NOON, SECOND

FIRST, SECOND_HOP = FlowId("orders.crm-billing"), FlowId("orders.billing-erp")
ORDERS = FlowId("orders")
HOPS = {
    FIRST: Flow(
        id=FIRST,
        source=End(system=CRM, resource="invoices", field="deal"),
        destination=End(system=BILLING, resource="invoices", field="deal"),
        hop=Hop(chain=ORDERS, number=1, enters=CRM, last=False),
    ),
    SECOND_HOP: Flow(
        id=SECOND_HOP,
        source=End(system=BILLING, resource="invoices", field="invoice"),
        destination=End(system=ERP, resource="invoices", field="invoice"),
        hop=Hop(chain=ORDERS, number=2, enters=CRM, last=True, before=FIRST),
    ),
}
KNOWN = {
    name: replace(one, identifiers={**one.identifiers, CRM: (f"crm-{name}",)}) for name, one in CATALOG.clients.items()
}


def watch() -> Watch:
    return Watch(catalog=replace(CATALOG, flows=HOPS, clients=KNOWN))


def seen(number: int, at: float, where: SystemId, client: ClientId | None = ACME) -> Record:
    name = f"{where}-{client}" if client else "somebody"
    fields = {"deal": f"d{number}", "invoice": f"i{number}"}
    return Record(id=f"{where}-{number}", client=name, created=NOON + at * SECOND, fields=fields)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_promise_of_a_later_hop_runs_from_where_the_record_entered() -> None:
    day = watch()
    for system in (CRM, BILLING, ERP):
        day.looks(system, at(0))
    day.looks(CRM, at(2), seen(1, 1, CRM))
    day.looks(BILLING, at(15), seen(1, 14, BILLING))
    (one,) = day.books[SECOND_HOP].open(ACME)
    assert (one.created, one.since) == (at(14), at(1))
    day.looks(ERP, at(22))
    assert day.books[SECOND_HOP].standings()[ACME].overdue == 1, (
        "twenty seconds after it entered, not after this hop began"
    )
    assert not day.books[FIRST].standings(), "the first hop did its part in time"


def test_a_record_that_was_late_on_one_hop_is_not_held_against_the_next() -> None:
    day = watch()
    for system in (CRM, BILLING, ERP):
        day.looks(system, at(0))
    day.looks(CRM, at(2), seen(1, 1, CRM))
    day.looks(BILLING, at(30))
    assert day.books[FIRST].standings()[ACME].overdue == 1
    day.looks(BILLING, at(60), seen(1, 59, BILLING))
    day.looks(ERP, at(62))
    assert day.books[SECOND_HOP].standings()[ACME].overdue == 0
    day.looks(ERP, at(65), seen(1, 64, ERP))
    assert day.books[SECOND_HOP].pace.entire, "how long the whole way took is known"
    day.waits(at(90))
    assert day.state(AlertKind.SYNC_LATENCY, SECOND_HOP, ACME) is AlertState.INACTIVE


def test_whose_a_record_is_is_known_from_the_hop_before_where_a_system_does_not_tell() -> None:
    day = watch()
    day.looks(CRM, at(2), seen(1, 1, CRM))
    day.looks(BILLING, at(5), seen(1, 4, BILLING, client=None))
    assert [one.client for one in day.books[SECOND_HOP].open(ACME)] == [ACME]


def test_an_alert_names_the_hop_on_which_records_are_stuck_and_since_when() -> None:
    day = watch()
    for system in (CRM, BILLING, ERP):
        day.looks(system, at(0))
    day.looks(CRM, at(5), *(seen(number, number, CRM) for number in (1, 2, 3)))
    day.looks(BILLING, at(8), *(seen(number, number + 2, BILLING) for number in (1, 2, 3)))
    for seconds in range(10, 60, 5):
        day.looks(ERP, at(seconds))
        day.waits(at(seconds + 1))
    alert = day.alerts[f"sync_latency/{SECOND_HOP}/{ACME}"]
    assert alert.state is AlertState.FIRING
    assert alert.explanation.startswith(
        "3 records are stuck between billing and erp on the way orders, the oldest for "
    )
    assert f"flow:{ORDERS}" in alert.nodes
    assert day.state(AlertKind.SYNC_LATENCY, FIRST, ACME) is AlertState.INACTIVE
