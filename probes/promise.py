"""What a tier's promises ask of the looks: how often is soon enough, and how seldom is too late.

One promise asks for looks at the probes that could see it broken. Which probes those are is for `plan`.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from probes.bound import LONGEST_GAP, confirming
from probes.catalog import Tier
from probes.conduct import ClockStart
from probes.connector import FailureKind
from probes.failing import LIMITED

LOOKS_PER_PROMISE = 6
"""Looks within a promise's time: late by a sixth at the most is soon enough to decide at its limit."""

LEAST_LOOKS = 2
"""Looks within a promise's time without which nothing can be said about it: one before and one at its limit."""

DETECTION_SHARE = 0.2
"""The part of the time to repair that may pass before anybody knows."""

NOTICE_SHARE = 0.5
"""The part of the time to a first notice, where it runs from the onset, that may pass before anybody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One promised time of a tier, at its place in the configuration.

    Looks at an interval i keep it while stretch * i + fixed <= share * span.
    """

    tier: str
    path: str
    span: timedelta
    share: float
    fixed: timedelta = timedelta()
    stretch: float = 1.0
    wanted: timedelta | None = None

    @property
    def longest(self) -> timedelta:
        """The longest interval at which it can be kept; not above zero where none is short enough."""
        return (self.span * self.share - self.fixed) / self.stretch

    def spared(self, interval: timedelta) -> timedelta:
        """Return the shortest time that could be promised with looks at an interval."""
        return (interval * self.stretch + self.fixed) / self.share


def sync_promises(tier: Tier) -> Iterator[Promise]:
    """Yield what looks at the lists of a flow must keep: a record that is late is to be seen late."""
    latency = tier.objectives.sync_latency
    if latency is not None:
        yield _of_an_objective(tier, "objectives.sync_latency.within", latency.within)


def failure_promises(tier: Tier) -> Iterator[Promise]:
    """Yield what looks at a list that tells of failures must keep."""
    ratio = tier.objectives.failure_ratio
    if ratio is not None:
        yield _of_an_objective(tier, "objectives.failure_ratio.over", ratio.over)


def limit_promises(kinds: Collection[FailureKind], tier: Tier) -> Iterator[Promise]:
    """Yield what looks at a list that tells of some ways of failing must keep."""
    for kind, limit in tier.objectives.failures.items():
        if kind in kinds:
            yield _of_an_objective(tier, f"objectives.failures.{LIMITED[kind]}.over", limit.over)


def _of_an_objective(tier: Tier, path: str, span: timedelta) -> Promise:
    return Promise(tier=tier.id, path=path, span=span, share=1 / LEAST_LOOKS, wanted=span / LOOKS_PER_PROMISE)


def detection_promises(tier: Tier) -> Iterator[Promise]:
    """Yield what looks at any system must keep: an outage is found while there is time to do what was promised."""
    if tier.sla.repair is not None:
        yield _of_conduct(tier, "sla.repair", tier.sla.repair, DETECTION_SHARE)
    if tier.sla.first_notice is not None and tier.sla.starts is ClockStart.ONSET:
        yield _of_conduct(tier, "sla.first_notice", tier.sla.first_notice, NOTICE_SHARE)


def _of_conduct(tier: Tier, path: str, span: timedelta, share: float) -> Promise:
    return Promise(tier=tier.id, path=path, span=span, share=share, fixed=confirming(), stretch=LONGEST_GAP)
