"""A walk through every minute of a few days on the wall of a zone: what the simulation of schedules is made of.

It knows clocks from `zoneinfo` alone, and shares nothing with the code that it checks but the fields of its values.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


@lru_cache(maxsize=64)
def walls(timezone: str, start: datetime, minutes: int) -> tuple[datetime, ...]:
    """Return what the clock on the wall shows at each minute."""
    zone = ZoneInfo(timezone)
    return tuple((start + number * MINUTE).astimezone(zone).replace(tzinfo=None) for number in range(minutes))


@lru_cache(maxsize=64)
def firsts(timezone: str, start: datetime, minutes: int) -> Mapping[datetime, int]:
    """Return for each time on the wall the first minute that shows it.

    Where the clock jumps forward, each time that it leaves out is the minute at which a clock without the jump would
    have shown it.
    """
    found: dict[datetime, int] = {}
    shown = walls(timezone, start, minutes)
    for number, wall in enumerate(shown):
        found.setdefault(wall, number)
        if number and wall - shown[number - 1] > MINUTE:
            left_out = shown[number - 1] + MINUTE
            ahead = 0
            while left_out < wall:
                found.setdefault(left_out, number + ahead)
                left_out, ahead = left_out + MINUTE, ahead + 1
    return found


def minute_of(timezone: str, start: datetime, minutes: int, day: date, at: time) -> int | None:
    """Return the minute at which a time on a day is shown, None where the walk does not come by it."""
    return firsts(timezone, start, minutes).get(datetime.combine(day, at))


def offsets(timezone: str, year: int) -> list[datetime]:
    """Return the hours of a year, in UTC, after which the clocks of a zone are not as they were."""
    zone, at = ZoneInfo(timezone), datetime(year, 1, 1, tzinfo=UTC)
    changes = []
    while at.year == year:
        shown = [(at + timedelta(hours=hour)).astimezone(zone).utcoffset() for hour in (0, 24)]
        if shown[0] != shown[1]:
            hours = [(at + timedelta(hours=hour)).astimezone(zone).utcoffset() for hour in range(25)]
            changes += [at + timedelta(hours=hour) for hour in range(24) if hours[hour] != hours[hour + 1]]
        at += timedelta(days=1)
    return changes
