"""Whether a flow stands still: records wait at its source, and nothing at all arrives where much should have.

Silence is measured in arrivals that are missing, not in minutes: by the rate at which records came until the last one.
It counts only as far as both ends were read whole, and only while something has waited for longer than usual.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

from probes.book import Book
from probes.catalog import ClientId, Flow
from probes.latency import slow
from probes.sli import EPOCH, Tally

RATE_OVER = timedelta(hours=1)
"""The rate is that of the hour that ended with the last arrival."""

RATE_AT_LEAST = timedelta(minutes=10)
"""A shorter time of arrivals is taken for so long: a few records at once are no rate."""

NO_ACCIDENT = 9.2
"""So many missing arrivals have a chance below 1e-4 (Poisson: exp(-9.2))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nothing has arrived `since`, although something was overdue for `lasted`; `expected` is what should have come."""

    since: datetime
    lasted: timedelta
    expected: float
    rate: float
    waiting: int
    oldest: datetime
    clients: frozenset[ClientId]

    def stagnates(self, flow: Flow) -> bool:
        """Whether that is no accident, or lasts longer than the flow may be silent whatever its rate."""
        limits = flow.stagnation
        long = self.lasted >= limits.at_most
        return long or (self.lasted >= limits.at_least and self.expected >= NO_ACCIDENT)


def rate(arrivals: Tally, last: datetime) -> float:
    """Return the arrivals per second up to the last one."""
    good, _ = arrivals.totals(last)
    first = min((cell for cell in arrivals.cells if cell > arrivals.cell(last - arrivals.over)), default=None)
    if first is None:
        return 0.0
    span = max(RATE_AT_LEAST, last - (EPOCH + first * arrivals.width))
    return good / span.total_seconds()


def silence(
    flow: Flow, book: Book, arrivals: Tally, last: datetime | None, clients: Container[ClientId | None]
) -> Silence | None:
    """Return how long nothing has arrived on a flow; None where nothing waits for long enough, or an end was not read.

    `last` is the last arrival, `clients` are those whose records count. What waits no longer than ninety-nine in a
    hundred have taken is no evidence, nor is what is known to be missing: it waits for nothing any more.
    """
    if book.source_covered is None or book.destination_covered is None:
        return None
    seen = min(book.source_covered, book.destination_covered)
    long_enough = seen - flow.stagnation.at_least
    if (last is not None and last > long_enough) or next(book.moving(long_enough), None) is None:
        return None
    waiting = [one for one in book.moving(seen) if one.client in clients]
    if not waiting:
        return None
    oldest = min(one.created for one in waiting)
    per_second = rate(arrivals, last) if last is not None else 0.0
    lasted = max(timedelta(), seen - max(oldest + slow(book.pace), last or oldest))
    return Silence(
        since=max(oldest, last or oldest),
        lasted=lasted,
        expected=per_second * lasted.total_seconds(),
        rate=per_second,
        waiting=len(waiting),
        oldest=oldest,
        clients=frozenset(one.client for one in waiting if one.client is not None),
    )
