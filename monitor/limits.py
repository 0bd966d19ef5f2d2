"""How much evidence a page takes: the thresholds of all checks, from how many false pages the owner allows.

The arithmetic is `probes.cusum`'s, the looks are those of the plan.
"""

from collections.abc import Mapping, Sequence
from itertools import chain

from monitor.load import Config
from probes.catalog import SystemId
from probes.cusum import CHANCE_FAILURES, STEP, WEEK, Thresholds, thresholds
from probes.plan import Want, looks_within


def limits_of(config: Config, wants: Mapping[SystemId, Sequence[Want]]) -> Thresholds:
    """Return the thresholds that a configuration's plan calls for."""
    return thresholds(looks_within(chain.from_iterable(wants.values()), WEEK), config.false_pages_per_week)


def said_of_limits(config: Config, wants: Mapping[SystemId, Sequence[Want]]) -> str:
    """Return in one line how rarely chance failures page, over how many checks, and what that takes."""
    limits, looks = limits_of(config, wants), looks_within(chain.from_iterable(wants.values()), WEEK)
    days = WEEK.days * limits.length / looks if looks else 0.0
    checks = sum(map(len, wants.values()))
    return (
        f"at {CHANCE_FAILURES:.0%} chance failures: one false page in {days:,.3g} days over {checks:,} "
        f"{'check' if checks == 1 else 'checks'} ({looks:,.0f} looks a week); {limits.row} failures in a row page, "
        f"or H={limits.level} (+{STEP} for a failure, -1 for a success)"
    )
