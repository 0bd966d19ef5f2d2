"""What an answer's headers say beside its body: the vendor's clock, and the news about its quota.

Header names differ by vendor and are read as its definition declares them; a name alone does not tell what its number
means. What follows from the news is `budget`'s work.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from probes.budget import QuotaNews
from probes.connector import QuotaHeaders, ResetFormat, TimeFormat
from probes.instant import number, read_instant
from probes.observation import correction

FARTHEST = timedelta(days=366)
"""No wait that a header states is taken to be longer; it also keeps instants within what can be calculated."""


def clock_offset(headers: Mapping[str, str], answered: datetime) -> timedelta | None:
    """Return the vendor's clock minus ours by its `Date` header; None without one, or where a cache answered."""
    date = read_instant(headers.get("date", ""), TimeFormat.HTTP_DATE)
    return None if date is None or _cached(headers) else date - answered


def quota_news(names: QuotaHeaders, headers: Mapping[str, str], answered: datetime) -> QuotaNews:
    """Return what the headers (their names in lower case) say about the quota, instants on our clock.

    `Retry-After` is read as seconds or date (RFC 9110, 10.2.3), the others as `names` declares.
    """
    if _cached(headers):
        return QuotaNews()
    skew = correction(clock_offset(headers, answered))
    limit, remaining = _count(headers, names.limit), _count(headers, names.remaining)
    reset = _reset(names, headers, skew, answered)
    not_before = _retry_after(headers, skew, answered)
    read = {names.limit: limit, names.remaining: remaining, names.reset: reset, "retry-after": not_before}
    unread = sum(name.lower() in headers and value is None for name, value in read.items() if name)
    return QuotaNews(limit=limit, remaining=remaining, reset=reset, not_before=not_before, unread=unread)


def _cached(headers: Mapping[str, str]) -> bool:
    """Whether the answer is an old one: its date and counts speak of another moment."""
    return (number(headers.get("age", "")) or 0) > 0


def _count(headers: Mapping[str, str], name: str) -> int | None:
    count = number(headers.get(name.lower(), "")) if name else None
    return None if count is None or count < 0 else int(count)


def _reset(names: QuotaHeaders, headers: Mapping[str, str], skew: timedelta, answered: datetime) -> datetime | None:
    raw = headers.get(names.reset.lower(), "") if names.reset else ""
    if names.reset_format is ResetFormat.DELTA_S:
        return _after(raw, answered)
    how = TimeFormat.UNIX_S if names.reset_format is ResetFormat.UNIX_S else TimeFormat.HTTP_DATE
    return _near(read_instant(raw, how), skew, answered)


def _retry_after(headers: Mapping[str, str], skew: timedelta, answered: datetime) -> datetime | None:
    raw = headers.get("retry-after", "")
    return _after(raw, answered) or _near(read_instant(raw, TimeFormat.HTTP_DATE), skew, answered)


def _after(seconds: str, answered: datetime) -> datetime | None:
    count = number(seconds)
    if count is None or count < 0:
        return None
    return answered + min(timedelta(seconds=min(count, FARTHEST.total_seconds())), FARTHEST)


def _near(theirs: datetime | None, skew: timedelta, answered: datetime) -> datetime | None:
    return None if theirs is None else min(theirs - skew, answered + FARTHEST)
