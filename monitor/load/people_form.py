"""The shapes of people and schedules as they are written in YAML, and the values they stand for.

Whether the names in them are defined is for `references`.
"""

from datetime import date, time, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_validator

from alerts.oncall import Person, PersonId, Rotation, Schedule
from monitor.load.fields import ID, Duration, Identity, Secret, Zone
from monitor.load.form import Form

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK = timedelta(weeks=1)
# A Monday. Fixed, so that the turns do not depend on the day the configuration was read.
DEFAULT_ANCHOR = date(2024, 1, 1)
ANCHOR_YEARS = range(2000, 2100)


class PersonForm(Form):
    """Somebody of ours who can be paged."""

    id: Identity
    timezone: Zone = "UTC"
    channels: Annotated[list[Secret], Field(min_length=1)]

    def person(self) -> Person:
        """Return the person."""
        return Person(id=PersonId(self.id), timezone=self.timezone, channels=tuple(self.channels))


class Handover(NamedTuple):
    """When turns change: a wall-clock time, on a weekday (0 is Monday) or on any day."""

    weekday: int | None
    at: time


def _handover(value: object) -> Handover:
    message = 'must be a time, with a weekday for weekly turns; write it like "Mon 09:00" or "09:00"'
    words = value.split() if isinstance(value, str) else []
    day, clock = words if len(words) == 2 else ("", *words) if len(words) == 1 else ("", "")  # noqa: PLR2004 - day, time
    if (day and day.title() not in WEEKDAYS) or len(clock) != len("09:00"):
        raise ValueError(message)
    try:
        at = time.fromisoformat(clock)
    except ValueError:
        raise ValueError(message) from None
    return Handover(WEEKDAYS.index(day.title()) if day else None, at)


def _anchor(value: object) -> date:
    message = f"must be a date from {ANCHOR_YEARS[0]} to {ANCHOR_YEARS[-1]}; write it like 2026-01-05"
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day.year not in ANCHOR_YEARS:
        raise ValueError(message)
    return day


class RotationForm(Form):
    """People who take turns."""

    people: list[Identity]
    every: Duration = WEEK
    handover: Annotated[Handover, BeforeValidator(_handover)]
    timezone: Zone
    anchor: Annotated[date, BeforeValidator(_anchor)] | None = Field(default=None, alias="from")

    @property
    def _weekly(self) -> bool:
        return not self.every % WEEK

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.every % timedelta(days=1):
            raise ValueError("turns last whole days or weeks; write every like 1d, 1w or 2w")
        if self._weekly and self.handover.weekday is None:
            raise ValueError('weekly turns change on a weekday; write handover like "Mon 09:00"')
        if not self._weekly and self.handover.weekday is not None:
            raise ValueError('turns of days change on any weekday; write handover like "09:00", or whole weeks')
        if self.anchor and self._weekly and self.anchor.weekday() != self.handover.weekday:
            raise ValueError(f"from is a {WEEKDAYS[self.anchor.weekday()]}; choose a date on handover's weekday")
        return self

    def rotation(self) -> Rotation:
        """Return the rotation; without `from` the first turn began on the first handover day of 2024."""
        weekday = self.handover.weekday
        anchor = self.anchor or DEFAULT_ANCHOR + timedelta(days=weekday or 0)
        return Rotation(
            people=tuple(PersonId(person) for person in self.people),
            timezone=self.timezone,
            handover=self.handover.at,
            weekday=weekday,
            anchor=anchor.isoformat(),
            weeks=self.every // WEEK if self._weekly else 0,
            days=0 if self._weekly else self.every.days,
        )


class ScheduleForm(Form):
    """Rotations whose people are on call together."""

    rotations: list[RotationForm]

    def schedule(self, name: str) -> Schedule:
        """Return the schedule."""
        return Schedule(name=name, rotations=tuple(form.rotation() for form in self.rotations))


class TargetKind(StrEnum):
    """Whom a step can page."""

    SCHEDULE = "schedule"
    PERSON = "person"


class Target(NamedTuple):
    """Whom a step pages, by name."""

    kind: TargetKind
    name: str


def target(value: object) -> Target:
    """Return whom a step pages."""
    kind, _, name = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind not in set(TargetKind) or not ID.fullmatch(name):
        raise ValueError("must be one schedule or one person; write it like schedule:NAME or person:ID")
    return Target(TargetKind(kind), name)


def person_target(value: object) -> Target:
    """Return a target that is a person: the one who is paged when nobody else is left."""
    if not isinstance(value, str) or not value.startswith(f"{TargetKind.PERSON}:"):
        raise ValueError("must be a person, so that there is always somebody; write it like person:ID")
    return target(value)
