"""How long the records of a flow take: counted in logarithmic cells, read with those that are still on their way.

A record that has not arrived counts with its age. The percentile of arrivals alone improves while a flow stalls; the
estimate of Kaplan and Meier (1958) does not, and becomes a lower bound where it cannot say more.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil, log2

FINE = 8
"""Cells to a doubling: each is nine percent wide."""
SHORTEST = timedelta(seconds=0.125)
SHORTEST_SECONDS = SHORTEST.total_seconds()
RECENT = 15
"""Minutes of arrivals that are what is called recent."""
REMEMBERED = 50_000
"""Arrivals that make up what is usual; beyond that the older ones count half."""
ENOUGH = 1_000
"""Arrivals that are needed to know a quantile of one in a thousand."""
SOME = 30
UNKNOWN = timedelta(hours=1)
"""What is taken for the longest usual latency while too few records have arrived to say anything."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

Cells = Mapping[int, int]
"""How many records fall into each cell; cell n ends at 2 to the power of n / FINE seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long the records of a flow take: all that is remembered, and those of the last minutes by their minute.

    `entire` is as `recent`, from where the records entered: on the last of several hops, how long the whole way took.
    """

    usual: Cells = field(default_factory=dict)
    recent: Mapping[int, Cells] = field(default_factory=dict)
    entire: Mapping[int, Cells] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A quantile of latency; `censored` says that it is a lower bound, for so many are still on their way."""

    value: timedelta
    censored: bool = False


def cell(took: timedelta) -> int:
    """Return the cell of a latency, never below that of the shortest."""
    return ceil(FINE * log2(max(took.total_seconds(), SHORTEST_SECONDS)))


def edge(number: int) -> timedelta:
    """Return the latency that a cell ends at."""
    return timedelta(seconds=2 ** (number / FINE))


def paced(pace: Pace, took: Iterable[timedelta], at: datetime, entire: Iterable[timedelta] = ()) -> Pace:
    """Return the pace with records that were seen to have arrived at an instant."""
    found = Counter(map(cell, took))
    usual = Counter(pace.usual) + found
    if usual.total() > REMEMBERED:
        usual = Counter({number: count // 2 for number, count in usual.items() if count > 1})
    return Pace(
        usual=dict(usual),
        recent=_added(pace.recent, found, at),
        entire=_added(pace.entire, Counter(map(cell, entire)), at),
    )


def _added(by_minute: Mapping[int, Cells], found: Counter[int], at: datetime) -> Mapping[int, Cells]:
    minute = (at - EPOCH) // MINUTE
    kept = {one: cells for one, cells in by_minute.items() if minute - RECENT < one <= minute}
    return {**kept, minute: dict(Counter(kept.get(minute, {})) + found)} if found else kept


def longest_usual(pace: Pace) -> timedelta:
    """Return the age beyond which a record is no longer merely slow: the flow's own 99.9th percentile.

    Where fewer than a thousand have arrived nobody knows that: it is then twice the longest seen, and at least an hour
    where fewer than thirty have.
    """
    total = sum(pace.usual.values())
    longest = edge(max(pace.usual)) if pace.usual else timedelta()
    if total < SOME:
        return max(UNKNOWN, 2 * longest)
    if total < ENOUGH:
        return 2 * longest
    beyond = 0
    for number in sorted(pace.usual, reverse=True):
        beyond += pace.usual[number]
        if beyond * ENOUGH > total:
            return edge(number)
    return longest


def slow(pace: Pace) -> timedelta:
    """Return how long a slow record takes: the longest of ninety-nine in a hundred, nothing where none has arrived."""
    found = quantile(pace.usual, {}, 0.99)
    return timedelta() if found is None else found.value


def recent(by_minute: Mapping[int, Cells], now: datetime) -> Cells:
    """Return what arrived within the last minutes."""
    minute = (now - EPOCH) // MINUTE
    found: Counter[int] = Counter()
    for one, cells in by_minute.items():
        if minute - RECENT < one <= minute:
            found.update(cells)
    return found


def quantile(arrived: Cells, waiting: Cells, part: float) -> Quantile | None:
    """Return the latency that `part` (0 to 1) of the records keep, None where there are none.

    Product-limit estimate: at each latency t the share still on its way is multiplied by 1 - d/n, where d arrive after
    t and n have not arrived before it; `waiting` leave n at their age. Kaplan and Meier, JASA 53 (1958) 457-481.
    """
    at_risk, left = sum(arrived.values()) + sum(waiting.values()), 1.0
    known = sorted({*arrived, *waiting})
    for number in known:
        left *= 1 - arrived.get(number, 0) / at_risk
        if left <= 1 - part + 1e-9:
            return Quantile(value=edge(number))
        at_risk -= arrived.get(number, 0) + waiting.get(number, 0)
    return Quantile(value=edge(known[-1]), censored=True) if known else None


def ages(created: Iterable[datetime], now: datetime) -> Cells:
    """Return records that are on their way by their age."""
    return Counter(cell(now - one) for one in created)
