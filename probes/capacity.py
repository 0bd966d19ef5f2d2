"""What we can bear ourselves: how many looks a second this process manages, learned from how late they begin.

More targets than a core can look at must cost each a little of its rhythm, not all of them their sight. Pure
arithmetic; what is measured, and what follows for the intervals, is the loops' work and `plan`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from probes.catalog import ProbeId
from probes.plan import Want
from probes.polling import Demand, spread

LATE = timedelta(milliseconds=300)
"""Looks that begin later than this on average wait for us."""

ENOUGH = 50
"""With fewer looks in a window their lateness says nothing of what can be borne: something else was in the way."""

IN_A_ROW = 2
"""So many windows must be late before anything is stretched: one may be a hiccup."""

GIVEN_UP = 0.95
"""What is planned for, of what was managed while looks were late: the rest lets them catch up."""

LEAST_KEPT = 0.75
"""What a late window leaves at least of what was known: somebody else may have had the core for a moment."""

GROWTH = 1.1
"""What is tried next where nothing was late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of time: how many looks began in it, and how late they were together."""

    span: timedelta
    looks: int = 0
    late: timedelta = timedelta()

    @property
    def strained(self) -> bool:
        """Whether looks had to wait for us."""
        return self.looks >= ENOUGH and self.late > self.looks * LATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How many looks a second are managed, None as long as it is all that is wanted; `strained` windows in a row."""

    looks: float | None = None
    strained: int = 0


def learned(capacity: Capacity, window: Window, wanted: float) -> Capacity:
    """Return the capacity after a window in which so many looks a second were `wanted`.

    Where looks were late, what was managed is what can be borne; where they were not, a little more is tried, until all
    that is wanted is managed again.
    """
    managed = window.looks / window.span.total_seconds()
    if window.strained:
        strained = capacity.strained + 1
        if strained < IN_A_ROW:
            return Capacity(looks=capacity.looks, strained=strained)
        return Capacity(looks=max(GIVEN_UP * managed, LEAST_KEPT * (capacity.looks or 0.0)), strained=strained)
    if capacity.looks is None or window.late > window.looks * LATE / 2:
        return Capacity(looks=capacity.looks)
    more = GROWTH * capacity.looks
    return Capacity(looks=None if more >= wanted else more)


def borne(wants: Sequence[Want], intervals: Mapping[ProbeId, timedelta], looks: float) -> Mapping[ProbeId, timedelta]:
    """Return how far apart looks must be at least where so many a second can be borne, by the law of the quotas.

    `intervals` are those that the quotas bear. What a promise allows is kept, the heaviest tier's first; a configured
    interval is a wish here.
    """
    demands = [_demand(want, intervals[want.probe.id]) for want in wants]
    rates = spread(demands, looks)
    return {
        want.probe.id: timedelta(seconds=1 / rate)
        for want, demand, rate in zip(wants, demands, rates, strict=True)
        if 0 < rate < demand.most
    }


def _demand(want: Want, interval: timedelta) -> Demand:
    most = 1 / interval.total_seconds()
    longest = want.longest
    least = min(most, 1 / longest.total_seconds()) if longest is not None else 0.0
    return Demand(weight=want.weight, least=least, most=most, rank=want.rank)
