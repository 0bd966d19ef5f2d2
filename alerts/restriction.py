"""The hours to which a rotation is restricted: weekdays and times on its own wall clock, as spans of UTC.

What no restriction covers is for nobody of the rotation; who stands in is for `oncall`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from alerts.wall import DAY, day_of, days_from, shown

WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """From a time to a time on weekdays (0 is Monday), each with its first day's name.

    An `end` that is not after `start` is on the next day: 22:00 to 06:00 is a night, 00:00 to 00:00 a whole day.
    """

    weekdays: tuple[int, ...]
    start: time
    end: time

    def on(self, day: date, timezone: str) -> tuple[datetime, datetime] | None:
        """Return the span that begins on a day, None where none does, or where a clock change leaves nothing of it."""
        if day.weekday() not in self.weekdays:
            return None
        last = day if self.end > self.start else day + DAY
        start, end = shown(day, self.start, timezone), shown(last, self.end, timezone)
        return (start, end) if start < end else None


def _spans(only: tuple[Hours, ...], timezone: str, day: date) -> Iterator[tuple[datetime, datetime]]:
    spans = (hours.on(day, timezone) for hours in only)
    yield from (span for span in spans if span is not None)


def is_open(only: tuple[Hours, ...], timezone: str, now: datetime) -> bool:
    """Return whether an instant lies within restrictions; without any, every instant does."""
    if not only:
        return True
    # Yesterday's night may go on, and where a zone skipped a day, what began before it as well.
    days = days_from(day_of(now, timezone) - 2 * DAY, 3)
    return any(start <= now < end for day in days for start, end in _spans(only, timezone, day))


def next_edge(only: tuple[Hours, ...], timezone: str, now: datetime) -> datetime | None:
    """Return the next instant at which a span begins or ends, None where there is none."""
    today = day_of(now, timezone)
    found: list[datetime] = []
    for day in days_from(today - 2 * DAY, WEEK + 5):
        found += [edge for span in _spans(only, timezone, day) for edge in span if edge > now]
        if found and day > today:
            break
    return min(found, default=None)
