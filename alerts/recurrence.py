"""Spans of time that come again: on some weekdays or days of the month, between two times of day in a zone.

Wall-clock arithmetic happens here and only UTC instants leave. A span begins when a clock in the zone shows its
beginning and ends when it shows its end. In an hour that is skipped both are as much later as the hour is long (RFC
5545); of an hour that comes twice a span begins in the first and ends in the second, so that it covers all of it. A
span that would be left with nothing lasts as long as on any other day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from whenever import Date, Instant, Time, TimeZoneNotFoundError

HORIZON = 366 * 5
"""So many days ahead a next span is looked for: a 29 February comes again after four years, mostly."""

WEEK = 7
A_DAY = timedelta(days=1)


class NeverError(ValueError):
    """A recurrence that is none; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """Days and times of day in `zone`; what is left empty restricts nothing.

    `weekdays` count from Monday, 0. `nth` says which of such weekdays in their month: 1 is the first, -1 the last.
    `days` are days of the month, of which -1 is the last; `months` count from 1. A span that ends at or before the time
    at which it begins ends on the next day.
    """

    zone: str
    begins: time
    ends: time
    weekdays: frozenset[int] = frozenset()
    nth: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """From one UTC instant to another, which is no part of it."""

    begins: datetime
    ends: datetime

    def holds(self, now: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.begins <= now < self.ends


def check(recurrence: Recurrence, now: datetime) -> None:
    """Raise NeverError unless a recurrence names a known zone and some day in the next five years."""
    try:
        upcoming = next_span(recurrence, now)
    except TimeZoneNotFoundError:
        raise NeverError(f"there is no time zone {recurrence.zone}; write one like Europe/Madrid") from None
    if upcoming is None:
        raise NeverError("no day in the next five years fits")


def span_at(recurrence: Recurrence, now: datetime) -> Span | None:
    """Return the span that an instant lies in, None where it lies in none; of several the one that ends last."""
    today = Instant(now).to_tz(recurrence.zone).date()
    around = (today.subtract(days=1), today)
    found = [one for day in around if (one := span_on(recurrence, day)) is not None and one.holds(now)]
    return max(found, key=lambda one: one.ends, default=None)


def next_span(recurrence: Recurrence, now: datetime) -> Span | None:
    """Return the first span that begins after an instant, None where none does within five years."""
    day = Instant(now).to_tz(recurrence.zone).date()
    for ahead in range(HORIZON):
        found = span_on(recurrence, day.add(days=ahead))
        if found is not None and found.begins > now:
            return found
    return None


def spans(recurrence: Recurrence, begin: datetime, end: datetime) -> Iterator[Span]:
    """Yield the spans of a time that touch it, the earliest first, whole."""
    day = Instant(begin).to_tz(recurrence.zone).date().subtract(days=1)
    last = Instant(end).to_tz(recurrence.zone).date()
    while day <= last:
        found = span_on(recurrence, day)
        if found is not None and found.ends > begin and found.begins < end:
            yield found
        day = day.add(days=1)


@lru_cache(maxsize=16384)
def span_on(recurrence: Recurrence, day: Date) -> Span | None:
    """Return the span that begins on a day of the zone's calendar, None where none does."""
    if not _fits(recurrence, day):
        return None
    until = day if recurrence.ends > recurrence.begins else day.add(days=1)
    begins = _instant(day, recurrence.begins, recurrence.zone, "earlier")
    ends = _instant(until, recurrence.ends, recurrence.zone, "later")
    return Span(begins=begins, ends=ends if ends > begins else begins + _usual(recurrence))


def _usual(recurrence: Recurrence) -> timedelta:
    begin, end = (timedelta(hours=one.hour, minutes=one.minute) for one in (recurrence.begins, recurrence.ends))
    return end - begin if end > begin else end - begin + A_DAY


def _instant(day: Date, wall: time, zone: str, which: Literal["earlier", "later"]) -> datetime:
    """Return when the clocks of a zone show a time: of two such instants the one that is asked for."""
    shown = day.at(Time(wall.hour, wall.minute))
    first = shown.assume_tz(zone, disambiguation="earlier")
    second = shown.assume_tz(zone, disambiguation="later")
    # In a skipped hour neither shows this time, and RFC 5545's is the later one.
    skipped = first.to_plain() != shown
    return (second if skipped or which == "later" else first).to_instant().to_stdlib()


def _fits(recurrence: Recurrence, day: Date) -> bool:
    length, weekday = day.days_in_month(), day.day_of_week().value - 1
    if recurrence.weekdays and weekday not in recurrence.weekdays:
        return False
    places = {(day.day - 1) // WEEK + 1, -((length - day.day) // WEEK + 1)}
    if recurrence.nth and recurrence.nth.isdisjoint(places):
        return False
    if recurrence.days and recurrence.days.isdisjoint({day.day, day.day - length - 1}):
        return False
    return not recurrence.months or day.month in recurrence.months
