"""Calendars as instants: when one is open, how much of it passed, and when so much of it will have passed.

Wall clocks are read here and only UTC leaves. Intervals are half-open: the instant at which it closes is not in it.
Where clocks change, a wall time in a skipped hour is as much later as the hour is long, and one in a repeated hour is
the first of the two.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from whenever import Date, Instant, Time

from probes.hours import Calendar, is_closed

HORIZON = timedelta(days=3650)
"""Nothing is due later than so long after its start, however seldom its calendar is open."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Interval:
    """From an instant up to, and without, another one."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


def openings(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Interval]:
    """Yield the intervals between two instants in which a calendar is open, in order; none touches another.

    A calendar without a zone of its own is read in UTC: give it the client's first (`at_home`).
    """
    if start < end:
        yield from joined(_clipped(_daily(calendar, start), start, end))


def elapsed(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return how much of a calendar passes between two instants; nothing where the second is not the later one."""
    if calendar.always:
        return max(timedelta(), end - start)
    return sum((one.length for one in openings(calendar, start, end)), timedelta())


def due(calendar: Calendar, start: datetime, target: timedelta) -> datetime:
    """Return the first instant by which so much of a calendar has passed; at the latest HORIZON after the start."""
    return due_in(openings(calendar, start, start + HORIZON), target) or start + HORIZON


def due_in(intervals: Iterable[Interval], target: timedelta) -> datetime | None:
    """Return the first instant by which intervals, in order, have added up to a target, None where they never do."""
    left = target
    for one in intervals:
        if one.length >= left:
            return one.start + left
        left -= one.length
    return None


def is_open(calendar: Calendar, at: datetime) -> bool:
    """Return whether a calendar is open at an instant."""
    return any(one.start <= at < one.end for one in openings(calendar, at, at + timedelta(microseconds=1)))


def next_opening(calendar: Calendar, now: datetime) -> datetime:
    """Return `now` where a calendar is open, or else when it next opens; at the latest HORIZON from now."""
    return next((one.start for one in openings(calendar, now, now + HORIZON)), now + HORIZON)


def joined(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """Yield intervals, given in the order of their starts, with those that touch or overlap made one."""
    current: Interval | None = None
    for one in intervals:
        if current is None or one.start > current.end:
            if current is not None:
                yield current
            current = one
        elif one.end > current.end:
            current = Interval(start=current.start, end=one.end)
    if current is not None:
        yield current


def without(intervals: Iterable[Interval], taken: Iterable[Interval]) -> Iterator[Interval]:
    """Yield what is left of intervals, given in order, where others are taken out of them."""
    holes = tuple(joined(sorted(taken)))
    for one in intervals:
        start = one.start
        for hole in holes:
            if hole.end <= start or hole.start >= one.end:
                continue
            if hole.start > start:
                yield Interval(start=start, end=hole.start)
            start = hole.end
        if start < one.end:
            yield Interval(start=start, end=one.end)


def total(intervals: Iterable[Interval]) -> timedelta:
    """Return how long intervals are, counting what they share once."""
    return sum((one.length for one in joined(sorted(intervals))), timedelta())


def _clipped(intervals: Iterable[Interval], start: datetime, end: datetime) -> Iterator[Interval]:
    for one in intervals:
        if one.start >= end:
            return
        if one.end > start:
            yield Interval(start=max(one.start, start), end=min(one.end, end))


def _daily(calendar: Calendar, start: datetime) -> Iterator[Interval]:
    """Yield what opens on each day, from the day before an instant on: it may be open past midnight."""
    if calendar.always:
        yield Interval(start=start, end=start + HORIZON)
        return
    day = Instant(start).to_tz(calendar.zone or "UTC").to_stdlib().date() - DAY
    while day <= start.date() + HORIZON:
        yield from _on(calendar, day)
        day += DAY


@lru_cache(maxsize=16384)
def _on(calendar: Calendar, day: date) -> tuple[Interval, ...]:
    """Return what opens on one day, in order."""
    if is_closed(calendar, day):
        return ()
    zone = calendar.zone or "UTC"
    if calendar.week is None:
        return (Interval(start=_instant(day, time(), zone), end=_instant(day + DAY, time(), zone)),)
    found = (
        Interval(
            start=_instant(day, one.opens, zone),
            end=_instant(day if one.closes > one.opens else day + DAY, one.closes, zone),
        )
        for one in calendar.week
        if day.weekday() in one.days
    )
    return tuple(sorted(one for one in found if one.end > one.start))


def _instant(day: date, wall: time, zone: str) -> datetime:
    local = Date(day.isoformat()).at(Time(wall.hour, wall.minute))
    return local.assume_tz(zone, disambiguation="compatible").to_instant().to_stdlib()
