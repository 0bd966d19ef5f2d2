"""Every time over which a promise counted: over reopenings, and for clients that join what somebody has already."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.account import accounts, told
from alerts.alert import IncidentId
from alerts.clocks import Promise, PromisesReset, PromisesWarned
from alerts.draft import Draft
from alerts.escalation import PageReason
from alerts.fold import folded
from alerts.impact import Terms, terms_of
from alerts.incident import Incident
from alerts.message import Stage
from alerts.month import overdue
from alerts.report import Phase, cases
from alerts.sla import Timer, TimerState, timers, timers_of
from alerts.steps import StepCause, StepMoved
from alerts.timeline import (
    Acknowledged,
    ClientsHurt,
    ClientsRecovered,
    Event,
    Hurt,
    NoticesQueued,
    Opened,
    Paged,
    Reassigned,
    Recovery,
    Reopened,
    ReopenReason,
    Resolved,
    SeveritySet,
    Told,
)
from alerts.warn import warn
from probes.catalog import ClientId
from probes.conduct import Sla
from tests.cast import ACME, ALBA, BOREAL, BRUNO, CATALOG, CLIENTS, CONTEXT, FIRST_LINE, MINUTE, NOON, PLATINUM, after

MET, BREACHED, RUNNING = TimerState.MET, TimerState.BREACHED, TimerState.RUNNING
TARGET = 10 * MINUTE
LATER = after(days=1)


def terms(client: ClientId = ACME, every: timedelta | None = None) -> Terms:
    known = terms_of(CLIENTS[client], CATALOG.tier_of(client), NOON)
    return replace(known, sla=Sla(acknowledge=TARGET, update_every=every))


def hurt(at: datetime, *clients: ClientId) -> Event:
    return ClientsHurt(at=at, hurt=tuple(Hurt(terms=terms(one), onset=at) for one in clients))


def paged(at: datetime) -> Event:
    return Paged(at=at, step=0, people=(ALBA.id,), reason=PageReason.FIRST, next_due=None)


def over(at: datetime, *clients: ClientId) -> tuple[Event, ...]:
    drained = tuple(Recovery(client=one, drained=at) for one in clients)
    return ClientsRecovered(at=at, recovered=drained), Resolved(at=at, why="drained")


def again(at: datetime, *clients: ClientId) -> tuple[Event, ...]:
    return Reopened(at=at, reason=ReopenReason.RECURRED, why="it is back"), hurt(at, *clients), paged(at)


def worse(at: datetime, weight: int = 200) -> Event:
    return SeveritySet(at=at, tier=PLATINUM.id, weight=weight, policy=FIRST_LINE)


def incident(*more: Event, clients: Iterable[ClientId] = (ACME,)) -> Incident:
    opened = Opened(at=NOON, onset=NOON, nodes=frozenset({"system:billing"}), blind=False)
    return folded(IncidentId("INC-1"), (opened, hurt(NOON, *clients), worse(NOON, 50), paged(NOON), *more))


def awaited(one: Incident, client: ClientId = ACME, now: datetime = LATER) -> list[Timer]:
    found = (timer for timer in timers(one, now) if timer.promise is Promise.ACKNOWLEDGE)
    return [timer for timer in found if timer.client == client]


def states(found: Iterable[Timer]) -> list[tuple[TimerState, timedelta]]:
    return [(timer.state, timer.took) for timer in found]


BROKEN_ONCE = (
    Acknowledged(at=after(minutes=15), by=ALBA.id),
    *over(after(minutes=30), ACME),
    *again(after(hours=2), ACME),
    Acknowledged(at=after(hours=2, minutes=4), by=ALBA.id),
    *over(after(hours=3), ACME),
)


def test_a_promise_that_was_broken_before_an_incident_was_reopened_stays_broken() -> None:
    one = incident(*BROKEN_ONCE)
    assert states(awaited(one)) == [(BREACHED, 15 * MINUTE), (MET, 4 * MINUTE)]
    assert [timer.turn for timer in awaited(one)] == [1, 2]
    last = [timer for timer in timers_of(one, one.impacts[ACME], LATER) if timer.promise is Promise.ACKNOWLEDGE]
    assert states(last) == [(MET, 4 * MINUTE)], "as it stands, it is the last"


def test_reports_breach_minutes_and_the_account_tell_of_each_spell() -> None:
    one = incident(*BROKEN_ONCE)
    (case,) = cases((one,), lambda *_: timedelta())
    assert case.kept[Promise.ACKNOWLEDGE] == (1, 2)
    assert case.phases[Phase.ACKNOWLEDGE].most == 15 * MINUTE
    (broken,) = overdue(one, one.impacts[ACME], LATER)
    assert (broken.promise, broken.since) == (Promise.ACKNOWLEDGE, after(minutes=10))
    assert [part.length for part in broken.parts] == [5 * MINUTE]
    explained = [line for account in accounts(one, one.impacts[ACME], LATER) for line in told(account)]
    assert [line for line in explained if line.startswith("Acknowledge")] == [
        "Acknowledge: broken at 2026-03-04 12:10:00Z, by 5 min",
        "Acknowledge: kept, with 6 min to spare",
    ]


def test_a_client_that_what_comes_back_does_not_hurt_is_promised_no_further_acknowledgement() -> None:
    first = (Acknowledged(at=after(minutes=1), by=ALBA.id), *over(after(minutes=30), ACME, BOREAL))
    one = incident(*first, *again(after(hours=2), BOREAL), *over(after(hours=3), BOREAL), clients=(ACME, BOREAL))
    assert states(awaited(one)) == [(MET, MINUTE)]
    assert states(awaited(one, BOREAL)) == [(MET, MINUTE), (BREACHED, 60 * MINUTE)]


def test_a_time_begun_anew_in_a_spell_does_not_change_that_of_another() -> None:
    reset = PromisesReset(
        at=after(hours=2, minutes=3), clients=(ACME,), promise=Promise.ACKNOWLEDGE, why="a wrong number", by="alba"
    )
    one = incident(*BROKEN_ONCE[:-3], reset, *BROKEN_ONCE[-3:])
    assert states(awaited(one)) == [(BREACHED, 15 * MINUTE), (MET, MINUTE)]
    (broken,) = overdue(one, one.impacts[ACME], LATER)
    assert broken.since == after(minutes=10)


def test_the_warnings_of_a_reopened_incident_come_again() -> None:
    one = incident()
    for now in (after(minutes=9), after(hours=2, minutes=9)):
        draft = Draft(incident=one)
        warn(draft, CONTEXT, now)
        found = [(one.share, one.turn) for one in draft.events if isinstance(one, PromisesWarned)]
        assert found == [(share, 1 if now < after(hours=1) else 2) for share in (0.5, 0.75, 0.9)]
        timeline = (*over(after(minutes=30), ACME), *again(after(hours=2), ACME))
        for event in timeline if now < after(hours=1) else ():
            draft.add(event)
        one = draft.incident


def test_an_update_that_came_late_is_told_although_a_further_one_was_promised() -> None:
    def wrote(minute: int, stage: Stage) -> tuple[Event, ...]:
        at = after(minutes=minute)
        key = f"INC-1/{stage}/{minute}"
        return (
            NoticesQueued(at=at, stage=stage, clients=(ACME,)),
            Told(at=at, key=key, recipient="acme", client=ACME, stage=stage),
        )

    one = incident(*wrote(2, Stage.INVESTIGATING), *wrote(10, Stage.UPDATE), *wrote(30, Stage.UPDATE))
    impact = replace(one.impacts[ACME], terms=terms(ACME, every=TARGET))
    found = [one for one in timers(replace(one, impacts={ACME: impact}), after(minutes=31)) if "update" in one.promise]
    assert states(found) == [(BREACHED, 20 * MINUTE), (RUNNING, MINUTE)], "the one that was kept is left out"


# Who took what was less bad has not taken what is worse.

LATE = after(minutes=20)
TAKEN = Acknowledged(at=after(minutes=2), by=ALBA.id)


def test_for_a_worse_client_that_joins_later_the_acknowledgement_before_it_does_not_count() -> None:
    one = incident(TAKEN, hurt(LATE, BOREAL), worse(LATE))
    assert states(awaited(one)) == [(MET, 2 * MINUTE)]
    assert states(awaited(one, BOREAL, after(minutes=25))) == [(RUNNING, 5 * MINUTE)]
    late = incident(TAKEN, hurt(LATE, BOREAL), worse(LATE), Acknowledged(at=after(minutes=33), by=BRUNO.id))
    assert states(awaited(late)) == [(MET, 2 * MINUTE)]
    assert states(awaited(late, BOREAL)) == [(BREACHED, 13 * MINUTE)]
    found = cases((replace(late, resolved=LATER),), lambda *_: MINUTE)
    assert [one.phases[Phase.ACKNOWLEDGE].most for one in found] == [2 * MINUTE, 13 * MINUTE]


def test_a_client_that_joins_what_somebody_has_keeps_that_whatever_comes_later() -> None:
    lapsed = StepMoved(at=after(minutes=60), step=0, next_due=after(minutes=60), cause=StepCause.LAPSED, why="")
    taken_again = Acknowledged(at=after(minutes=90), by=BRUNO.id)
    one = incident(TAKEN, hurt(LATE, BOREAL), lapsed, taken_again)
    assert states(awaited(one, BOREAL)) == [(MET, timedelta())]


@pytest.mark.parametrize(
    "ends",
    [
        StepMoved(at=after(minutes=10), step=0, next_due=after(minutes=10), cause=StepCause.LAPSED, why=""),
        Reassigned(at=after(minutes=10), owner=BRUNO, why="his system", by="alba", next_due=after(minutes=15)),
    ],
    ids=["lapsed", "given to another"],
)
def test_a_client_that_joins_after_an_acknowledgement_ended_waits_for_the_next(ends: Event) -> None:
    one = incident(TAKEN, ends, hurt(LATE, BOREAL), Acknowledged(at=after(minutes=26), by=BRUNO.id))
    assert states(awaited(one, BOREAL)) == [(MET, 6 * MINUTE)]
    assert states(awaited(one)) == [(MET, 2 * MINUTE)]


# Reopenings add up.

SPELL = st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30), st.integers(1, 60), st.integers(1, 60))
"""After how many minutes somebody was paged, who took it how much later, how long the rest took, and the quiet then."""


@settings(max_examples=40)
@given(st.lists(SPELL, min_size=1, max_size=4))
def test_over_reopenings_each_acknowledgement_counts_as_in_an_incident_of_its_own(
    spells: list[tuple[int, int | None, int, int]],
) -> None:
    events: list[Event] = []
    alone: list[tuple[TimerState, timedelta]] = []
    at = NOON
    for page, taken, rest, quiet in spells:
        begun = (Reopened(at=at, reason=ReopenReason.RECURRED, why="it is back"),) if events else ()
        called = at + page * MINUTE
        took = called + (taken or 0) * MINUTE
        acked = (Acknowledged(at=took, by=ALBA.id),) if taken is not None else ()
        end = took + rest * MINUTE
        events += [*begun, hurt(at, ACME), paged(called), *acked, *over(end, ACME)]
        waited = (took if taken is not None else end) - called
        alone.append((BREACHED if waited > TARGET else MET, waited))
        at = end + quiet * MINUTE
    opened = Opened(at=NOON, onset=NOON, nodes=frozenset({"system:billing"}), blind=False)
    one = folded(IncidentId("INC-1"), (opened, *events))
    assert states(awaited(one, now=at)) == alone
    kept = sum(state is MET for state, _ in alone)
    (case,) = cases((one,), lambda *_: timedelta())
    assert case.kept[Promise.ACKNOWLEDGE] == (kept, len(alone))
    broken = list(overdue(one, one.impacts[ACME], at))
    late = sum((waited - TARGET for state, waited in alone if state is BREACHED), timedelta())
    assert sum((part.length for one in broken for part in one.parts), timedelta()) == late
