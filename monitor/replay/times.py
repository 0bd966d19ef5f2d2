"""Instants as a transcript tells them: on the reader's clock with the zone's own name, and in UTC."""

from datetime import datetime

from whenever import Instant


def there(at: datetime, zone: str) -> datetime:
    """Return an instant on the clocks of a zone."""
    return Instant(at).to_tz(zone).to_stdlib()


def clock(at: datetime, zone: str) -> str:
    """Return `02:10:57 CEST`."""
    return f"{there(at, zone):%H:%M:%S %Z}"


def minute(at: datetime, zone: str) -> str:
    """Return `Sun 02:10 CEST`."""
    return f"{there(at, zone):%a %H:%M %Z}"


def utc(at: datetime) -> str:
    """Return `00:10:57Z`."""
    return f"{at:%H:%M:%S}Z"


def day(at: datetime, zone: str) -> str:
    """Return `Sunday, 25 October 2026`."""
    return f"{there(at, zone):%A, %-d %B %Y}"


def both(at: datetime, zone: str) -> str:
    """Return `Sun 25 Oct 02:10:57 CEST (00:10:57 UTC)`, with the day of UTC where it is another."""
    here = there(at, zone)
    other = "" if here.date() == at.date() else f"{at:%a} "
    return f"{here:%a %-d %b %H:%M:%S %Z} ({other}{at:%H:%M:%S} UTC)"
