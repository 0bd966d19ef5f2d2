"""Promises that the quotas cannot pay for: who is late by how much, and which number to change.

The arithmetic is `probes.shortfall`'s; here are the words and the places. Findings, never errors.
"""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from monitor.load.acceptance import weighed
from monitor.load.config import Config
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from monitor.units import spelled
from probes.budget import Quota
from probes.catalog import System
from probes.shortfall import Broken, Strained, broken, strained


def unaffordable(config: Config, sections: Sections, now: datetime) -> Iterator[Problem]:
    """Yield each promise that a system's quota or interval cannot honour, and each quota that stretches the looks."""
    catalog = config.catalog
    for one in broken(catalog):
        system = catalog.systems[one.system]
        loc = ("every",) if one.every is not None else ("quota",)
        finding = sections.parts["systems"][one.system].problem(_unkept(one, system), loc, Grade.SEVERE)
        yield weighed(finding, system.accepted, now)
    for short in strained(catalog):
        finding = sections.parts["systems"][short.system].problem(_stretched(short), ("quota",), Grade.MINOR)
        yield weighed(finding, catalog.systems[short.system].accepted, now)


def _unkept(one: Broken, system: System) -> str:
    promise = one.promise
    place = f"tiers.{promise.tier}.{promise.path}"
    least = spelled(_whole(promise.spared(one.interval)))
    if promise.longest <= timedelta():
        fixed = spelled(_whole(promise.spared(timedelta())))
        return (
            f"cannot honour {place} ({spelled(promise.span)}): to confirm an outage alone takes as long; promise more "
            f"than {fixed}, here at least {least}"
        )
    late = f"its looks come every {_length(one.interval)}, and one at least every {_length(promise.longest)} is needed"
    change = f"write every: {spelled(_down(promise.longest))}" if one.every else _raised(one.needed, system.quota)
    return f"cannot honour {place} ({spelled(promise.span)}): {late}; {change}, or promise at least {least}"


def _raised(times: float, quota: Quota) -> str:
    """Which number of the quota to raise, and how far: its share as long as there is more to have."""
    share = math.ceil(quota.share * times * 100)
    if quota.windows and share <= 100 * (1 - quota.production):
        return f"raise quota.share to {share}%"
    larger = f"{times:.2g} times its limit"
    return (
        f"have {larger} (quota.rate)" if quota.windows else f"write the vendor's limit (quota.rate) if it is {larger}"
    )


def _stretched(one: Strained) -> str:
    times = one.wanted / one.sustained
    return (
        f"its looks need {one.wanted:.3g} requests/s, its share of the quota without the reserve bears "
        f"{one.sustained:.3g}/s: looks come {times:.1f} times as far apart as wanted, most of all those that matter "
        "least. Raise quota.share or quota.rate, or look less often (every)"
    )


def _length(length: timedelta) -> str:
    """A length in words: with a fraction where it is short."""
    seconds = length.total_seconds()
    return f"{seconds:.2g}s" if seconds < 10 else spelled(length)  # noqa: PLR2004 - below it tenths count


def _down(length: timedelta) -> timedelta:
    return timedelta(seconds=max(1, int(length.total_seconds())))


def _whole(length: timedelta) -> timedelta:
    """A length rounded up to what one would write: seconds, from five minutes on minutes."""
    step = timedelta(seconds=1 if length < timedelta(minutes=5) else 60)
    return -(-length // step) * step
