"""What an answer's headers say beside its body: the vendor's clock, and the news about its quotas.

Vendors' own header names are read as its definition declares them, for a name alone does not tell what its number
means; the fields of the IETF draft are read by `ratelimit`. What follows from the news is `feedback`'s work.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from probes.budget import Allowance, QuotaNews
from probes.connector import TimeFormat
from probes.instant import number, read_duration, read_instant
from probes.observation import correction
from probes.quota_headers import QuotaHeaders, ResetFormat
from probes.ratelimit import FARTHEST, allowances

LONGEST_COMBINED = 1000
"""Characters of a combined header that a definition's pattern is tried on."""

WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")

INSTANTS = {
    ResetFormat.UNIX_S: TimeFormat.UNIX_S,
    ResetFormat.UNIX_MS: TimeFormat.UNIX_MS,
    ResetFormat.HTTP_DATE: TimeFormat.HTTP_DATE,
    ResetFormat.ISO8601: TimeFormat.ISO8601,
}
SECONDS_IN = {ResetFormat.DELTA_S: 1.0, ResetFormat.DELTA_MS: 0.001}
T = TypeVar("T")


def clock_offset(headers: Mapping[str, str], answered: datetime) -> timedelta | None:
    """Return the vendor's clock minus ours by its `Date` header; None without one, or where a cache answered."""
    date = read_instant(headers.get("date", ""), TimeFormat.HTTP_DATE)
    return None if date is None or _cached(headers) else date - answered


def quota_news(groups: Sequence[QuotaHeaders], headers: Mapping[str, str], answered: datetime) -> QuotaNews:
    """Return what the headers (their names in lower case) say about the quotas, instants on our clock.

    `Retry-After` is read as seconds or date (RFC 9110, 10.2.3). Headers that cannot be read are ignored and counted;
    those of an answer out of a cache speak of another moment and are ignored altogether.
    """
    if _cached(headers):
        return QuotaNews()
    reader = _Reader(headers, answered)
    told = [reader.allowance(group) for group in groups]
    not_before = reader.noted("retry-after", reader.retry_after)
    declared = {name for group in groups for name in group.names}
    others = {name: value for name, value in headers.items() if name not in declared}
    fields, malformed = allowances(others, answered)
    return QuotaNews(
        allowances=(*(one for one in told if one is not None), *fields),
        not_before=not_before,
        unread=len(reader.failed - reader.understood) + malformed,
    )


def said(headers: Mapping[str, str], name: str) -> str:
    """Return a header's word for why it throttles, "" where it is none: what is told of it must be a plain word."""
    word = headers.get(name.lower(), "") if name else ""
    return word if WORD.fullmatch(word) else ""


def _cached(headers: Mapping[str, str]) -> bool:
    """Whether the answer is an old one: its date and counts speak of another moment."""
    return (number(headers.get("age", "")) or 0) > 0


class _Reader:
    """Reads one answer's headers, and notes which it understood."""

    def __init__(self, headers: Mapping[str, str], answered: datetime) -> None:
        self._headers = headers
        self._answered = answered
        self._skew = correction(clock_offset(headers, answered))
        self.understood: set[str] = set()
        self.failed: set[str] = set()

    def noted(self, name: str, read: Callable[[str], T | None]) -> T | None:
        """Return what a header says, None where there is none or it cannot be read."""
        key = name.lower()
        if not name or key not in self._headers:
            return None
        value = read(self._headers[key])
        (self.failed if value is None else self.understood).add(key)
        return value

    def allowance(self, group: QuotaHeaders) -> Allowance | None:
        """Return what one group of headers says, None where it says nothing of the limit or of what is left."""
        found = self.noted(group.combined, lambda text: _found(group.pattern, text)) or {}
        limit = self.noted(group.limit, _count)
        limit = _count(found.get("limit")) if limit is None else limit
        remaining = self.noted(group.remaining, _count)
        remaining = _left(found, limit) if remaining is None else remaining
        reset = self.noted(group.reset, lambda text: self._reset(text, group.reset_format))
        reset = self._reset(found.get("reset") or "", group.reset_format) if reset is None else reset
        if limit is None and remaining is None:
            return None
        return Allowance(limit=limit, remaining=remaining, reset=reset, period=group.window)

    def retry_after(self, text: str) -> datetime | None:
        """Return until when not to ask again, by seconds or by a date."""
        return self._after(number(text)) or self._near(read_instant(text, TimeFormat.HTTP_DATE))

    def _reset(self, text: str, how: ResetFormat) -> datetime | None:
        if how in INSTANTS:
            return self._near(read_instant(text, INSTANTS[how]))
        if how is ResetFormat.DURATION:
            length = read_duration(text)
            return self._after(None if length is None else length.total_seconds())
        count = number(text)
        return self._after(None if count is None else count * SECONDS_IN[how])

    def _after(self, seconds: float | None) -> datetime | None:
        if seconds is None or seconds < 0:
            return None
        return self._answered + timedelta(seconds=min(seconds, FARTHEST.total_seconds()))

    def _near(self, theirs: datetime | None) -> datetime | None:
        return None if theirs is None else min(theirs - self._skew, self._answered + FARTHEST)


def _found(pattern: str, text: str) -> Mapping[str, str | None] | None:
    match = re.search(pattern, text[:LONGEST_COMBINED])
    return match.groupdict() if match else None


def _left(found: Mapping[str, str | None], limit: int | None) -> int | None:
    """What is left, said so or by what was used of the limit."""
    remaining, used = _count(found.get("remaining")), _count(found.get("used"))
    if remaining is not None or used is None or limit is None:
        return remaining
    return max(0, limit - used)


def _count(text: str | None) -> int | None:
    count = number(text or "")
    return None if count is None or count < 0 else int(count)
