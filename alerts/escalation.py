"""Whom to page next: policies as values, and the step that is due.

A running incident keeps the policy that it began with, so a policy carries the people and schedules that it names. When
a step is due is a fold of the incident's timeline; this file only says who that step reaches, and why.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.oncall import Board, Person, PersonId, Schedule, on_call


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Page a schedule or a person (exactly one is set), then wait for an acknowledgement."""

    schedule: Schedule | None = None
    person: Person | None = None
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """An escalation policy with everything it needs: its steps, the people of its schedules, and the catch-all."""

    name: str
    steps: tuple[Step, ...]
    people: tuple[Person, ...]
    catch_all: Person

    @property
    def everybody(self) -> Mapping[PersonId, Person]:
        """Everybody whom the policy can reach."""
        named = (step.person for step in self.steps if step.person is not None)
        return {person.id: person for person in (*self.people, *named, self.catch_all)}


class PageReason(StrEnum):
    """Why somebody is paged."""

    FIRST = "first"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NOBODY_ON_CALL = "nobody_on_call"
    EXHAUSTED = "exhausted"
    REASSIGNED = "reassigned"


DEFAULT_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Whom one step pages, why, and when the next step is due (None after the last)."""

    step: int
    people: tuple[Person, ...]
    reason: PageReason
    next_due: datetime | None


def _targets(policy: Policy, step: Step, board: Board, now: datetime) -> tuple[Person, ...]:
    if step.person is not None:
        return (step.person,)
    # Whom an override brings in the policy may never have heard of.
    known = {**board.people, **{person.id: person for person in policy.people}}
    named = on_call(step.schedule, board, now) if step.schedule is not None else ()
    return tuple(known[person] for person in named if person in known)


def call(policy: Policy, step: int, board: Board, now: datetime) -> Call:
    """Return whom a step reaches, with the overrides of this moment. Nobody, or no step left, reaches the catch-all.

    A running incident keeps its policy and the schedules in it; what stands on the board is never kept.
    """
    if step >= len(policy.steps):
        return Call(step=step, people=(policy.catch_all,), reason=PageReason.EXHAUSTED, next_due=None)
    wait = policy.steps[step].wait or DEFAULT_WAIT
    people = _targets(policy, policy.steps[step], board, now)
    if not people:
        return Call(step=step, people=(policy.catch_all,), reason=PageReason.NOBODY_ON_CALL, next_due=now + wait)
    reason = PageReason.NOT_ACKNOWLEDGED if step else PageReason.FIRST
    return Call(step=step, people=people, reason=reason, next_due=now + wait)
