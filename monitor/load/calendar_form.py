"""The shape of calendars in which promises count, as they are written in YAML, and their values."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from monitor.load.acceptance import Day
from monitor.load.batch_form import Country, Days, client_zone
from monitor.load.fields import TimeOfDay, Zone
from monitor.load.form import Form
from probes.hours import BUILT_IN, Calendar, Opening


class OpeningForm(Form):
    """From when to when it is open on some weekdays; where it closes no later than it opens, on the day after."""

    days: Days
    opens: TimeOfDay
    closes: TimeOfDay

    def opening(self) -> Opening:
        """Return the opening."""
        return Opening(days=self.days, opens=self.opens, closes=self.closes)


class CalendarForm(Form):
    """When promises count: weekly hours in a zone, without holidays and single days. Without a zone, each client's."""

    timezone: Annotated[Zone | None, BeforeValidator(client_zone)] = None
    hours: Annotated[list[OpeningForm], Field(min_length=1)] | None = None
    holidays: Country | None = None
    closed: list[Day] = Field(default_factory=list)

    def calendar(self, name: str) -> Calendar:
        """Return the calendar."""
        return Calendar(
            name=name,
            zone=self.timezone,
            week=None if self.hours is None else tuple(form.opening() for form in self.hours),
            country=self.holidays,
            closed=tuple(sorted({_written(day) for day in self.closed})),
        )


def _written(day: date) -> str:
    return day.isoformat()


def known_calendars(forms: Mapping[str, CalendarForm]) -> Mapping[str, Calendar]:
    """Return every calendar by its name: those that need no definition, and those that have one."""
    return {**BUILT_IN, **{name: form.calendar(name) for name, form in forms.items()}}
