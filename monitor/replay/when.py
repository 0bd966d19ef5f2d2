"""Instants as they are written in a story: absolute, on the wall clock of a zone, or counted from the story's start.

2026-10-25T00:10Z, 2026-10-25T02:10+02:00   an instant
2026-10-25 02:10, 02:10, 02:10:30           on the clocks of the story's zone; without a day, the first time after
the story's start that they show it
02:10 America/New_York                      on the clocks of another zone
+15m, +1h30m, +0s                           so long after the story's start
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import available_timezones

from whenever import Instant, PlainDateTime, RepeatedTime, SkippedTime

from monitor.units import duration

WRITTEN = 'write it like "02:10", "2026-10-25 02:10", 2026-10-25T00:10Z or +15m'
_ABSOLUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)")
_WALL = re.compile(r"(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d(?::\d\d)?)(?: ([A-Za-z][A-Za-z0-9_+/-]*))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What instants are read by: the story's zone, and its start, None where that itself is read."""

    zone: str
    start: datetime | None = None


def instant(text: str, frame: Frame) -> datetime:
    """Return the UTC instant that a text stands for.

    An hour that comes twice is meant the first time it comes after the start; write the offset where it is not.

    Raises:
        ValueError: it stands for none; the text says how to write one.
    """
    if text.startswith("+"):
        return _relative(text, frame)
    if _ABSOLUTE.fullmatch(text):
        return _absolute(text)
    found = _WALL.fullmatch(text)
    if found is None:
        raise ValueError(f"must be an instant; {WRITTEN}")
    day, clock, zone = found.groups()
    if zone is not None and zone not in available_timezones():
        raise ValueError("names a time zone that the IANA database does not have; write it like 02:10 Europe/Madrid")
    return _on_the_wall(day, clock, zone or frame.zone, frame.start)


def _relative(text: str, frame: Frame) -> datetime:
    if frame.start is None:
        raise ValueError("counts from the story's start, which it is itself; write a date and a time")
    return frame.start if text == "+0s" else frame.start + duration(text[1:])


def _absolute(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise ValueError(f"is no date and time that exists; {WRITTEN}") from None


def _on_the_wall(day: str | None, clock: str, zone: str, start: datetime | None) -> datetime:
    if day is not None:
        return _earliest(_plain(day, clock), zone, None)
    if start is None:
        raise ValueError("has no day; the start of a story needs one, like 2026-10-24 22:00")
    today = Instant(start).to_tz(zone).date()
    for date in (today, today.add(days=1), today.add(days=2)):
        at = _earliest(_plain(str(date), clock), zone, start)
        if at >= start:
            return at
    raise ValueError(f"is no time of day; {WRITTEN}")


def _plain(day: str, clock: str) -> PlainDateTime:
    try:
        return PlainDateTime.parse_iso(f"{day}T{clock}" if clock.count(":") > 1 else f"{day}T{clock}:00")
    except ValueError:
        raise ValueError(f"is no date and time that exists; {WRITTEN}") from None


def _earliest(wall: PlainDateTime, zone: str, start: datetime | None) -> datetime:
    """Return when the clocks of a zone show something: of an hour that comes twice the first time after the start."""
    try:
        return wall.assume_tz(zone, disambiguation="raise").to_instant().to_stdlib()
    except SkippedTime:
        raise ValueError(f"does not exist in {zone}: the clocks are put forward over it; write another time") from None
    except RepeatedTime:
        first = wall.assume_tz(zone, disambiguation="earlier").to_instant().to_stdlib()
        second = wall.assume_tz(zone, disambiguation="later").to_instant().to_stdlib()
        return second if start is not None and first < start else first
