"""Whose trouble a failure is, as alerts say it."""

from dataclasses import replace

from alerts.alert import AlertKind, AlertState, Urgency
from probes.catalog import Catalog, ClientId, System, SystemId
from probes.connector import Connector
from probes.failure import FailureClass
from probes.observation import Record
from tests.alerts.watch import Watch, record
from tests.cast import ACME, BOREAL, CATALOG, ERP, GATEWAY, LEDGER, NOON, SECOND, SYSTEMS, after

EGRESS, DOWN, DECLARED = AlertKind.EGRESS, AlertKind.AVAILABILITY, AlertKind.DECLARED_OUTAGE
SPARE, PAGE = SystemId("erp-2"), SystemId("erp-status")
SAME = {SPARE: replace(SYSTEMS[ERP], id=SPARE)}
TOLD = {
    ERP: replace(SYSTEMS[ERP], status_page=PAGE),
    PAGE: replace(SYSTEMS[ERP], id=PAGE, connector=Connector(name="statuspage"), base_url="https://status.example.com"),
}


def watching(more: dict[SystemId, System]) -> Watch:
    known = CATALOG
    systems = {**SYSTEMS, **more}
    return Watch(catalog=Catalog(tiers=known.tiers, clients=known.clients, systems=systems, flows=known.flows))


def cut(watch: Watch) -> None:
    for second, system in enumerate((ERP, GATEWAY, LEDGER)):
        watch.looks(system, after(seconds=second), failure=FailureClass.EGRESS)


def test_our_own_network_is_one_alert_and_no_system_is_down_or_blind_for_it() -> None:
    watch = Watch()
    cut(watch)
    watch.waits(after(minutes=30), (ERP, GATEWAY, LEDGER))
    assert watch.states() == {"egress/network": AlertState.FIRING}
    assert watch.alerts["egress/network"].explanation == "nothing outside can be reached since 12:00:00 UTC: egress"
    assert watch.alerts["egress/network"].onset == NOON


def test_answers_show_that_our_own_network_works_again_also_bad_ones() -> None:
    watch = Watch()
    cut(watch)
    for second in range(10, 17):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.SERVER if second == 10 else None)
    alert = watch.alerts["egress/network"]
    assert (alert.state, alert.cleared) == (AlertState.RESOLVED, after(seconds=10.2))


def test_a_look_without_an_answer_says_nothing_of_our_own_network() -> None:
    watch = Watch()
    cut(watch)
    for second in range(10, 30):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.TIMEOUT)
    assert watch.state(EGRESS, "network") is AlertState.FIRING


def test_an_account_that_fails_alone_is_told_from_a_vendor_that_fails() -> None:
    alone, vendor = watching(SAME), watching(SAME)
    for second in range(3):
        alone.looks(SPARE, after(seconds=second + 0.1))
        vendor.looks(SPARE, after(seconds=second + 0.1), failure=FailureClass.SERVER)
        for watch in (alone, vendor):
            watch.looks(ERP, after(seconds=second), failure=FailureClass.SERVER)
    assert alone.alerts["availability/erp"].explanation.endswith(
        "; 1 other erp account answers: this account's trouble"
    )
    assert vendor.alerts["availability/erp"].explanation.endswith(
        "; 1 other erp account fails too: the vendor's trouble"
    )


def test_a_status_page_is_evidence_in_the_sentence_and_a_ticket_of_its_own_but_pages_nobody() -> None:
    watch = watching(TOLD)
    for second in range(3):
        watch.looks(PAGE, after(seconds=second), failure=FailureClass.BUSINESS)
    for second in range(10, 13):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.SERVER)
    ticket = watch.alerts["declared_outage/erp-status"]
    assert (ticket.state, ticket.urgency) == (AlertState.FIRING, Urgency.TICKET)
    assert ticket.explanation == "erp-status declares a major outage since 12:00:00 UTC or before"
    assert watch.state(DOWN, PAGE) is AlertState.INACTIVE
    said = watch.alerts["availability/erp"].explanation
    assert said.endswith("; its status page declares an outage since 12:00:00 UTC")


def test_a_status_page_that_cannot_be_read_declares_nothing_and_is_nobodys_outage() -> None:
    watch = watching(TOLD)
    watch.looks(PAGE, NOON)
    for second in range(1, 20):
        watch.looks(PAGE, after(seconds=second), failure=FailureClass.CONNECT)
    assert watch.states() == {}
    for second in range(20, 23):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.SERVER)
    assert watch.alerts["availability/erp"].explanation.endswith("; its status page declared nothing at 12:00:00 UTC")


def payments(client: ClientId, failed: int, of: int, begun: int) -> tuple[Record, ...]:
    made = range(begun, begun + of)
    return tuple(record(str(n), client, NOON + n * SECOND / 10, at=ERP, failed=n < begun + failed) for n in made)


def test_a_clients_failures_are_told_beside_how_the_other_clients_fare() -> None:
    alone, everybody = Watch(), Watch()
    alone.looks(ERP, after(seconds=30), *payments(BOREAL, 0, 50, 0))
    alone.looks(ERP, after(seconds=40), *payments(ACME, 20, 20, 100))
    everybody.looks(ERP, after(seconds=30), *payments(BOREAL, 40, 50, 0))
    everybody.looks(ERP, after(seconds=40), *payments(ACME, 20, 20, 100))
    said = "failure_ratio/erp/acme"
    assert alone.alerts[said].explanation.endswith("; the other client's do not (0 of 50, 0 %)")
    assert everybody.alerts[said].explanation.endswith("; the other client's fail too (40 of 50, 80 %)")
