"""Whom to page next: policies as values, and the step that is due.

A running incident keeps the policy that it began with, so a policy carries the people and schedules that it names. When
a step is due is a fold of the incident's timeline; this file only says who that step reaches, and why. What else moves
a step is for `escalate`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.calendar import HORIZON, is_open, next_opening
from alerts.oncall import Board, Person, PersonId, Schedule, on_call
from probes.hours import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A schedule or a person; exactly one is set."""

    schedule: Schedule | None = None
    person: Person | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Page a schedule or a person (exactly one is set), then wait for an acknowledgement.

    Outside its `hours` a step pages `instead`, or waits until they begin, or is passed over.
    """

    schedule: Schedule | None = None
    person: Person | None = None
    wait: timedelta | None = None
    hours: Calendar | None = None
    instead: Target | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """An escalation policy with everything it needs: its steps, the people of its schedules, and the catch-all.

    The steps are gone through once and `repeat` times more, or again and again `until_acknowledged`. Outside its
    `hours` a policy that is about to begin gives way to the one named `otherwise`; without one, its steps wait for
    them.
    """

    name: str
    steps: tuple[Step, ...]
    people: tuple[Person, ...]
    catch_all: Person
    repeat: int = 0
    until_acknowledged: bool = False
    hours: Calendar | None = None
    otherwise: str = ""

    @property
    def everybody(self) -> Mapping[PersonId, Person]:
        """Everybody whom the policy can reach."""
        named = (one.person for step in self.steps for one in (step, step.instead) if one is not None)
        known = (person for person in named if person is not None)
        return {person.id: person for person in (*self.people, *known, self.catch_all)}


class PageReason(StrEnum):
    """Why somebody is paged."""

    FIRST = "first"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NOBODY_ON_CALL = "nobody_on_call"
    EXHAUSTED = "exhausted"
    REASSIGNED = "reassigned"
    RISEN = "risen"
    LAPSED = "lapsed"
    PAUSE_OVER = "pause_over"
    FORECAST = "forecast"
    UNDELIVERED = "undelivered"
    OWNER = "owner"


DEFAULT_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Whom one step pages, why, and when the next step is due (None after the last)."""

    step: int
    people: tuple[Person, ...]
    reason: PageReason
    next_due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """A step that pages nobody now: `step` is due next, at `until`. It is another one where this was passed over."""

    step: int
    until: datetime
    hours: Calendar


def length(policy: Policy) -> int | None:
    """Return how many steps a policy takes in all before the catch-all ends it, None where it never ends."""
    return None if policy.until_acknowledged else len(policy.steps) * (policy.repeat + 1)


def step_at(policy: Policy, step: int) -> Step | None:
    """Return the step of that number, counted over all rounds; None where it is the catch-all's turn.

    Where there is no last round, the catch-all's turn comes at the end of each, so that it is told too.
    """
    ends, round_length = length(policy), len(policy.steps)
    if ends is None:
        place = step % (round_length + 1)
        return policy.steps[place] if place < round_length else None
    return policy.steps[step % round_length] if step < ends else None


def wait_of(policy: Policy, step: int) -> timedelta | None:
    """Return how long a step waits for an acknowledgement, None where nothing follows it."""
    found = step_at(policy, step)
    if found is not None:
        return DEFAULT_WAIT if found.wait is None else found.wait
    if length(policy) is not None:
        return None
    return DEFAULT_WAIT if not policy.steps else max(DEFAULT_WAIT, policy.steps[-1].wait or DEFAULT_WAIT)


def put_off(policy: Policy, step: int, now: datetime) -> PutOff | None:
    """Return where a step goes that is outside its hours, or its policy's; None where it pages now.

    The catch-all is never put off, and neither is what would wait for hours that never come.
    """
    found = step_at(policy, step)
    if found is None:
        return None
    if policy.hours is not None and not policy.otherwise and not is_open(policy.hours, now):
        return _until(step, policy.hours, now)
    if found.hours is None or found.instead is not None or is_open(found.hours, now):
        return None
    return _until(step, found.hours, now) if found.waits else PutOff(step=step + 1, until=now, hours=found.hours)


def _until(step: int, hours: Calendar, now: datetime) -> PutOff | None:
    at = next_opening(hours, now)
    return None if at - now >= HORIZON else PutOff(step=step, until=at, hours=hours)


def people_of(policy: Policy, target: Step | Target, board: Board, now: datetime) -> tuple[Person, ...]:
    """Return whom a target reaches: its person, or who is on call."""
    if target.person is not None:
        return (target.person,)
    # Whom an override brings in the policy may never have heard of.
    known = {**board.people, **{person.id: person for person in policy.people}}
    named = on_call(target.schedule, board, now) if target.schedule is not None else ()
    return tuple(known[person] for person in named if person in known)


def _targets(policy: Policy, step: Step, board: Board, now: datetime) -> tuple[Person, ...]:
    outside = step.hours is not None and step.instead is not None and not is_open(step.hours, now)
    return people_of(policy, step.instead if outside and step.instead else step, board, now)


def call(policy: Policy, step: int, board: Board, now: datetime) -> Call:
    """Return whom a step reaches, with the overrides of this moment. Nobody, or no step left, reaches the catch-all.

    A running incident keeps its policy and the schedules in it; what stands on the board is never kept.
    """
    found, wait = step_at(policy, step), wait_of(policy, step)
    due = None if wait is None else now + wait
    if found is None:
        return Call(step=step, people=(policy.catch_all,), reason=PageReason.EXHAUSTED, next_due=due)
    people = _targets(policy, found, board, now)
    if not people:
        return Call(step=step, people=(policy.catch_all,), reason=PageReason.NOBODY_ON_CALL, next_due=due)
    reason = PageReason.NOT_ACKNOWLEDGED if step else PageReason.FIRST
    return Call(step=step, people=people, reason=reason, next_due=due)
