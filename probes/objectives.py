"""What a tier may promise of the indicators: each objective with its numbers, None where nothing is promised."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from probes.accepted import Accepted
from probes.connector import FailureKind
from probes.limit import FailureLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """At least `target` (0 to 1) of the looks within `window` are good.

    `accepted` says that the owner knows that too few looks fit into the window to show it.
    """

    target: float
    window: timedelta
    accepted: Accepted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncLatency:
    """At least `target` (0 to 1) of the records decided within `over` arrive no later than `within`."""

    within: timedelta
    target: float
    over: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRatio:
    """Less than `below` (0 to 1) of the records settled within `over` have failed."""

    below: float
    over: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseTime:
    """At least `target` (0 to 1) of the good looks in the last `over` are answered no later than `within` a request."""

    within: timedelta
    target: float
    over: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A client is missed when it does less than in the same hours of other weeks, or nothing for `silence_at_most`."""

    silence_at_most: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """What a tier promises of the indicators; None where it promises nothing."""

    availability: Availability | None = None
    sync_latency: SyncLatency | None = None
    failure_ratio: FailureRatio | None = None
    failures: Mapping[FailureKind, FailureLimit] = field(default_factory=dict)
    activity: Activity | None = None
    response_time: ResponseTime | None = None
