"""Any history: whatever alerts do in whatever order, an incident's timeline folds, and nobody told is left untold."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import TRANSITIONS, Alert, AlertKind, AlertState, Move
from alerts.impact import Spell
from alerts.incident import Incident
from alerts.message import MessageKind, Stage
from tests.alerts.shift import Shift
from tests.cast import (
    ACME,
    BOREAL,
    COBALT,
    CRM,
    DUNE,
    ERP,
    GATEWAY,
    NOON,
    PAYOUTS,
    SECOND,
    late,
    system_alert,
)
from tests.examples import examples

ABOUT = (
    late(ACME),
    late(BOREAL),
    late(COBALT),
    late(DUNE, flow=PAYOUTS),
    late(COBALT, flow=PAYOUTS),
    system_alert(ERP),
    system_alert(ERP, kind=AlertKind.CREDENTIAL),
    system_alert(GATEWAY),
    system_alert(CRM),
)
MOVES = (Move.SUSPECT, Move.CONFIRM, Move.CONFIRM, Move.CLEAR, Move.CLEAR, Move.LOSE_SIGHT)
PEOPLES = ("waits", "acknowledges", "resolves")


@dataclass(frozen=True)
class Step:
    """What happens after a pause: alerts that move, a backlog, and what a person or time does then."""

    pause: int
    moves: tuple[tuple[int, Move], ...]
    behind: frozenset[int]
    then: str


STEPS = st.lists(
    st.builds(
        Step,
        pause=st.sampled_from([1, 5, 30, 120, 600]),
        moves=st.lists(
            st.tuples(st.integers(min_value=0, max_value=len(ABOUT) - 1), st.sampled_from(MOVES)),
            max_size=4,
            unique_by=lambda one: one[0],
        ).map(tuple),
        behind=st.frozensets(st.integers(min_value=0, max_value=4), max_size=2),
        then=st.sampled_from(["", "", "", *PEOPLES]),
    ),
    max_size=12,
)


def moved(shift: Shift, about: Alert, move: Move, at: datetime) -> Alert | None:
    known = shift.alerts.get(str(about.key))
    before = known.state if known else AlertState.INACTIVE
    state = TRANSITIONS.get((before, move))
    if state is None:
        return None
    onset = known.onset if known and known.active else at - 10 * SECOND
    return replace(about, state=state, since=at, onset=onset, cleared=at if state is AlertState.RESOLVED else None)


def played(steps: list[Step]) -> tuple[Shift, datetime]:
    shift, at = Shift(), NOON
    for step in steps:
        at += step.pause * SECOND
        alerts = (moved(shift, ABOUT[place], move, at) for place, move in step.moves)
        behind = [(alert.flow, alert.key.client) for alert in (ABOUT[place] for place in sorted(step.behind))]
        shift.sees(
            at,
            *(alert for alert in alerts if alert is not None),
            behind=[(flow, client) for flow, client in behind if flow and client],
        )
        if step.then == "waits":
            shift.waits(at)
        for incident in shift.open[:1]:
            if step.then == "acknowledges":
                shift.acknowledges(at, incident=incident)
            if step.then == "resolves":
                shift.resolves(at, incident=incident)
        check(shift)
    return shift, at


def check(shift: Shift) -> None:
    """Everything that must hold at any time. That the steps fold to the whole is checked by the shift itself."""
    for incident in shift.incidents.values():
        check_incident(incident)
        assert shift.timelines[incident.id][0].kind == "opened"
    places = [incident.nodes for incident in shift.incidents.values() if incident.open]
    assert sum(map(len, places)) == len(frozenset().union(*places)), "open incidents never share a place"
    keys = [message.key for message in shift.messages]
    assert len(keys) == len(set(keys))


def check_incident(incident: Incident) -> None:
    assert incident.active <= incident.alerts.keys()
    assert incident.nodes
    assert incident.people.keys() >= set(incident.paged), "the end can be told to everybody who was paged"
    assert incident.first_paged is not None, "there is always somebody who was paged"
    check_spells(incident.spells, open_still=incident.open)
    for impact in incident.impacts.values():
        assert impact.recovered is None or impact.recovered >= impact.onset
        check_spells(impact.spells, open_still=impact.recovered is None)
        assert impact.spells[0].start == impact.onset or incident.reopenings
        stages = [stage for stage, _ in impact.queued]
        assert not stages or stages[0] in OPENING
        for one, other in pairwise(stages):
            assert other in OPENING if one.closes else other is not one or other is Stage.UPDATE
    if not incident.open:
        assert incident.next_due is None
        assert all(impact.recovered is not None and not impact.owed for impact in incident.impacts.values())
        assert not incident.active or incident.resolved_by is not None, "only somebody's word ends what still goes on"


OPENING = (Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.MONITORING)
"""Stages that a client may first be told: who joins late is told how far it has come."""


def check_spells(spells: tuple[Spell, ...], *, open_still: bool) -> None:
    """Reopenings add up: spells follow each other, and the last alone can still go on."""
    assert (spells[-1].end is None) == open_still
    for one, other in pairwise(spells):
        assert one.end is not None
        assert one.start <= one.end <= other.start


@settings(max_examples=examples(150))
@given(STEPS)
def test_any_history_folds_and_stays_consistent(steps: list[Step]) -> None:
    played(steps)


@settings(max_examples=examples(100))
@given(STEPS)
def test_whoever_was_told_of_it_is_told_its_end_once_it_has_ended(steps: list[Step]) -> None:
    shift, at = played(steps)
    at += 60 * SECOND
    ends = (moved(shift, about, Move.CLEAR, at) for about in ABOUT)
    shift.sees(at, *(alert for alert in ends if alert is not None))
    assert shift.open == [], "once every alert has cleared and nobody is behind, it is over"
    told: dict[tuple[object, ...], list[Stage]] = {}
    for message in shift.messages:
        told.setdefault((message.incident, message.kind, message.recipient), []).append(message.stage)
    for (_, kind, _), stages in told.items():
        if kind is MessageKind.NOTE:
            continue
        assert stages[-1] is Stage.RESOLVED
        if kind is MessageKind.PAGE:
            assert stages.count(Stage.RESOLVED) <= 1 + max(one.reopenings for one in shift.incidents.values())
            assert not any(one is other is Stage.RESOLVED for one, other in pairwise(stages)), "each end is told once"


@settings(max_examples=examples(50))
@given(STEPS)
def test_a_history_without_evidence_of_an_end_never_ends(steps: list[Step]) -> None:
    kept = [
        replace(
            step,
            moves=tuple((place, move) for place, move in step.moves if move is not Move.CLEAR),
            then="" if step.then == "resolves" else step.then,
        )
        for step in steps
    ]
    shift, at = played(kept)
    for hour in range(5):
        shift.waits(at + hour * 3_600 * SECOND)
        shift.sees(at + hour * 3_600 * SECOND)
    assert len(shift.open) == len(shift.incidents)
    assert not any(message.stage is Stage.RESOLVED and message.client is None for message in shift.messages)


def test_histories_reach_what_they_are_about() -> None:
    firing = Step(pause=1, moves=((0, Move.CONFIRM),), behind=frozenset(), then="")
    over = Step(pause=30, moves=((0, Move.CLEAR),), behind=frozenset({1}), then="")
    shift, _ = played([firing, over, firing])
    assert shift.only.reopenings == 1
    assert shift.notices(ACME) == [Stage.INVESTIGATING, Stage.RESOLVED, Stage.INVESTIGATING]
