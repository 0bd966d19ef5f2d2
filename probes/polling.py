"""How requests are spread over what asks for them: the rates that leave the least harm undetected.

Pure arithmetic. To minimise the sum of w / (2r), the weighted mean time until a problem is seen, under a budget for the
sum of c*r, rates must be proportional to sqrt(w / c); the law is that of Sia, Cho and Cho ("Efficient Monitoring
Algorithm for Fast News Alerts", 2007). Bounds on single rates are met by water-filling.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

SPARED = 0.1
"""The part of a budget that floors may not use up: what has none is looked at rarely, not never."""

HALVINGS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one probe asks for: at least and at most so many looks a second, each of `cost` requests.

    `weight` is the harm of a moment undetected times the rate of incidents; only its proportion to others' counts.
    Where not every least fits, a higher `rank` is served first.
    """

    weight: float
    least: float
    most: float
    cost: float = 1.0
    rank: float = 0.0


def spread(demands: Sequence[Demand], budget: float) -> tuple[float, ...]:
    """Return each one's looks per second: the most where the budget bears that, and else as the weights have it.

    Where not even the least of all fits, those of the highest rank keep theirs, and the others share what is left.
    """
    if sum(one.cost * one.most for one in demands) <= budget:
        return tuple(one.most for one in demands)
    floors = _floors(demands, budget * (1 - SPARED))
    low, high = 0.0, max(one.most / _pull(one) for one in demands)
    for _ in range(HALVINGS):
        level = (low + high) / 2
        spent = sum(one.cost * rate for one, rate in zip(demands, _at(level, demands, floors), strict=True))
        low, high = (level, high) if spent <= budget else (low, level)
    return _at(low, demands, floors)


def _pull(demand: Demand) -> float:
    return sqrt(demand.weight / demand.cost)


def _at(level: float, demands: Sequence[Demand], floors: Sequence[float]) -> tuple[float, ...]:
    rates = zip(demands, floors, strict=True)
    return tuple(max(floor, min(one.most, level * _pull(one))) for one, floor in rates)


def _floors(demands: Sequence[Demand], budget: float) -> tuple[float, ...]:
    """The least rates that fit, the highest rank served first, and among equals the greatest weight."""
    kept = [0.0] * len(demands)
    for index in sorted(range(len(demands)), key=lambda index: (-demands[index].rank, -demands[index].weight)):
        price = demands[index].cost * demands[index].least
        if price <= budget:
            kept[index], budget = demands[index].least, budget - price
    return tuple(kept)


def undetected(demands: Sequence[Demand], rates: Sequence[float]) -> float:
    """Return what :func:`spread` minimises: the weighted mean time until a problem is seen, in seconds."""
    pairs = zip(demands, rates, strict=True)
    return sum(one.weight / (2 * rate) if rate else inf for one, rate in pairs)
