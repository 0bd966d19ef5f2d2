"""Both ends of a flow as the tests of its book see them."""

from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import strategies as st

from probes.book import Book
from probes.catalog import ClientId, FlowId
from probes.sync import at_destination, at_source, decided, forgotten
from probes.tracked import BookChange, Sighting, Tracked, Verdict
from tests.cast import ACME, BOREAL, HOUR, NOON, SECOND, WITHIN

FLOW = FlowId("invoices")
PROMISED = {ACME: WITHIN, BOREAL: WITHIN}


def sighting(key: str, at: float = 0, client: ClientId | None = ACME) -> Sighting:
    return Sighting(key=key, client=client, created=NOON + at * SECOND)


def when(seconds: float) -> datetime:
    return NOON + seconds * SECOND


@dataclass
class Desk:
    """Looks at both ends, and decides after each look, as the passes do."""

    book: Book = field(default_factory=lambda: Book(FLOW))
    verdicts: list[Verdict] = field(default_factory=list)
    arrivals: list[Tracked] = field(default_factory=list)

    def source(self, at: float, *seen: Sighting, whole: bool = True) -> None:
        """Look at the source."""
        self._take(at_source(self.book, seen, when(at) if whole else None, HOUR, when(at)), when(at))

    def destination(self, at: float, *seen: Sighting, whole: bool = True) -> None:
        """Look at the destination."""
        self._take(at_destination(self.book, seen, when(at) if whole else None, HOUR, when(at)), when(at))

    def waits(self, at: float) -> None:
        """Let time alone decide, and forget what can be forgotten."""
        self._take(BookChange(flow=FLOW), when(at))
        self.book.apply(forgotten(self.book, PROMISED, HOUR, when(at)))

    def _take(self, change: BookChange, now: datetime) -> None:
        self.book.apply(change)
        self.arrivals += change.arrivals
        end = decided(self.book, PROMISED, now)
        self.book.apply(end)
        self.verdicts += end.verdicts

    @property
    def lateness(self) -> dict[str, bool]:
        """Return what was decided of each record."""
        return {one.key: one.late for one in self.verdicts}


Looks = list[tuple[str, set[str], bool, float]]
"""Which end is looked at, what is seen there, whether all of it, and how long after the last look in seconds."""

LOOKS = st.lists(
    st.tuples(
        st.sampled_from(["source", "destination", "time"]),
        st.sets(st.sampled_from("abcdef")),
        st.booleans(),
        st.floats(min_value=0, max_value=30),
    ),
    max_size=40,
)
