"""What is declared and says nothing, what cannot be judged, why alerts move, and when blindness calls somebody."""

from dataclasses import replace

import pytest

from alerts.alert import AlertKind, AlertState, Reason
from alerts.assess import next_judgement
from alerts.message import MessageKind
from alerts.unseen import paged_at
from probes.catalog import Catalog, Client, ClientId
from probes.failure import FailureClass
from probes.objectives import FailureRatio
from tests.alerts.shift import FIRST, Shift
from tests.alerts.watch import Watch, record
from tests.cast import (
    ACME,
    BILLING,
    CATALOG,
    CLIENTS,
    COBALT,
    CONTEXT,
    CRM,
    ERP,
    GOLD,
    HOUR,
    INVOICES,
    MINUTE,
    NOON,
    PLATINUM,
    SILVER,
    after,
    catalog_of,
    system_alert,
)

FIRING, PENDING, BLIND = AlertState.FIRING, AlertState.PENDING, AlertState.BLIND
UNKNOWN = Client(id=ClientId("elm"), name="Elm", tier=GOLD.id)


def watching(catalog: Catalog = CATALOG) -> Watch:
    return Watch(catalog=catalog, since=NOON)


def said(watch: Watch, subject: str) -> str:
    return watch.alerts[f"unevaluated/{subject}"].explanation


@pytest.mark.answers("thaum-xyz/ankhmorpork#1298")
def test_an_objective_that_matches_nothing_is_a_ticket_that_names_whom_it_misses() -> None:
    watch = watching(catalog_of({**CLIENTS, UNKNOWN.id: UNKNOWN}))
    watch.waits(after(minutes=59))
    assert watch.alerts == {}, "what has just been started is given time"
    watch.waits(after(hours=1))
    alert = watch.alerts["unevaluated/gold.sync_latency"]
    assert (alert.state, alert.reason, alert.urgency) == (FIRING, Reason.MATCHES_NOTHING, "ticket")
    assert alert.explanation == (
        "sync_latency of gold matches nothing for elm: no system that it needs knows them by an identifier"
    )


def test_it_ends_once_it_matches_somebody_and_when_it_is_no_longer_declared() -> None:
    watch = watching(catalog_of({**CLIENTS, UNKNOWN.id: UNKNOWN}))
    watch.waits(after(hours=1))
    watch.catalog = catalog_of({**CLIENTS, UNKNOWN.id: replace(UNKNOWN, identifiers={BILLING: ("billing-elm",)})})
    watch.waits(after(hours=2))
    assert watch.state(AlertKind.UNEVALUATED, "gold.sync_latency") is AlertState.RESOLVED
    silent = catalog_of({}, (replace(PLATINUM), GOLD, SILVER))
    nobody = Watch(catalog=silent, since=NOON)
    nobody.waits(after(hours=1))
    assert "judges nobody: the tier has no client" in said(nobody, "gold.failure_ratio")
    nobody.catalog = catalog_of({}, (PLATINUM, SILVER))
    nobody.waits(after(hours=2))
    gone = nobody.alerts["unevaluated/gold.failure_ratio"]
    assert (gone.state, gone.reason) == (AlertState.RESOLVED, Reason.NOT_CONFIGURED)


def test_a_flow_that_nobody_travels_on_is_a_ticket() -> None:
    only = {ACME: CLIENTS[ACME]}
    watch = watching(catalog_of(only))
    watch.waits(after(hours=1))
    assert said(watch, "payouts") == "nobody travels on flow payouts: no client has an identifier in gateway"


def test_what_was_never_evaluated_for_a_day_is_a_ticket_and_one_record_ends_it() -> None:
    watch = watching()
    watch.waits(after(hours=1))
    assert watch.state(AlertKind.UNEVALUATED, "gold.sync_latency.invoices") is PENDING
    watch.waits(after(hours=24))
    assert watch.state(AlertKind.UNEVALUATED, "gold.sync_latency.invoices") is PENDING
    watch.waits(after(hours=25))
    assert watch.state(AlertKind.UNEVALUATED, "gold.sync_latency.invoices") is FIRING
    assert "none of 1 clients had a record to judge for 24 h" in said(watch, "gold.sync_latency.invoices")
    watch.looks(BILLING, after(hours=25), record("a", COBALT, after(hours=25), at=BILLING))
    watch.waits(after(hours=25, seconds=5))
    assert watch.state(AlertKind.UNEVALUATED, "gold.sync_latency.invoices") is AlertState.RESOLVED
    assert watch.state(AlertKind.UNEVALUATED, "platinum.sync_latency.invoices") is FIRING


# A rule that cannot be judged.


@pytest.mark.answers("prometheus/prometheus#17482")
def test_an_error_in_one_rule_is_an_alert_and_drops_no_other() -> None:
    watch = Watch()
    for second in range(3):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.SERVER)
    assert watch.state(AlertKind.AVAILABILITY, ERP) is FIRING
    # An objective that no configuration can write: nothing compares with it.
    broken = replace(GOLD.objectives, failure_ratio=FailureRatio(below=None, over=HOUR))  # type: ignore[arg-type]
    watch.catalog = catalog_of(CLIENTS, (PLATINUM, replace(GOLD, objectives=broken), SILVER))
    bad = record("a", COBALT, after(seconds=9), at=ERP, failed=True)
    watch.looks(ERP, after(seconds=9), bad)
    alert = watch.alerts["unjudged/failure_ratio.erp"]
    assert (alert.state, alert.reason, alert.urgency) == (FIRING, Reason.JUDGING_FAILED, "page")
    assert "failure_ratio of erp cannot be judged (TypeError)" in alert.explanation
    assert watch.state(AlertKind.AVAILABILITY, ERP) is FIRING, "an alert that is active is not dropped by an error"
    assert watch.books[INVOICES.id].destination_covered is not None, "the other rules were judged"
    watch.catalog = CATALOG
    watch.looks(ERP, after(seconds=12), record("b", COBALT, after(seconds=12), at=ERP))
    assert watch.state(AlertKind.UNJUDGED, "failure_ratio.erp") is AlertState.RESOLVED


def test_blind_is_shown_at_once_and_pages_when_the_tier_says_so() -> None:
    tiers = (replace(PLATINUM, page_when_blind_for=2 * MINUTE), replace(GOLD, page_when_blind_for=10 * MINUTE), SILVER)
    patient = replace(SILVER, page_when_blind_for=HOUR)
    catalog = catalog_of(CLIENTS, (*tiers[:2], patient))
    shift = Shift(context=replace(CONTEXT, catalog=catalog))
    alert = system_alert(ERP, BLIND)
    assert shift.sees(NOON, alert) == []
    assert (shift.incidents, shift.alerts["availability/erp"].state) == ({}, BLIND)
    assert paged_at(alert, catalog) == after(minutes=2)
    assert shift.sees(after(minutes=1)) == []
    told = shift.sees(after(minutes=2))
    assert [one.kind for one in told] == [MessageKind.PAGE]
    assert shift.alerts["availability/erp"].incident == FIRST


def test_blind_escalates_to_the_tiers_whose_limit_has_passed() -> None:
    tiers = (replace(PLATINUM, page_when_blind_for=10 * MINUTE), GOLD, SILVER)
    shift = Shift(context=replace(CONTEXT, catalog=catalog_of(CLIENTS, tiers)))
    shift.sees(NOON, system_alert(ERP, BLIND))
    assert (shift.only.tier, shift.pages()) == (GOLD.id, ["diego"])
    shift.sees(after(minutes=10))
    assert (shift.only.tier, shift.pages()[-1]) == (PLATINUM.id, "alba")


def test_what_is_seen_again_in_time_called_nobody() -> None:
    tiers = tuple(replace(one, page_when_blind_for=5 * MINUTE) for one in (PLATINUM, GOLD, SILVER))
    shift = Shift(context=replace(CONTEXT, catalog=catalog_of(CLIENTS, tiers)))
    shift.sees(NOON, system_alert(CRM, BLIND))
    shift.sees(after(minutes=4), system_alert(CRM, AlertState.RESOLVED, after(minutes=4)))
    shift.sees(after(minutes=6))
    assert (shift.incidents, shift.messages) == ({}, [])


def test_the_next_judgement_is_when_somebody_is_paged_for_what_is_out_of_sight() -> None:
    tiers = tuple(replace(one, page_when_blind_for=5 * MINUTE) for one in (PLATINUM, GOLD, SILVER))
    watch = Watch(catalog=catalog_of(CLIENTS, tiers), alerts={"availability/crm": system_alert(CRM, BLIND)})
    assert next_judgement(watch._before(), {}, after(minutes=1)) == after(minutes=5)


# Why alerts move.


@pytest.mark.answers("csmarshall/gluetun-monitor#106", "prometheus/alertmanager#2264")
def test_each_transition_has_its_reason_and_nothing_but_evidence_ends_an_alert() -> None:
    watch = Watch()
    for second in range(3):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.SERVER)
    watch.waits(after(hours=1), systems=(ERP,))
    assert watch.state(AlertKind.AVAILABILITY, ERP) is FIRING, "to lose sight of it ends nothing"
    for second in range(8):
        watch.looks(ERP, after(hours=2, seconds=second))
    reasons = [one.reason for one in watch.moved if one.key.kind is AlertKind.AVAILABILITY]
    assert reasons == [Reason.SUSPECTED, Reason.FAILED_IN_A_ROW, Reason.GOOD_AGAIN]
    assert watch.state(AlertKind.AVAILABILITY, CRM) is AlertState.INACTIVE


def test_a_suspicion_that_comes_to_nothing_says_so_and_an_alert_of_an_earlier_release_has_no_reason() -> None:
    assert system_alert(ERP).reason is Reason.UNRECORDED
    watch = Watch()
    watch.looks(ERP, NOON, failure=FailureClass.SERVER)
    for second in range(1, 9):
        watch.looks(ERP, after(seconds=second))
    assert [one.reason for one in watch.moved] == [Reason.SUSPECTED, Reason.UNFOUNDED]
