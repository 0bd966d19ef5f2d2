"""Spans of time that a list is asked for one after another, where a vendor allows only so much at once.

Arithmetic only. A list without such a limit is one span. When a span was too large, its half is tried.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from probes.connector import Resource

SHORTEST = timedelta(minutes=1)
"""Nothing shorter is halved: so many records in a minute are no longer a list to be polled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when (in the vendor's clock) a list is asked for; `start` is None for one that cannot be asked so.

    `width` is the longest that is asked for at once, None where there is no limit; `latest` is where it all ends.
    """

    start: datetime | None
    latest: datetime
    width: timedelta | None = None

    @property
    def end(self) -> datetime:
        """Where this span ends."""
        if self.start is None or self.width is None:
            return self.latest
        return min(self.start + self.width, self.latest)

    @property
    def last(self) -> bool:
        """Whether nothing is left after it."""
        return self.end >= self.latest


def first_span(resource: Resource | None, since: datetime | None, now: datetime) -> Span:
    """Return the first span up to now in the vendor's clock; whole seconds, so that a bound is never cut below it."""
    latest = now.replace(microsecond=0) + timedelta(seconds=1)
    width = resource.since.max_window if resource is not None and resource.since is not None else None
    return Span(start=since, latest=latest, width=width)


def following(span: Span) -> Span:
    """Return the span that begins where this one ends."""
    return Span(start=span.end, latest=span.latest, width=span.width)


def halved(span: Span) -> Span | None:
    """Return the first half of a span, None where it is too short to be halved or has no bounds."""
    if span.start is None or span.end - span.start < 2 * SHORTEST:
        return None
    return Span(start=span.start, latest=span.latest, width=(span.end - span.start) / 2)
