"""How fast an error budget burns: the windows, how much is too fast in each, and what is left of the budget.

The rules are those of the SRE Workbook (chapter 5): a part of the budget that is used up within a long window, while a
short one shows that it goes on. Arithmetic on counts only; whom it concerns is for the room above.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from probes.catalog import Catalog, SystemId, TierId
from probes.detect import no_accident
from probes.objectives import Availability
from probes.plan import tiers_hurt
from probes.sli import ratio

SLOWEST = 0.9
"""A budget that burns more slowly than that, measured by what is allowed, ends no sooner than its period."""

Count = tuple[int, int]
"""Good and bad looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """So large a `part` of a period's budget, burnt within `long`, and `short` shows that it goes on."""

    part: float
    long: timedelta
    short: timedelta

    def factor(self, period: timedelta) -> float:
        """Return how many times as fast as allowed the budget of a period then burns."""
        return self.part * (period / self.long)

    def allowed(self, promise: Availability) -> float:
        """Return the share of failed looks, 0 to 1 or more, above which it burns so fast."""
        return self.factor(promise.window) * (1 - promise.target)

    def reachable(self, promise: Availability) -> bool:
        """Whether looks can ever burn a budget so fast, and whether that is faster than it may burn."""
        return self.factor(promise.window) >= SLOWEST and self.allowed(promise) < 1


URGENT = (
    Rule(part=0.02, long=timedelta(hours=1), short=timedelta(minutes=5)),
    Rule(part=0.05, long=timedelta(hours=6), short=timedelta(minutes=30)),
)
"""14.4 and 6 times too fast, for a period of 30 days: this pages."""

SLOW = (
    Rule(part=0.1, long=timedelta(days=1), short=timedelta(hours=2)),
    Rule(part=0.1, long=timedelta(days=3), short=timedelta(hours=6)),
)
"""3 times too fast and just as fast as allowed: this waits until somebody has the time."""


def burns(rule: Rule, promise: Availability, long: Count, short: Count) -> bool:
    """Return whether a budget burns too fast by a rule, as looks in its long window and in its short one show.

    The failures in the long window must also be more than chance would give while the promise is kept: at a target of
    99.9 % one failed look of sixty is not.
    """
    if not rule.reachable(promise):
        return False
    good, bad = long
    share, still, allowed = ratio(good, bad), ratio(*short), rule.allowed(promise)
    if share is None or still is None or min(share, still) <= allowed:
        return False
    return bad >= no_accident(good + bad, 1 - promise.target)


def speed(promise: Availability, looks: Count) -> float:
    """Return how many times as fast as allowed looks burn the budget, 0 where there are none."""
    return (ratio(*looks) or 0.0) / (1 - promise.target)


def left(promise: Availability, looks: Count) -> float | None:
    """Return what is left of the budget of a period with such looks: 1 is all of it, below 0 the promise is broken.

    Of totals, never of ratios. None where nothing was seen: what matched nothing has not been kept.
    """
    share = ratio(*looks)
    if share is None:
        return None
    return 1 - share / (1 - promise.target) if promise.target < 1 else float(share == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a tier promises of a system's availability."""

    system: SystemId
    tier: TierId
    promise: Availability


def targets_of(catalog: Catalog) -> Mapping[SystemId, tuple[Target, ...]]:
    """Return the availability targets of every system: those of the tiers that its failure hurts."""
    return {system: tuple(_targets(catalog, system, tiers)) for system, tiers in tiers_hurt(catalog).items()}


def _targets(catalog: Catalog, system: SystemId, tiers: Mapping[TierId, int]) -> Iterator[Target]:
    for tier in sorted(tiers):
        promise = catalog.tiers[tier].objectives.availability
        if promise is not None and tiers[tier] and promise.target < 1:
            yield Target(system=system, tier=tier, promise=promise)
