"""What is known of one record of a flow, and what one pass finds out about records.

These are tuples where the other rooms have dataclasses: a million of them are made in seconds, and a frozen dataclass
takes four times as long to make. What makes one out of the other is `sync`'s work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from probes.catalog import ClientId, FlowId
from probes.latency import Pace

Facts = tuple[str | None, ...]
"""What is compared of a record, in the order of the flow's comparisons; None where it cannot be compared."""


class RecordState(StrEnum):
    """Where a record stands: on its way, seen at the destination only so far, or seen at both ends."""

    OPEN = "open"
    EARLY = "early"
    MATCHED = "matched"


class Ending(StrEnum):
    """What becomes of a record.

    `synced` and `late` are decided at its limit. It is `missing` where it should have arrived and others have passed it
    by, `mismatched` where both ends hold it and do not say the same, an `orphan` where only the destination holds it.
    Those three are taken back by evidence: it arrived, it was corrected, its source was found.
    """

    SYNCED = "synced"
    LATE = "late"
    MISSING = "missing"
    MISMATCHED = "mismatched"
    ORPHAN = "orphan"


class Tracked(NamedTuple):
    """One record of a flow. It arrived after `after`, by `arrived`; `late` is None until it is decided.

    `entered` is when it was created at the first end of a flow of several hops, None on the first hop. `facts` are the
    source's and `found` the destination's while they are needed: both are kept where they differ, since `noted`. The
    `ending` is that of a record in trouble, None of every other. A record that has `slipped` was late on an earlier hop
    already: this one answers for its own time alone.
    """

    key: str
    state: RecordState
    created: datetime
    client: ClientId | None = None
    after: datetime | None = None
    arrived: datetime | None = None
    late: bool | None = None
    entered: datetime | None = None
    facts: Facts = ()
    found: Facts = ()
    noted: datetime | None = None
    ending: Ending | None = None
    slipped: bool = False

    @property
    def since(self) -> datetime:
        """From when its promise runs."""
        return self.created if self.slipped else self.entered or self.created

    @property
    def undecided(self) -> bool:
        """Whether its limit has still to say whether it is late."""
        return self.late is None and self.state is not RecordState.EARLY


class Sighting(NamedTuple):
    """A record seen at one end: the value that both ends share, whose it is, and when it was created (our clock)."""

    key: str
    client: ClientId | None
    created: datetime
    facts: Facts = ()
    entered: datetime | None = None
    slipped: bool = False


class Verdict(NamedTuple):
    """A record that has reached its limit: `late` or in time, decided at the instant of the limit."""

    key: str
    client: ClientId
    at: datetime
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BookChange:
    """What one pass changes in a book.

    `kept` are records as they now are, `dropped` keys to forget at once, `settled` keys to remember from `at` on and
    nothing else of them; what was settled before `forgotten` is remembered no longer. `endings` are those that were
    found, and how often, by client.
    """

    flow: FlowId
    kept: tuple[Tracked, ...] = ()
    dropped: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    at: datetime | None = None
    forgotten: datetime | None = None
    source_covered: datetime | None = None
    destination_covered: datetime | None = None
    pace: Pace | None = None
    arrivals: tuple[Tracked, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    endings: Mapping[tuple[ClientId | None, Ending], int] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        written = (self.kept, self.dropped, self.settled, self.forgotten, self.source_covered, self.destination_covered)
        return not any(written)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a client stands on a flow: records on their way, the creation of the oldest, and how many are overdue.

    `oldest_overdue` and `oldest_undecided` are from when the promise of the oldest runs of those that were decided
    late, and of those that were not decided yet. What is missing is on its way too, but not overdue: it is not slow, it
    is lost. The oldest of each trouble is by its creation at the end that has it.
    """

    unsynced: int = 0
    oldest: datetime | None = None
    overdue: int = 0
    oldest_overdue: datetime | None = None
    oldest_undecided: datetime | None = None
    missing: int = 0
    oldest_missing: datetime | None = None
    mismatched: int = 0
    oldest_mismatched: datetime | None = None
    orphans: int = 0
    oldest_orphan: datetime | None = None
