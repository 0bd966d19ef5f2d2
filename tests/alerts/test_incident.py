"""An incident is its timeline: what each event does to the fold, and what cannot follow what."""

from dataclasses import replace

import pytest

from alerts.alert import IncidentId
from alerts.correlate import flow_nodes, system_nodes
from alerts.escalation import PageReason, Policy
from alerts.fold import advanced, folded
from alerts.impact import Impact, terms_of
from alerts.incident import BrokenTimeline, Incident
from alerts.message import Stage
from alerts.timeline import (
    Acknowledged,
    AlertsCleared,
    AlertsJoined,
    ClientsHurt,
    ClientsRecovered,
    Event,
    Hurt,
    NoticesQueued,
    Opened,
    Paged,
    Recovery,
    Resolved,
    SeveritySet,
    Told,
)
from probes.catalog import ClientId
from tests.cast import (
    ACME,
    ALBA,
    BOREAL,
    BOSS,
    CARLA,
    CATALOG,
    CLIENTS,
    COBALT,
    DIEGO,
    ERP,
    FIRST_LINE,
    GOLD,
    INVOICES,
    NOON,
    PLATINUM,
    SECOND,
    SECOND_LINE,
    after,
)

FIRST = IncidentId("INC-1")
OPENED = Opened(at=NOON, onset=after(minutes=-1), nodes=flow_nodes(INVOICES), blind=False)
LATE = "sync_latency/invoices/acme"
DOWN = "availability/erp"


def hurt(client: ClientId, minutes: float, onset: float = -1) -> ClientsHurt:
    terms = terms_of(CLIENTS[client], CATALOG.tier_of(client), NOON)
    return ClientsHurt(at=after(minutes=minutes), hurt=(Hurt(terms=terms, onset=after(minutes=onset)),))


def recovered(client: ClientId, minutes: float) -> ClientsRecovered:
    at = after(minutes=minutes)
    return ClientsRecovered(at=at, recovered=(Recovery(client=client, drained=at - 5 * SECOND),))


def severity(minutes: float = 0) -> SeveritySet:
    return SeveritySet(at=after(minutes=minutes), tier=PLATINUM.id, weight=PLATINUM.weight, policy=FIRST_LINE)


def paged(minutes: float, step: int = 0, *, last: bool = False) -> Paged:
    return Paged(
        at=after(minutes=minutes),
        step=step,
        people=(ALBA.id,) if step == 0 else (CARLA.id,),
        reason=PageReason.FIRST,
        next_due=None if last else after(minutes=minutes + 3),
    )


def fold(*events: Event) -> Incident:
    return folded(FIRST, (OPENED, *events))


def test_an_opening_begins_an_incident() -> None:
    incident = fold()
    assert (incident.id, incident.opened, incident.onset, incident.version) == (FIRST, NOON, after(minutes=-1), 1)
    assert incident.open


def test_alerts_join_narrow_its_places_and_clear() -> None:
    joined = fold(
        AlertsJoined(at=NOON, alerts={LATE: "late"}, nodes=flow_nodes(INVOICES)),
        AlertsJoined(at=after(minutes=1), alerts={DOWN: "down"}, nodes=system_nodes(ERP)),
    )
    assert joined.nodes == system_nodes(ERP)
    assert joined.active == {LATE, DOWN}
    cleared = advanced(joined, AlertsCleared(at=after(minutes=2), alerts=(LATE,)))
    assert cleared.active == {DOWN}
    assert set(cleared.alerts) == {LATE, DOWN}, "what was part of it stays on record"


def test_the_alerts_of_an_incident_are_no_set_that_can_be_changed_so_that_an_event_can_hold_them() -> None:
    joined = fold(AlertsJoined(at=NOON, alerts={LATE: "late"}, nodes=flow_nodes(INVOICES)))
    assert {type(one) for one in (joined.active, joined.silent, joined.standing.throttled)} == {frozenset}


def test_a_client_that_was_hurt_before_it_opened_moves_its_onset_back() -> None:
    assert fold(hurt(ACME, 0, onset=-3)).onset == after(minutes=-3)
    assert fold(hurt(ACME, 5, onset=4)).onset == after(minutes=-1)


def test_a_client_hurt_means_that_we_are_not_blind() -> None:
    blind = folded(FIRST, (replace(OPENED, blind=True), hurt(ACME, 1)))
    assert not blind.blind


def test_an_impact_lasts_from_its_own_onset_to_its_own_end() -> None:
    impact = fold(hurt(ACME, 2, onset=1), recovered(ACME, 9)).impacts[ACME]
    assert (impact.joined, impact.onset) == (after(minutes=2), after(minutes=1))
    assert (impact.recovered, impact.closed) == (after(minutes=9, seconds=-5), after(minutes=9))


def test_a_client_hurt_again_is_the_same_impact_open_again_under_its_first_terms() -> None:
    again = fold(hurt(ACME, 0), recovered(ACME, 5), hurt(ACME, 6, onset=6)).impacts[ACME]
    assert (again.recovered, again.closed) == (None, None)
    assert (again.joined, again.onset) == (NOON, after(minutes=-1))


def test_the_worst_tier_comes_first_then_the_longest_hurt() -> None:
    incident = fold(hurt(COBALT, 0, onset=-9), hurt(ACME, 1, onset=1), hurt(BOREAL, 2, onset=0))
    assert [impact.terms.client for impact in incident.hurt] == [BOREAL, ACME, COBALT]


def test_severity_brings_a_policy_whose_first_step_is_due_at_once() -> None:
    incident = fold(severity())
    assert (incident.policy, incident.next_step, incident.next_due) == (FIRST_LINE, 0, NOON)


def test_pages_are_counted_and_everybody_paged_is_remembered_once() -> None:
    incident = fold(severity(), paged(0), paged(3, step=1), paged(5, step=1))
    assert (incident.pages, incident.paged, incident.first_paged) == (3, (ALBA.id, CARLA.id), NOON)
    assert (incident.next_step, incident.next_due) == (2, after(minutes=8))


def test_a_worse_tier_with_another_policy_starts_its_escalation_anew() -> None:
    gold = SeveritySet(at=NOON, tier=GOLD.id, weight=GOLD.weight, policy=SECOND_LINE)
    incident = fold(gold, paged(0), severity(minutes=1))
    assert (incident.policy, incident.next_step, incident.next_due) == (FIRST_LINE, 0, after(minutes=1))
    assert incident.people.keys() >= {DIEGO.id, ALBA.id, CARLA.id, BOSS.id}, "whom either policy reaches"


def test_a_worse_tier_with_the_same_policy_goes_on_as_it_was() -> None:
    gold = SeveritySet(at=NOON, tier=GOLD.id, weight=GOLD.weight, policy=FIRST_LINE)
    changed = replace(severity(minutes=1), policy=replace(FIRST_LINE, steps=()))
    incident = fold(gold, paged(0), changed)
    assert (incident.tier, incident.next_step, incident.next_due) == (PLATINUM.id, 1, after(minutes=3))
    assert incident.policy == FIRST_LINE, "a policy that was reloaded meanwhile is not the one that this began with"


def test_an_acknowledgement_stops_the_escalation_and_the_first_one_counts() -> None:
    incident = fold(
        severity(),
        paged(0),
        Acknowledged(at=after(minutes=1), by="alba"),
        Acknowledged(at=after(minutes=2), by="carla"),
    )
    assert (incident.acknowledged, incident.acknowledged_by) == (after(minutes=1), "alba")
    assert incident.next_due is None


@pytest.mark.parametrize("policy", [SECOND_LINE, FIRST_LINE])
def test_an_acknowledgement_does_not_stand_for_a_worse_tier_that_comes_after_it(policy: Policy) -> None:
    gold = SeveritySet(at=NOON, tier=GOLD.id, weight=GOLD.weight, policy=policy)
    taken = Acknowledged(at=after(minutes=1), by="alba")
    incident = fold(gold, paged(0), taken, severity(minutes=2))
    assert (incident.next_step, incident.next_due, incident.held) == (0, after(minutes=2), False)
    assert incident.acknowledged == after(minutes=1), "when it was first taken stays on record"
    again = advanced(incident, replace(taken, at=after(minutes=3), by="carla"))
    assert (again.next_due, again.held, again.acknowledged_by) == (None, True, "carla")


def test_what_is_owed_is_the_all_clear_to_whoever_was_written_to() -> None:
    def impact(*stages: Stage) -> Impact:
        queued = (NoticesQueued(at=NOON, stage=stage, clients=(ACME,)) for stage in stages)
        return fold(hurt(ACME, 0), *queued).impacts[ACME]

    assert not impact().owed
    assert impact(Stage.INVESTIGATING).owed
    assert impact(Stage.INVESTIGATING, Stage.UPDATE).owed
    assert not impact(Stage.INVESTIGATING, Stage.RESOLVED).owed
    assert impact(Stage.INVESTIGATING, Stage.RESOLVED, Stage.INVESTIGATING).owed


def test_the_first_accepted_message_of_a_stage_is_when_a_client_was_told() -> None:
    def told(minutes: float) -> Told:
        return Told(at=after(minutes=minutes), key="k", recipient="desk", stage=Stage.INVESTIGATING, client=ACME)

    assert fold(hurt(ACME, 0), told(1), told(2)).impacts[ACME].told == {Stage.INVESTIGATING: after(minutes=1)}


def test_a_page_that_was_accepted_changes_no_impact() -> None:
    page = Told(at=NOON, key="k", recipient="alba", stage=Stage.INVESTIGATING)
    assert replace(fold(page), version=1) == fold()


def test_nothing_but_word_of_messages_follows_the_end() -> None:
    over = fold(hurt(ACME, 0), recovered(ACME, 1), Resolved(at=after(minutes=1), why="it was over", by="alba"))
    assert (over.open, over.resolved_why, over.resolved_by) == (False, "it was over", "alba")
    told = Told(at=after(minutes=2), key="k", recipient="desk", stage=Stage.RESOLVED, client=ACME)
    assert advanced(over, told).impacts[ACME].told == {Stage.RESOLVED: after(minutes=2)}
    for event in (hurt(ACME, 3), severity(3), paged(3), Acknowledged(at=after(minutes=3), by="alba")):
        with pytest.raises(BrokenTimeline, match=f"INC-1 is resolved, so '{event.kind}' cannot follow"):
            advanced(over, event)


def test_a_broken_timeline_says_what_is_wrong_with_it() -> None:
    with pytest.raises(BrokenTimeline, match="INC-1 begins with 'severity_set', not with its opening"):
        folded(FIRST, (severity(),))
    with pytest.raises(BrokenTimeline, match="INC-1 begins with nothing"):
        folded(FIRST, ())
    with pytest.raises(BrokenTimeline, match="INC-1 is opened again"):
        fold(OPENED)


def test_the_version_is_the_number_of_events() -> None:
    incident = fold(severity(), paged(0), Acknowledged(at=after(minutes=1), by="alba"))
    assert incident.version == 4
