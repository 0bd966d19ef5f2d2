"""Wall clocks: the instant at which the clock on somebody's wall shows a time on a day, and the day that it shows.

RFC 5545's rules hold where clocks change. A time inside an hour that is skipped is as long after the change as it would
be if there were none; a time inside an hour that comes twice is meant the first time round.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from whenever import Date, Instant, Time

from probes.holiday import is_holiday

DAY = timedelta(days=1)
FURTHEST_HOLIDAY = 400
"""So many days ahead a holiday is looked for, or the end of one."""


def shown(day: date, at: time, timezone: str) -> datetime:
    """Return the UTC instant at which the wall clock of a zone shows a time on a day."""
    wall = Date(day).at(Time(at))
    return wall.assume_tz(timezone, disambiguation="compatible").to_instant().to_stdlib()


def day_of(at: datetime, timezone: str) -> date:
    """Return the day that it is in a zone."""
    return Instant(at).to_tz(timezone).date().to_stdlib()


def midnight(day: date, timezone: str) -> datetime:
    """Return the UTC instant at which a day begins in a zone."""
    return shown(day, time(), timezone)


def days_from(day: date, number: int) -> Iterator[date]:
    """Yield so many days, beginning with one."""
    for ahead in range(number):
        yield day + ahead * DAY


def on_holiday(country: str, timezone: str, at: datetime) -> bool:
    """Return whether the day that it is in a zone is a public holiday of a country (ES), or of a part of it (ES-MD)."""
    return is_holiday(country, day_of(at, timezone))


def next_holiday_edge(country: str, timezone: str, at: datetime) -> datetime | None:
    """Return when the holiday that it is ends, or the next begins; None where there is none in the next 400 days."""
    today = day_of(at, timezone)
    is_one = is_holiday(country, today)
    ahead = days_from(today + DAY, FURTHEST_HOLIDAY)
    return next((midnight(day, timezone) for day in ahead if is_holiday(country, day) != is_one), None)
