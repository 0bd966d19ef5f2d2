"""Instants in a reader's language: on the clock of their zone with its name, and in UTC."""

from datetime import UTC, datetime
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_name
from whenever import Instant

NARROW = "\u202f"
"""A narrow space before AM and PM is more than some pagers can show."""
ENGLISH = "en"


@lru_cache(maxsize=256)
def locale_of(tag: str) -> Locale:
    """Return the locale of a language tag like es-ES, English where none is known by it."""
    try:
        return Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale.parse(ENGLISH)


@lru_cache(maxsize=8192)
def when(at: datetime, timezone: str, language: str) -> str:
    """Return an instant like `March 4, 2026, 6:59 AM Eastern Standard Time (11:59 UTC)`, as the language writes it.

    UTC is always on the clock of 24 hours, and with its date where that is another one.
    """
    there = Instant(at).to_tz(timezone).to_stdlib()
    locale, utc = locale_of(language), at.astimezone(UTC)
    if there.tzname() == "UTC":
        return f"{_moment(utc, f'{utc:%H:%M}', locale)} UTC"
    clock = f"{utc:%H:%M}" if there.date() == utc.date() else _moment(utc, f"{utc:%H:%M}", locale)
    local = format_time(there, "short", tzinfo=there.tzinfo, locale=locale).replace(NARROW, " ")
    return f"{_moment(there, local, locale)} {get_timezone_name(there, locale=locale)} ({clock} UTC)"


def _moment(at: datetime, clock: str, locale: Locale) -> str:
    shape = str(locale.datetime_formats["medium"])
    return shape.replace("{1}", format_date(at, "long", locale)).replace("{0}", clock)
