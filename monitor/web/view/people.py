"""Who is on call: now, until when, and who is next, each in their own zone; and which policies page them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from whenever import Instant

from alerts.escalation import Policy, Step
from alerts.oncall import Board, Person, PersonId, Schedule, next_change, on_call
from alerts.roster import Roster
from probes.catalog import SecretRef

AHEAD = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """Somebody who can be paged: their wall clock now, and where they are reached, by reference."""

    id: PersonId
    timezone: str
    local: str
    channels: tuple[SecretRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who is on call from an instant on, with that instant on each one's wall clock."""

    start: datetime
    people: tuple[PersonView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleView:
    """One schedule: who is on call, until when (None: for good), and the coming turns."""

    name: str
    people: tuple[PersonView, ...]
    until: datetime | None
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step of a policy: whom it pages at this moment, and how long it waits for an acknowledgement."""

    target: str
    people: tuple[PersonId, ...]
    wait: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyView:
    """An escalation policy with its steps; after the last one the catch-all is paged."""

    name: str
    steps: tuple[StepView, ...]
    catch_all: PersonId


def local(at: datetime, timezone: str) -> str:
    """Return an instant on somebody's wall clock, with the zone written: `Mon 09:00 CET (Europe/Madrid)`."""
    there = Instant(at).to_tz(timezone).to_stdlib()
    return f"{there:%a %H:%M %Z} ({timezone})"


def person(one: Person, at: datetime) -> PersonView:
    """Return somebody at an instant."""
    return PersonView(id=one.id, timezone=one.timezone, local=local(at, one.timezone), channels=one.channels)


def schedules(roster: Roster, board: Board, now: datetime) -> tuple[ScheduleView, ...]:
    """Return every schedule as it stands."""
    return tuple(_schedule(roster, schedule, board, now) for schedule in roster.schedules.values())


def _people(roster: Roster, schedule: Schedule, board: Board, at: datetime) -> tuple[PersonView, ...]:
    return tuple(person(roster.people[one], at) for one in on_call(schedule, board, at) if one in roster.people)


def _schedule(roster: Roster, schedule: Schedule, board: Board, now: datetime) -> ScheduleView:
    turns: list[Turn] = []
    start = next_change(schedule, board, now)
    while start is not None and len(turns) < AHEAD:
        turns.append(Turn(start=start, people=_people(roster, schedule, board, start)))
        start = next_change(schedule, board, start)
    until = turns[0].start if turns else None
    return ScheduleView(
        name=schedule.name, people=_people(roster, schedule, board, now), until=until, turns=tuple(turns)
    )


def policies(roster: Roster, board: Board, now: datetime) -> tuple[PolicyView, ...]:
    """Return every policy with whom its steps page at this moment."""
    return tuple(_policy(policy, board, now) for policy in roster.policies.values())


def _policy(policy: Policy, board: Board, now: datetime) -> PolicyView:
    steps = tuple(_step(step, board, now) for step in policy.steps)
    return PolicyView(name=policy.name, steps=steps, catch_all=policy.catch_all.id)


def _step(step: Step, board: Board, now: datetime) -> StepView:
    if step.person is not None:
        return StepView(target=f"person {step.person.id}", people=(step.person.id,), wait=step.wait)
    if step.schedule is None:
        return StepView(target="nobody", people=(), wait=step.wait)
    return StepView(target=f"schedule {step.schedule.name}", people=on_call(step.schedule, board, now), wait=step.wait)


def everybody(roster: Roster) -> tuple[PersonId, ...]:
    """Return everybody who can be paged, the catch-all last."""
    return tuple(one.id for one in _known(roster))


def persons(roster: Roster, now: datetime) -> tuple[PersonView, ...]:
    """Return everybody who can be paged, with their clocks, the catch-all last."""
    return tuple(person(one, now) for one in _known(roster))


def _known(roster: Roster) -> list[Person]:
    others = [one for one in roster.people.values() if one.id != roster.catch_all.id]
    return [*others, roster.catch_all]
