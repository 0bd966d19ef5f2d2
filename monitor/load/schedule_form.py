"""The shapes of schedules as they are written in YAML: rotations, layers, hours, a calendar; and the values of them.

Whether the names in them are defined is for `references`.
"""

from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from typing import Annotated, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_validator

from alerts.oncall import Feed, Layer, PersonId, Rotation, Schedule
from alerts.restriction import Hours
from alerts.rotation import Absent, DaysOff, Leave, Mark
from monitor.load.batch_form import Country, Days
from monitor.load.fields import Duration, Identity, Secret, Text, TimeOfDay, Zone, one_of
from monitor.load.form import Form
from probes.batch import EVERY

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
# A Monday. Fixed, so that the turns do not depend on the day the configuration was read.
DEFAULT_ANCHOR = date(2024, 1, 1)
ANCHOR_YEARS = range(2000, 2100)
MOST_HANDOVERS = 50


def written_day(value: object) -> date:
    """Return a day of this century."""
    message = f"must be a date from {ANCHOR_YEARS[0]} to {ANCHOR_YEARS[-1]}; write it like 2026-01-05"
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or day.year not in ANCHOR_YEARS:
        raise ValueError(message)
    return day


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


def _handovers(value: object) -> tuple[Handover, ...]:
    if not isinstance(value, list):
        return (_handover(value),)
    found = tuple(_handover(one) for one in value)
    weekly = all(one.weekday is not None for one in found)
    if len(set(found)) < len(found) or not weekly or not 1 < len(found) <= MOST_HANDOVERS:
        raise ValueError(
            'must be several that differ, each with its weekday; write them like ["Mon 09:00", "Fri 17:00"]'
        )
    return found


class HoursForm(Form):
    """When a rotation has somebody: times on weekdays, on its own wall clock."""

    days: Days = EVERY
    start: Annotated[TimeOfDay, Field(alias="from")]
    to: TimeOfDay

    def hours(self) -> Hours:
        """Return the hours."""
        return Hours(weekdays=tuple(sorted(self.days)), start=self.start, end=self.to)


class AwayForm(Form):
    """Days on which somebody is away, the first and the last of them."""

    first: Annotated[date, BeforeValidator(written_day), Field(alias="from")]
    to: Annotated[date, BeforeValidator(written_day)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to < self.first:
            raise ValueError("to is before from; both days are days of absence")
        return self


class Absence(NamedTuple):
    """What a person has written of their absences: their zone, the days, and whose holidays are theirs."""

    timezone: str
    away: tuple[AwayForm, ...]
    holidays: str | None


class RotationForm(Form):
    """People who take turns."""

    people: list[Identity]
    every: Duration = WEEK
    handover: Annotated[tuple[Handover, ...], BeforeValidator(_handovers)]
    timezone: Zone
    anchor: Annotated[date, BeforeValidator(written_day)] | None = Field(default=None, alias="from")
    only: list[HoursForm] = Field(default_factory=list)
    holidays: Country | None = None
    absent: Annotated[Absent, one_of(Absent)] = Absent.NEXT

    @property
    def _weekly(self) -> bool:
        return not self.every % WEEK

    @property
    def _hourly(self) -> bool:
        return bool(self.every % DAY)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        weekday = self.handover[0].weekday
        if self.every % HOUR:
            raise ValueError("turns last whole hours, days or weeks; write every like 12h, 1d or 2w")
        if len(self.handover) > 1 and self.every != WEEK:
            raise ValueError("with several handovers a turn lasts to the next of them; take every away")
        if self._weekly and weekday is None:
            raise ValueError('weekly turns change on a weekday; write handover like "Mon 09:00"')
        if not self._weekly and weekday is not None:
            raise ValueError('turns of days change on any weekday; write handover like "09:00", or whole weeks')
        if self.anchor and self._weekly and self.anchor.weekday() != weekday:
            raise ValueError(f"from is a {WEEKDAYS[self.anchor.weekday()]}; choose a date on handover's weekday")
        return self

    def rotation(self, absences: Mapping[str, Absence]) -> Rotation:
        """Return the rotation; without `from` the first turn began on the first handover day of 2024."""
        first, several = self.handover[0], len(self.handover) > 1
        anchor = self.anchor or DEFAULT_ANCHOR + timedelta(days=first.weekday or 0)
        return Rotation(
            people=tuple(PersonId(person) for person in self.people),
            timezone=self.timezone,
            handover=first.at,
            weekday=first.weekday,
            anchor=anchor.isoformat(),
            weeks=self.every // WEEK if self._weekly and not several else 0,
            days=0 if self._weekly or self._hourly else self.every.days,
            hours=self.every // HOUR if self._hourly else 0,
            marks=tuple(Mark(weekday=one.weekday or 0, at=one.at) for one in self.handover) if several else (),
            only=tuple(hours.hours() for hours in self.only),
            holidays=self.holidays,
            leaves=tuple(self._leaves(absences)),
            days_off=tuple(self._days_off(absences)),
            absent=self.absent,
        )

    def _leaves(self, absences: Mapping[str, Absence]) -> Iterator[Leave]:
        for person in dict.fromkeys(self.people):
            zone, away, _ = absences[person]
            for one in away:
                first, last = one.first.isoformat(), one.to.isoformat()
                yield Leave(person=PersonId(person), timezone=zone, first=first, last=last)

    def _days_off(self, absences: Mapping[str, Absence]) -> Iterator[DaysOff]:
        for person in dict.fromkeys(self.people):
            zone, _, country = absences[person]
            if country is not None:
                yield DaysOff(person=PersonId(person), timezone=zone, country=country)


class LayerForm(Form):
    """Rotations that stand over those before them."""

    name: Text
    rotations: Annotated[list[RotationForm], Field(min_length=1)]


class CalendarFeedForm(Form):
    """A calendar that says who is on call, and who is meant by its attendees' addresses or its summaries."""

    url: Secret
    people: Annotated[dict[Text, Identity], Field(min_length=1)]
    timezone: Zone = "UTC"
    stale_after: Duration = timedelta(hours=6)

    def feed(self) -> Feed:
        """Return the feed."""
        people = tuple((name, PersonId(person)) for name, person in self.people.items())
        return Feed(url=self.url, people=people, timezone=self.timezone, stale_after=self.stale_after)


class ScheduleForm(Form):
    """Rotations whose people are on call together, layers over them, and a calendar over all."""

    rotations: list[RotationForm]
    layers: list[LayerForm] = Field(default_factory=list)
    from_calendar: CalendarFeedForm | None = None
    handover_note: bool = True

    def schedule(self, name: str, absences: Mapping[str, Absence]) -> Schedule:
        """Return the schedule, with the absences of its people."""
        return Schedule(
            name=name,
            rotations=tuple(form.rotation(absences) for form in self.rotations),
            layers=tuple(
                Layer(name=layer.name, rotations=tuple(form.rotation(absences) for form in layer.rotations))
                for layer in self.layers
            ),
            feed=self.from_calendar.feed() if self.from_calendar else None,
            note=self.handover_note,
        )

    def named(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield everybody who is named in it, each with the place."""
        for turn, rotation in enumerate(self.rotations):
            yield from ((("rotations", turn, "people", place), one) for place, one in enumerate(rotation.people))
        for number, layer in enumerate(self.layers):
            for turn, rotation in enumerate(layer.rotations):
                at = ("layers", number, "rotations", turn, "people")
                yield from (((*at, place), one) for place, one in enumerate(rotation.people))
        if self.from_calendar is not None:
            for summary, person in self.from_calendar.people.items():
                yield ("from_calendar", "people", summary), person
