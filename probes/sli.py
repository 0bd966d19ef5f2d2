"""Folding: what observations add up to, per client and system or flow.

A tally counts good and bad in a sliding window; unknown is not counted, so it can make nothing better or worse. What
the sums mean is for the rules of the room above.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import cast

from probes.catalog import ClientId
from probes.cusum import Cusum
from probes.detect import Evidence

CELLS = 60
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class IndicatorKind(StrEnum):
    """What an indicator measures."""

    AVAILABILITY = "availability"
    FAILURE_RATIO = "failure_ratio"
    SYNC_LATENCY = "sync_latency"
    CREDENTIAL = "credential"
    IDENTITY = "identity"
    STATUS = "status"
    ERRORS_INSIDE = "errors_inside"
    ERRORS_INSIDE_BASE = "errors_inside_base"
    BUDGET = "budget"
    WEBHOOKS_LOST = "webhooks_lost"
    BATCH = "batch"
    ARRIVALS = "arrivals"
    EGRESS = "egress"
    ACTIVITY = "activity"
    RESPONSE_TIME = "response_time"
    PAYMENTS_FAILED = "payments_failed"
    HARD_DECLINES = "hard_declines"
    RETRIES_EXHAUSTED = "retries_exhausted"
    DUNNING_FAILED = "dunning_failed"
    WEBHOOKS_FAILED = "webhooks_failed"
    RECORDS_REJECTED = "records_rejected"
    MANDATES_FAILED = "mandates_failed"
    PAYOUTS_FAILED = "payouts_failed"
    DISPUTES = "disputes"
    DATA_QUALITY = "data_quality"
    TOTALS = "totals"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorKey:
    """An indicator of a system or flow (`subject`), of one client unless it is the same for everybody."""

    kind: IndicatorKind
    subject: str
    client: ClientId | None = None

    def __str__(self) -> str:
        """Return `kind/subject` or `kind/subject/client`."""
        return f"{self.kind}/{self.subject}/{self.client}" if self.client else f"{self.kind}/{self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Good and bad in the last `over`, in sixty cells; cells map a cell's number since 1970 to (good, bad), in order.

    `sums` are (good, bad) of all cells: kept, because many indicators are judged for one that has changed.
    """

    over: timedelta
    cells: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    sums: tuple[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the cells in order, and add them up."""
        numbers = list(self.cells)
        if not isinstance(self.cells, dict) or numbers != sorted(numbers):
            object.__setattr__(self, "cells", dict(sorted(self.cells.items())))
        good = bad = 0
        for succeeded, failed in self.cells.values():
            good, bad = good + succeeded, bad + failed
        object.__setattr__(self, "sums", (good, bad))

    @property
    def width(self) -> timedelta:
        """The length of a cell, at least a second."""
        return _width(self.over)

    def cell(self, at: datetime) -> int:
        """Return the number of the cell that an instant falls into."""
        return (at - EPOCH) // _width(self.over)

    def totals(self, now: datetime) -> tuple[int, int]:
        """Return (good, bad) of the window that ends now."""
        return self.since(now - self.over)

    def since(self, instant: datetime) -> tuple[int, int]:
        """Return (good, bad) of the cells after the one that an instant falls into."""
        last = (instant - EPOCH) // _width(self.over)
        cells = cast("dict[int, tuple[int, int]]", self.cells)
        if cells and next(reversed(cells)) - last < CELLS // 2:
            return _later(cells, last)
        good, bad = self.sums
        for cell, (succeeded, failed) in cells.items():
            if cell > last:
                break
            good, bad = good - succeeded, bad - failed
        return good, bad


def _later(cells: dict[int, tuple[int, int]], last: int) -> tuple[int, int]:
    good = bad = 0
    for cell, (succeeded, failed) in reversed(cells.items()):
        if cell <= last:
            break
        good, bad = good + succeeded, bad + failed
    return good, bad


@lru_cache(maxsize=256)
def _width(over: timedelta) -> timedelta:
    return max(timedelta(seconds=1), over / CELLS)


def counted(tally: Tally, *, good: int, bad: int, at: datetime) -> Tally:
    """Return the tally with more counted at an instant; cells that have left the window are dropped."""
    width = _width(tally.over)
    cell = (at - EPOCH) // width
    newest = max(cell, max(tally.cells, default=cell))
    first = newest - tally.over // width - 1
    cells = {number: counts for number, counts in tally.cells.items() if number >= first}
    before = cells.get(cell, (0, 0))
    cells[cell] = (before[0] + good, before[1] + bad)
    return Tally(over=tally.over, cells=cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """The state of one indicator, a few numbers that survive a restart.

    `seen` is the last instant at which it was good or bad, `drained` the instant at which the last overdue record of a
    flow arrived. `codes` are the vendor's words for the latest failures, each with its instant. `mark`
    is where a comparison of one look with the next goes on, or which list told of the last failure.
    `cusum` is what looks at a system have added up to. Of an error budget, `spans` are tallies over longer windows than
    those that looks are first counted in, and `anew` is since when alerts on it count: the end of the last one.
    """

    key: IndicatorKey
    tally: Tally
    evidence: Evidence = field(default_factory=Evidence)
    seen: datetime | None = None
    drained: datetime | None = None
    codes: tuple[tuple[datetime, str], ...] = ()
    mark: tuple[datetime, str] | None = None
    cusum: Cusum = field(default_factory=Cusum)
    spans: tuple[Tally, ...] = ()
    anew: datetime | None = None


def ratio(good: int, bad: int) -> float | None:
    """Return bad / (good + bad), None where nothing was decided."""
    return bad / (good + bad) if good + bad else None
