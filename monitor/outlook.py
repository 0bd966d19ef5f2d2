"""What the looks can do: each system's demand against its quota, and within what time a problem is certain to be found.

For `tierwatch check` by the configuration alone, for the metrics and pages by what the running process has learned.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from monitor.limits import limits_of, said_of_limits
from monitor.load import Config
from monitor.situation import Situation
from monitor.units import spelled
from probes.bound import detection_bound
from probes.budget import Balance, Quota, Window, rate
from probes.catalog import System, SystemId
from probes.plan import Want, intervals, strain, tiers_hurt, wants_of


def present_bound(situation: Situation, system: SystemId, now: datetime) -> timedelta | None:
    """Return within what time an outage of a system would be found if it began now, a ban by its vendor included.

    None where nothing is looked at.
    """
    lengths = [sight.interval for sight in situation.sights.values() if sight.probe.system == system]
    barred = situation.balances.get(system, Balance()).not_before
    wait = max(timedelta(), barred - now) if barred is not None else timedelta()
    return detection_bound(min(lengths), situation.limits.row) + wait if lengths else None


def outlook(config: Config) -> Iterator[str]:
    """Yield a line for each system, demand against quota, one for each tier, its detection bound, and one on chance."""
    catalog = config.catalog
    wants, planned = wants_of(catalog), intervals(catalog)
    row = limits_of(config, wants).row
    for system in catalog.systems.values():
        yield f"system {system.id}: {_demand(system, wants[system.id])}"
    bounds = {
        system: detection_bound(min(planned[want.probe.id] for want in looked), row) for system, looked in wants.items()
    }
    for tier in catalog.tiers:
        hurt = {system: bounds[system] for system, tiers in tiers_hurt(catalog).items() if tiers[tier]}
        yield f"tier {tier}: {_found(hurt)}"
    yield said_of_limits(config, wants)


def _demand(system: System, wants: tuple[Want, ...]) -> str:
    sustained = rate(system.quota)
    used = strain(wants, sustained)
    needed = f"{len(wants)} {'probe needs' if len(wants) == 1 else 'probes need'} {_rate(used * sustained)}"
    if not system.quota.windows:
        return f"{needed}; the vendor's limit is unknown, a modest {_rate(sustained)} is assumed: {used:.0%} used"
    return f"{needed}; the quota sustains {_rate(sustained)} ({_share(system.quota)}): {used:.0%} used"


def _share(quota: Quota) -> str:
    limits = [*(_limit(window) for window in quota.windows)]
    if quota.concurrent is not None:
        limits.append(f"{quota.concurrent} in flight")
    kept = [f"{quota.production:.0%} left to production"] if quota.production else []
    return ", ".join([f"{quota.ours:.0%} of {' and '.join(limits)}", *kept, f"{quota.reserve:.0%} of it in reserve"])


def _limit(window: Window) -> str:
    return (
        f"{window.limit:,} per {spelled(window.period)}"
        if window.period > timedelta(seconds=1)
        else f"{window.limit:,}/s"
    )


def _rate(requests: float) -> str:
    for length, unit in ((1, "s"), (60, "min"), (3600, "h")):
        if requests * length >= 1:
            return f"{requests * length:.3g} requests/{unit}"
    return f"{requests * 86_400:.3g} requests/day"


def _found(bounds: dict[SystemId, timedelta]) -> str:
    if not bounds:
        return "depends on no system, so nothing is found for it"
    worst = sorted(bounds.items(), key=lambda pair: -pair[1])
    each = ", ".join(f"{system} {spelled(bound)}" for system, bound in worst)
    return f"an outage is found within {spelled(worst[0][1])} ({each})"
