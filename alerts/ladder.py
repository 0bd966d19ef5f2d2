"""An escalation as a ladder: the steps that were taken, the next one, and those after it, each with its instant.

It foretells with what is known now: who is on call then, and which hours apply then. What it says changes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alerts.escalation import PageReason, Policy, call, put_off
from alerts.incident import Incident
from alerts.oncall import Board, Person, PersonId
from alerts.steps import OwnersPaged
from alerts.timeline import Event, Paged

FORESEEN = 4
"""So many steps to come are told: further ahead too much can change."""

MOST_MOVES = 100


class RungState(StrEnum):
    """Where a rung stands."""

    DONE = "done"
    NEXT = "next"
    LATER = "later"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step: whom it reached or will reach, at which instant, and why."""

    state: RungState
    at: datetime
    people: tuple[PersonId, ...]
    reason: PageReason
    zones: tuple[str, ...] = ()


def ladder(incident: Incident, events: Iterable[Event], board: Board, now: datetime) -> tuple[Rung, ...]:
    """Return the rungs of an incident's escalation, those that were taken first."""
    return (*_taken(incident, events), *_to_come(incident, board, now))


def _taken(incident: Incident, events: Iterable[Event]) -> Iterator[Rung]:
    for event in events:
        if isinstance(event, Paged):
            yield _done(incident, event.at, event.people, event.reason)
        elif isinstance(event, OwnersPaged):
            yield _done(incident, event.at, tuple(one.id for one in event.people), PageReason.OWNER)


def _done(incident: Incident, at: datetime, people: tuple[PersonId, ...], reason: PageReason) -> Rung:
    known = (incident.people.get(one) for one in people)
    return Rung(state=RungState.DONE, at=at, people=people, reason=reason, zones=_zones(known))


def _zones(people: Iterable[Person | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.timezone for one in people if one is not None))


def _to_come(incident: Incident, board: Board, now: datetime) -> Iterator[Rung]:
    """Yield the steps to come as if nobody did anything; what is overdue comes now."""
    policy, due, step = incident.policy, incident.next_due, incident.next_step
    state, because = RungState.NEXT, _because(incident)
    if not incident.open or policy is None:
        return
    for _ in range(FORESEEN):
        if due is None:
            return
        step, due = _placed(policy, step, max(due, now))
        taken = call(policy, step, board, due)
        reason = because if because is not None else taken.reason
        people = tuple(one.id for one in taken.people)
        yield Rung(state=state, at=due, people=people, reason=reason, zones=_zones(taken.people))
        state, because, step, due = RungState.LATER, None, taken.step + 1, taken.next_due


def _because(incident: Incident) -> PageReason | None:
    if incident.held:
        return PageReason.LAPSED
    return PageReason.PAUSE_OVER if incident.standing.paused_until is not None else incident.standing.because


def _placed(policy: Policy, step: int, due: datetime) -> tuple[int, datetime]:
    """Return which step is taken and when, after those that are passed over or wait for their hours."""
    for _ in range(MOST_MOVES):
        moved = put_off(policy, step, due)
        if moved is None:
            break
        step, due = moved.step, moved.until
    return step, due
