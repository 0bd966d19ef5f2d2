"""Source against destination: which records have arrived, how late, and which are still on their way.

Latency is right-censored: a record that has not arrived counts with its age, and whether it is good or bad is decided
when it reaches the limit, never when it happens to arrive. An arrival is known only as an interval (last look without,
first look with), and only what is certain is held against a contract. Whether anybody is told is not decided here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from probes.batch import Limit, due
from probes.catalog import ClientId, FlowId

OUT_OF_ORDER = timedelta(minutes=1)
"""How far looks may overtake each other; no look takes half as long."""


class RecordState(StrEnum):
    """Where a record stands: on its way, seen at the destination only so far, or seen at both ends."""

    OPEN = "open"
    EARLY = "early"
    MATCHED = "matched"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """One record of a flow. It arrived after `after`, by `arrived`; `late` is None until it is decided."""

    key: str
    state: RecordState
    client: ClientId | None = None
    created: datetime
    after: datetime | None = None
    arrived: datetime | None = None
    late: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A record seen at one end: the value that both ends share, whose it is, and when it was created (our clock)."""

    key: str
    client: ClientId | None
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A record that has reached its limit: `late` or in time, decided at the instant of the limit."""

    key: str
    client: ClientId
    at: datetime
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BookChange:
    """What one pass changes in a book: records as they now are, keys to drop, coverage, what was decided."""

    flow: FlowId
    kept: tuple[Tracked, ...] = ()
    dropped: tuple[str, ...] = ()
    source_covered: datetime | None = None
    destination_covered: datetime | None = None
    arrivals: tuple[Tracked, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.kept or self.dropped or self.source_covered or self.destination_covered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a client stands on a flow: records on their way, the creation of the oldest, and how many are overdue.

    `oldest_overdue` and `oldest_undecided` are the creation of the oldest of those that were decided late, and of those
    that were not decided yet.
    """

    unsynced: int = 0
    oldest: datetime | None = None
    overdue: int = 0
    oldest_overdue: datetime | None = None
    oldest_undecided: datetime | None = None


class Book:
    """The records of one flow that are not settled yet, kept between passes.

    The one mutable value of this room: a pass reads it, returns a :class:`BookChange`, and only when that is stored is
    it applied. Memory is bounded by what is unsettled, not by what was seen. `waiting` holds the records of a client
    that are on their way, `undecided` those whose limit has not been reached: few beside all that are remembered.
    """

    def __init__(self, flow: FlowId, tracked: Iterable[Tracked] = ()) -> None:
        """Begin with what the store remembers of a flow."""
        self.flow = flow
        self.tracked: dict[str, Tracked] = {}
        self.waiting: dict[str, Tracked] = {}
        self.undecided: dict[str, Tracked] = {}
        self.source_covered: datetime | None = None
        self.destination_covered: datetime | None = None
        self._standings: dict[ClientId, Standing] | None = None
        for one in sorted(tracked, key=lambda one: one.created):
            self._keep(one)

    def _keep(self, one: Tracked) -> None:
        self.tracked[one.key] = one
        if one.state is RecordState.OPEN and one.client is not None:
            self.waiting[one.key] = one
        else:
            self.waiting.pop(one.key, None)
        if one.state is not RecordState.EARLY and one.late is None:
            self.undecided[one.key] = one
        else:
            self.undecided.pop(one.key, None)

    def apply(self, change: BookChange) -> None:
        """Take a stored change over."""
        self._standings = None
        for one in change.kept:
            self._keep(one)
        for key in change.dropped:
            for kept in (self.tracked, self.waiting, self.undecided):
                kept.pop(key, None)
        self.source_covered = _later(self.source_covered, change.source_covered)
        self.destination_covered = _later(self.destination_covered, change.destination_covered)

    def standings(self) -> Mapping[ClientId, Standing]:
        """Return how each client with records on their way stands."""
        if self._standings is None:
            found: dict[ClientId, list[Tracked]] = {}
            for one in self.waiting.values():
                if one.client is not None:
                    found.setdefault(one.client, []).append(one)
            self._standings = {client: _standing(records) for client, records in found.items()}
        return self._standings

    def copy(self) -> "Book":
        """Return a book that can be changed without changing this one."""
        copy = Book(self.flow)
        copy.tracked, copy.waiting, copy.undecided = self.tracked.copy(), self.waiting.copy(), self.undecided.copy()
        copy.source_covered, copy.destination_covered = self.source_covered, self.destination_covered
        copy._standings = self._standings
        return copy


def _later(known: datetime | None, told: datetime | None) -> datetime | None:
    """The later one, for looks may end in another order than they began; a clock that was put back is followed."""
    if known is not None and told is not None and known - told > OUT_OF_ORDER:
        return told
    return max((at for at in (known, told) if at is not None), default=None)


def _until(covered: datetime | None, instant: datetime) -> datetime | None:
    return covered if covered is not None and covered <= instant else None


def _standing(waiting: list[Tracked]) -> Standing:
    overdue = [one.created for one in waiting if one.late]
    return Standing(
        unsynced=len(waiting),
        oldest=min(one.created for one in waiting),
        overdue=len(overdue),
        oldest_overdue=min(overdue, default=None),
        oldest_undecided=min((one.created for one in waiting if one.late is None), default=None),
    )


def _sent(book: Book, seen: Sighting, remembered: datetime | None) -> Tracked | None:
    known = book.tracked.get(seen.key)
    if known is None:
        # What is older than anything still remembered was settled and forgotten: a vendor that changes an old record
        # must not make it look unsynced.
        forgotten = remembered is not None and seen.created < remembered
        return (
            None
            if forgotten
            else Tracked(key=seen.key, state=RecordState.OPEN, client=seen.client, created=seen.created)
        )
    if known.state is RecordState.EARLY:
        return replace(known, state=RecordState.MATCHED, client=seen.client, created=seen.created)
    return None


def at_source(book: Book, seen: Iterable[Sighting], covered: datetime | None, horizon: timedelta) -> BookChange:
    """Return what sightings at the source change. `covered` is when a look that read everything was sent."""
    remembered = None
    if book.source_covered is not None:
        remembered = min(book.source_covered, covered or book.source_covered) - horizon
    kept = [one for one in (_sent(book, sighting, remembered) for sighting in seen) if one is not None]
    arrivals = tuple(one for one in kept if one.state is RecordState.MATCHED)
    return BookChange(flow=book.flow, kept=tuple(kept), source_covered=covered, arrivals=arrivals)


def _received(book: Book, seen: Sighting, answered: datetime) -> Tracked | None:
    known = book.tracked.get(seen.key)
    # Nothing was looked at after now: where the clock was put back, nothing is certain.
    after = _until(book.destination_covered, answered)
    if known is None:
        return Tracked(key=seen.key, state=RecordState.EARLY, created=seen.created, after=after, arrived=answered)
    if known.state is RecordState.OPEN:
        return replace(known, state=RecordState.MATCHED, after=after, arrived=answered)
    return None


def at_destination(book: Book, seen: Iterable[Sighting], covered: datetime | None, answered: datetime) -> BookChange:
    """Return what sightings at the destination change; `answered` bounds their arrival from above."""
    kept = [one for one in (_received(book, sighting, answered) for sighting in seen) if one is not None]
    arrivals = tuple(one for one in kept if one.state is RecordState.MATCHED)
    return BookChange(flow=book.flow, kept=tuple(kept), destination_covered=covered, arrivals=arrivals)


def _lateness(book: Book, one: Tracked, limit: datetime, now: datetime) -> bool | None:
    if one.state is RecordState.MATCHED:
        return (one.after is not None and one.after >= limit) if limit <= now else None
    covered = _until(book.destination_covered, now)
    return True if covered is not None and covered >= limit else None


def _undecided(book: Book, within: Mapping[ClientId, Limit]) -> Iterator[tuple[Tracked, datetime]]:
    for one in book.undecided.values():
        if one.client is not None and one.client in within:
            yield one, due(within[one.client], one.created)


def decided(book: Book, within: Mapping[ClientId, Limit], now: datetime) -> BookChange:
    """Return the records that have reached their client's limit, each good or bad by what is certain.

    A record on its way is late only once a look at the destination, sent after its limit, did not contain it: while the
    destination cannot be seen it stays undecided.
    """
    kept: list[Tracked] = []
    verdicts: list[Verdict] = []
    for one, limit in _undecided(book, within):
        late = _lateness(book, one, limit, now)
        if late is not None and one.client is not None:
            kept.append(replace(one, late=late))
            verdicts.append(Verdict(key=one.key, client=one.client, at=limit, late=late))
    return BookChange(flow=book.flow, kept=tuple(kept), verdicts=tuple(verdicts))


def _settled(one: Tracked, unwatched: bool) -> bool:  # noqa: FBT001 - a reading aid for the one caller
    if one.state is RecordState.OPEN:
        # Nobody misses what belongs to nobody; a client's own record is missed until it arrives.
        return one.client is None
    return one.state is RecordState.EARLY or one.late is not None or unwatched


def settled(book: Book, within: Mapping[ClientId, Limit], horizon: timedelta, now: datetime) -> BookChange:
    """Return the settled records that no re-read can bring back, to be dropped.

    Records are gone through as they were first seen, up to the first that was created later than the horizon: what is
    old behind that one is dropped a little later.
    """
    old = now - horizon
    gone: list[str] = []
    for one in book.tracked.values():
        if one.created >= old:
            break
        if (one.arrived or one.created) < old and _settled(one, one.client not in within):
            gone.append(one.key)
    return BookChange(flow=book.flow, dropped=tuple(gone))


def next_limit(book: Book, within: Mapping[ClientId, Limit], now: datetime) -> datetime | None:
    """Return the next instant at which time alone decides a record, None where none is waiting."""
    return min((limit for _, limit in _undecided(book, within) if limit > now), default=None)


def after(book: Book, change: BookChange) -> Book:
    """Return a copy of a book with a change that is not stored yet."""
    copy = book.copy()
    copy.apply(change)
    return copy


def joined(first: BookChange, second: BookChange) -> BookChange:
    """Return two changes of one book as one, the second made on top of the first."""
    kept = {one.key: one for one in (*first.kept, *second.kept)}
    again = {one.key for one in second.kept}
    return BookChange(
        flow=first.flow,
        kept=tuple(one for key, one in kept.items() if key not in second.dropped),
        dropped=(*(key for key in first.dropped if key not in again), *second.dropped),
        source_covered=_later(first.source_covered, second.source_covered),
        destination_covered=_later(first.destination_covered, second.destination_covered),
        arrivals=(*first.arrivals, *second.arrivals),
        verdicts=(*first.verdicts, *second.verdicts),
    )
