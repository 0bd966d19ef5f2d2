"""Instants as vendors write them: reading and writing each :class:`TimeFormat`.

Only notation. Whether a vendor's clock is right is found out in `headers`, and corrected in `record`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from probes.connector import TimeFormat

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLAUSIBLE_YEARS = range(1990, 2200)
"""Outside of these a date is a mistake (a zero, milliseconds read as seconds), and arithmetic on it may overflow."""

UNITS = {TimeFormat.UNIX_S: timedelta(seconds=1), TimeFormat.UNIX_MS: timedelta(milliseconds=1)}

# Longer numbers cannot be an instant, and int() of thousands of digits is an attack.
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
SPELLED = re.compile(
    r"(?:([0-9]{1,5})d)?(?:([0-9]{1,5})h)?(?:([0-9]{1,5})m(?!s))?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)s)?(?:([0-9]{1,12})ms)?"
)
OFFSET = re.compile(r"([+-][0-9]{2}:?[0-9]{2}|Z)$")
MS_DATE = re.compile(r"/Date\((-?[0-9]{1,15})([+-][0-9]{4})?\)/")


def read_instant(value: object, how: TimeFormat) -> datetime | None:
    """Return the instant that a JSON value or header means, in UTC; None where it is unreadable or implausible."""
    if (unit := UNITS.get(how)) is not None:
        return _counted(value, unit)
    return _plausible(NOTATIONS[how](value)) if isinstance(value, str) else None


def write_instant(instant: datetime, how: TimeFormat) -> str:
    """Return the instant in a vendor's notation, cut (not rounded) to what the notation can hold."""
    if how is TimeFormat.UNIX_S:
        return str((instant - EPOCH) // timedelta(seconds=1))
    if how is TimeFormat.UNIX_MS:
        return str((instant - EPOCH) // timedelta(milliseconds=1))
    if how is TimeFormat.MS_DATE:
        return f"/Date({(instant - EPOCH) // timedelta(milliseconds=1)}+0000)/"
    if how is TimeFormat.HTTP_DATE:
        return format_datetime(instant.astimezone(UTC), usegmt=True)
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(text: str) -> float | None:
    """Return a plain decimal number, None for anything else ("nan", "1e9", other scripts' digits)."""
    return float(text) if NUMBER.fullmatch(text.strip()) else None


def read_duration(text: str) -> timedelta | None:
    """Return a length of time written like `6m0s`, `1h`, `1.5s` or `200ms`; None for anything else."""
    found = SPELLED.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds, milliseconds = (float(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds)


def _counted(value: object, unit: timedelta) -> datetime | None:
    count = number(value) if isinstance(value, str) else value
    if isinstance(count, bool) or not isinstance(count, int | float):
        return None
    try:
        return _plausible(EPOCH + count * unit)
    except (OverflowError, ValueError):
        return None


def _iso(text: str) -> datetime | None:
    """An instant without an offset is taken as UTC."""
    try:
        return _utc(datetime.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        return None


def _http_date(text: str) -> datetime | None:
    """An HTTP date: RFC 9110, 5.6.7."""
    try:
        return _utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _soql(text: str) -> datetime | None:
    """An ISO 8601 instant that must have an offset, for without one it is some user's local time."""
    instant = _iso(text)
    return instant if OFFSET.search(text) else None


def _ms_date(text: str) -> datetime | None:
    """Milliseconds in UTC; the offset after them says where somebody sat and shifts nothing."""
    found = MS_DATE.fullmatch(text)
    return _counted(found[1], timedelta(milliseconds=1)) if found else None


NOTATIONS: Mapping[TimeFormat, Callable[[str], datetime | None]] = {
    TimeFormat.ISO8601: _iso,
    TimeFormat.SOQL: _soql,
    TimeFormat.MS_DATE: _ms_date,
    TimeFormat.HTTP_DATE: _http_date,
}


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def _plausible(instant: datetime | None) -> datetime | None:
    return instant if instant is not None and instant.year in PLAUSIBLE_YEARS else None
