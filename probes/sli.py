"""Folding: what observations add up to, per client and system or flow.

A tally counts good and bad in a sliding window; unknown is not counted, so it can make nothing better or worse. What
the sums mean is for the rules of the room above.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from probes.catalog import ClientId
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


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorKey:
    """An indicator of a system or flow (`subject`), of one client unless it is the same for everybody."""

    kind: IndicatorKind
    subject: str
    client: ClientId | None = None

    def __str__(self) -> str:
        """Return `kind/subject` or `kind/subject/client`."""
        return f"{self.kind.value}/{self.subject}/{self.client}" if self.client else f"{self.kind.value}/{self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Good and bad in the last `over`, in sixty cells; cells map a cell's number since 1970 to (good, bad)."""

    over: timedelta
    cells: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def width(self) -> timedelta:
        """The length of a cell, at least a second."""
        return max(timedelta(seconds=1), self.over / CELLS)

    def cell(self, at: datetime) -> int:
        """Return the number of the cell that an instant falls into."""
        return (at - EPOCH) // self.width

    def totals(self, now: datetime) -> tuple[int, int]:
        """Return (good, bad) of the window that ends now."""
        first = self.cell(now - self.over) + 1
        held = [counts for cell, counts in self.cells.items() if cell >= first]
        return sum(good for good, _ in held), sum(bad for _, bad in held)


def counted(tally: Tally, *, good: int, bad: int, at: datetime) -> Tally:
    """Return the tally with more counted at an instant; cells that have left the window are dropped."""
    width = tally.width
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
    flow arrived.
    """

    key: IndicatorKey
    tally: Tally
    evidence: Evidence = field(default_factory=Evidence)
    seen: datetime | None = None
    drained: datetime | None = None


def ratio(good: int, bad: int) -> float | None:
    """Return bad / (good + bad), None where nothing was decided."""
    return bad / (good + bad) if good + bad else None
