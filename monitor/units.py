"""How durations, shares and rates are written in configuration: `1h30m`, `99.9%`, `10/s`.

Pure reading of text. Every function raises `ValueError` with a sentence that says how the value is written.
"""

import re
from datetime import timedelta
from decimal import Decimal

from probes.budget import Window

LONGEST = timedelta(days=3650)
LARGEST_LIMIT = 1_000_000_000

_DURATION = re.compile(r"(?:([0-9]{1,9})w)?(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")
_MOMENT = re.compile(r"([0-9]{1,9})(ms|s)")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,12})?) ?%")
_RATE = re.compile(r"([0-9]{1,10}) ?/ ?([0-9a-z]+)")
_PERIODS = {
    "s": timedelta(seconds=1),
    "sec": timedelta(seconds=1),
    "second": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "d": timedelta(days=1),
    "day": timedelta(days=1),
    "month": timedelta(days=31),
}


def duration(value: object) -> timedelta:
    """Return a duration written with units from the largest to the smallest, such as `30s`, `1h30m`, `2d` or `1w`.

    Raises:
        ValueError: it is not written so, is zero, or is longer than ten years.
    """
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None or not any(found.groups()):
        raise ValueError("must be a duration with its unit; write it like 30s, 5m, 1h30m, 2d or 1w")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds
    if not 0 < total <= LONGEST.total_seconds():
        raise ValueError("must be longer than nothing and no longer than ten years (3650d)")
    return timedelta(seconds=total)


def moment(value: object) -> timedelta:
    """Return a length of seconds or milliseconds, such as `500ms` or `2s`.

    Raises:
        ValueError: it is not written so, is zero, or is longer than a minute.
    """
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be in milliseconds or seconds; write it like 500ms or 2s")
    number, unit = int(found[1]), found[2]
    length = timedelta(milliseconds=number) if unit == "ms" else timedelta(seconds=number)
    if not timedelta() < length <= timedelta(minutes=1):
        raise ValueError("must be longer than nothing and no longer than a minute (60s)")
    return length


def spelled(length: timedelta) -> str:
    """Return a duration of whole seconds as it is written: `1h30m`."""
    seconds, parts = round(length.total_seconds()), []
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def fraction(value: object) -> float:
    """Return a share above 0 and up to 1, written as `99.9%` or as `0.999`.

    Raises:
        ValueError: it is not written so, or lies outside.
    """
    number = _number(value)
    if number is None:
        raise ValueError("must be a share; write it like 99.9% or 0.999")
    if not 0 < number <= 1:
        raise ValueError("must be above 0% and at most 100%; write it like 99.9% or 0.999")
    return number


def _number(value: object) -> float | None:
    if isinstance(value, str):
        found = _PERCENT.fullmatch(value)
        # Decimal, because 99.9 / 100 is not 0.999 in binary.
        return float(Decimal(found[1]) / 100) if found else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if abs(value) <= LARGEST_LIMIT else LARGEST_LIMIT
    return None


def rate(value: object) -> Window:
    """Return the window of a rate such as `10/s`, `600/min`, `5000/day` or `100/10s`, without a burst.

    Raises:
        ValueError: it is not written so, or allows nothing.
    """
    found = _RATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("must be a rate; write it like 10/s, 600/min, 5000/day or 100/10s")
    limit, period = int(found[1]), _PERIODS.get(found[2])
    if not 0 < limit <= LARGEST_LIMIT:
        raise ValueError(f"must allow between 1 and {LARGEST_LIMIT} requests in its period")
    return Window(limit=limit, period=period or duration(found[2]))
