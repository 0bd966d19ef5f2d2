"""What stands on the board beside the schedules: overrides that people have put up, and shifts that a calendar tells.

Values, and how they change who is on call; who would be without them is for `oncall`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NewType

from alerts.rotation import Person, PersonId

OverrideId = NewType("OverrideId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """For a while `person` is on call instead of `instead_of`, or instead of everybody where that is None.

    Where `person` is None, nobody comes in their place. It counts only while `instead_of` would be on call. `swap` is
    the same in both overrides of a swap. A cancelled one changes nothing any more, and stays on record.
    """

    id: OverrideId
    schedule: str
    start: datetime
    end: datetime
    person: PersonId | None
    instead_of: PersonId | None
    by: str
    why: str
    created: datetime
    swap: str = ""
    cancelled: datetime | None = None
    cancelled_by: str = ""

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at an instant."""
        return self.cancelled is None and self.start <= at < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Somebody is on call from an instant to an instant, as a calendar says."""

    person: PersonId
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Every override that is kept, and for each schedule that comes from a calendar the shifts that it last told.

    `people` are those whom overrides may name, as they are reached at this moment.
    """

    overrides: tuple[Override, ...] = ()
    shifts: Mapping[str, tuple[Shift, ...]] = field(default_factory=dict)
    people: Mapping[PersonId, Person] = field(default_factory=dict)

    def of(self, schedule: str) -> tuple[Override, ...]:
        """Return the overrides of a schedule that were not cancelled, the oldest first."""
        found = (one for one in self.overrides if one.schedule == schedule and one.cancelled is None)
        return tuple(sorted(found, key=lambda one: (one.created, one.id)))

    def edges(self, schedule: str, now: datetime) -> Iterator[datetime]:
        """Yield the instants after `now` at which an override or a shift of a schedule begins or ends."""
        spans = [(one.start, one.end) for one in self.of(schedule)]
        spans += [(one.start, one.end) for one in self.shifts.get(schedule, ())]
        yield from (edge for span in spans for edge in span if edge > now)


NOTHING_POSTED = Board()
"""The board of schedules that go by themselves."""


def overridden(people: tuple[PersonId, ...], overrides: tuple[Override, ...], now: datetime) -> tuple[PersonId, ...]:
    """Return who is on call once overrides have been applied in turn; of two that disagree the later one counts."""
    for one in overrides:
        if one.holds(now):
            people = _applied(people, one)
    return people


def _applied(people: tuple[PersonId, ...], one: Override) -> tuple[PersonId, ...]:
    comes = () if one.person is None else (one.person,)
    if one.instead_of is None:
        return comes
    if one.instead_of not in people:
        return people
    place = people.index(one.instead_of)
    return tuple(dict.fromkeys((*people[:place], *comes, *people[place + 1 :])))


def cancelled(override: Override, by: str, now: datetime) -> Override:
    """Return an override that changes nothing any more."""
    return replace(override, cancelled=now, cancelled_by=by)
