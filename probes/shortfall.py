"""What the quotas make untrue: promises that no spread of the looks can honour, and looks less often than wanted.

Values with their numbers, so that a finding can say which one to change. Wording is for `monitor.load`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from probes.budget import rate
from probes.catalog import Catalog, System, SystemId
from probes.plan import Want, paced, strain, wants_of
from probes.polling import SPARED
from probes.promise import Promise

ROUNDING = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strained:
    """A system whose looks want more requests per second than its quota sustains; each comes later than wanted."""

    system: SystemId
    wanted: float
    sustained: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A promise that the looks at a system cannot keep at the interval that they get.

    `every` is the configured interval that is to blame, None where the quota is. `needed` is how many times as much as
    the quota sustains would be enough for all promises on the system.
    """

    system: SystemId
    promise: Promise
    interval: timedelta
    every: timedelta | None
    needed: float


def strained(catalog: Catalog) -> Iterator[Strained]:
    """Yield the systems whose quota cannot bear the looks that their promises, or `every`, call for."""
    for system, wants in wants_of(catalog).items():
        sustained = rate(catalog.systems[system].quota)
        excess = strain(wants, sustained)
        if excess > 1:
            yield Strained(system=system, wanted=excess * sustained, sustained=sustained)


def broken(catalog: Catalog) -> Iterator[Broken]:
    """Yield the promises that cannot be kept, each once per system, with the longest interval that breaks it."""
    for system, wants in wants_of(catalog).items():
        yield from _broken(catalog.systems[system], wants)


def _broken(system: System, wants: tuple[Want, ...]) -> Iterator[Broken]:
    sustained = rate(system.quota)
    intervals = paced(wants, sustained)
    worst: dict[Promise, timedelta] = {}
    for want in wants:
        for promise in want.promises:
            if (interval := intervals[want.probe.id]) > promise.longest + ROUNDING:
                worst[promise] = max(interval, worst.get(promise, interval))
    for promise, interval in worst.items():
        every = system.every if system.every is not None and interval <= system.every else None
        needed = _needed(wants) / sustained
        yield Broken(system=system.id, promise=promise, interval=interval, every=every, needed=needed)


def _needed(wants: tuple[Want, ...]) -> float:
    """How many requests per second would keep every promise on a system."""
    least = [1 / want.longest.total_seconds() for want in wants if want.longest is not None]
    most = [1 / min(want.wanted, want.longest or want.wanted).total_seconds() for want in wants]
    return min(sum(least) / (1 - SPARED), sum(most))
