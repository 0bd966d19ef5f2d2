"""The book of a flow: its records that are not settled yet, kept between passes.

A pass reads it, says what changes as a :class:`~probes.tracked.BookChange`, and only when that is stored is it applied.
Memory is bounded by what is not settled; of a settled record its key is remembered for a while, so that reading it
again cannot make it new. What the ends say of each other is `sync`'s work.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from probes.catalog import ClientId, FlowId
from probes.latency import Pace
from probes.tracked import BookChange, Ending, RecordState, Standing, Tracked

OUT_OF_ORDER = timedelta(minutes=1)
"""How far looks may overtake each other; no look takes half as long."""

NOTHING = Standing()

OPEN, EARLY, MATCHED = RecordState
"""For the loops that every record goes through: a name of this file is found sooner than a member of an enumeration."""

Queue = list[tuple[datetime, str]]
"""Records by an instant, the earliest first; those that have left the book meanwhile may still be among them.

Records come nearly in their order, so a sorted list that is appended to costs less than a heap.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Up to when one end was read whole, in the last look and in the one `before` it, and where that `began`."""

    covered: datetime | None = None
    before: datetime | None = None
    began: datetime | None = None

    def read(self, covered: datetime | None) -> "Coverage":
        """Return the coverage after a look that read the end whole up to an instant, None where it did not."""
        latest = later(self.covered, covered)
        if covered is None or latest == self.covered:
            return self
        back = self.covered is not None and covered < self.covered
        began = covered if back or self.began is None else self.began
        return Coverage(covered=latest, before=None if back else self.covered, began=began)


def later(known: datetime | None, told: datetime | None) -> datetime | None:
    """Return the later one, for looks may end in another order than they began; a clock put back is followed."""
    if known is not None and told is not None and known - told > OUT_OF_ORDER:
        return told
    return max((at for at in (known, told) if at is not None), default=None)


class Book:
    """The records of one flow that are not settled.

    The one mutable value of this room. `troubled` are the records that are missing, differ between the ends or are
    orphans; among them `unsure` are those whose ends differ without that being confirmed, and `orphans` the orphans.
    `early` are those seen at the destination only. `front` is the youngest creation among what has arrived.
    """

    def __init__(
        self,
        flow: FlowId,
        tracked: Iterable[Tracked] = (),
        settled: Mapping[str, datetime] | None = None,
        pace: Pace | None = None,
    ) -> None:
        """Begin with what the store remembers of a flow."""
        self.flow = flow
        self.tracked: dict[str, Tracked] = {}
        self.settled: dict[str, datetime] = {}
        self.pace = pace or Pace()
        self.source, self.destination = Coverage(), Coverage()
        self.front: datetime | None = None
        self.early: dict[str, Tracked] = {}
        self.troubled: dict[str, Tracked] = {}
        self.unsure: dict[str, Tracked] = {}
        self.orphans: dict[str, Tracked] = {}
        self._open: dict[ClientId | None, dict[str, Tracked]] = {}
        self._late: dict[ClientId, dict[str, Tracked]] = {}
        self._queues: dict[ClientId | None, Queue] = {}
        self._settlings: deque[tuple[datetime, tuple[str, ...]]] = deque()
        self._standings: dict[ClientId, Standing] = {}
        self._stale: set[ClientId | None] = set()
        for key, at in sorted((settled or {}).items(), key=lambda item: item[1]):
            self._remember((key,), at)
        kept = sorted(tracked, key=lambda one: one.created)
        self._keep_all(kept)
        self._stale |= {one.client for one in kept}

    @property
    def source_covered(self) -> datetime | None:
        """Up to when the source was read whole."""
        return self.source.covered

    @property
    def destination_covered(self) -> datetime | None:
        """Up to when the destination was read whole."""
        return self.destination.covered

    def get(self, key: str) -> Tracked | None:
        """Return a record that is not settled."""
        return self.tracked.get(key)

    def remembers(self, key: str) -> bool:
        """Return whether a record was settled lately."""
        return key in self.settled

    def remembers_before(self, instant: datetime) -> bool:
        """Return whether a record is remembered that was settled before an instant."""
        return bool(self._settlings) and self._settlings[0][0] < instant

    def heads(self) -> Iterator[tuple[ClientId | None, datetime]]:
        """Yield whose records are undecided, and from when the promise of the oldest runs; a client may come twice."""
        for client, queue in self._queues.items():
            yield client, queue[0][0]

    def holders(self) -> set[ClientId | None]:
        """Return all who have undecided records, and maybe others."""
        return set(self._queues)

    def due(self, bounds: Mapping[ClientId | None, datetime]) -> list[Tracked]:
        """Return the undecided records whose promise runs since their client's bound or longer."""
        found: list[Tracked] = []
        for client, queue in self._queues.items():
            bound = bounds.get(client)
            if bound is not None and queue[0][0] <= bound:
                found += self.undecided(client, bound)
        return found

    def undecided(self, client: ClientId | None, until: datetime) -> Iterator[Tracked]:
        """Yield a client's undecided records whose promise runs since an instant or longer, the oldest first."""
        for since, key in self._queues.get(client, ()):
            if since > until:
                break
            one = self.tracked.get(key)
            if one is not None and one.late is None and one.state is not EARLY:
                yield one

    def moving(self, until: datetime) -> Iterator[Tracked]:
        """Yield the records on their way, and not known to be missing, that were created at an instant or before.

        A record that was first seen behind younger ones of its client comes when those have left or are as old.
        """
        for held in self._open.values():
            for one in held.values():
                if one.created > until:
                    break
                if one.ending is None:
                    yield one

    def open(self, client: ClientId | None) -> Iterator[Tracked]:
        """Yield a client's records that are on their way, as they were first seen."""
        yield from self._open.get(client, {}).values()

    def waiting(self) -> Iterator[Tracked]:
        """Yield every client's records that are on their way."""
        for client in [client for client in self._open if client is not None]:
            yield from self.open(client)

    def doubtful(self) -> Iterator[Tracked]:
        """Yield the records that are missing, differ or are orphans, confirmed or not."""
        yield from self.troubled.values()

    def doubted(self) -> Iterator[Tracked]:
        """Yield the records whose ends differ, and of which nothing is confirmed."""
        yield from self.unsure.values()

    def stray(self) -> Iterator[Tracked]:
        """Yield the orphans."""
        yield from self.orphans.values()

    def ahead(self) -> Iterator[Tracked]:
        """Yield the records seen at the destination only, as they were first seen."""
        yield from self.early.values()

    def overdue(self) -> set[ClientId]:
        """Return who has records on their way that were decided late."""
        return {client for client, late in self._late.items() if late}

    def standing(self, client: ClientId) -> Standing:
        """Return how a client stands."""
        return standing_of(self.open(client), (one for one in self.doubtful() if one.client == client))

    def standings(self) -> Mapping[ClientId, Standing]:
        """Return how each client with records on their way or in trouble stands."""
        odd: dict[ClientId | None, list[Tracked]] = {}
        for one in self.doubtful() if self._stale else ():
            odd.setdefault(one.client, []).append(one)
        for client in self._stale:
            if client is None:
                continue
            standing = standing_of(self.open(client), odd.get(client, ()))
            self._standings.pop(client, None)
            if standing != NOTHING:
                self._standings[client] = standing
        self._stale.clear()
        return self._standings

    def apply(self, change: BookChange) -> None:
        """Take a stored change over."""
        touched = {one.client for one in change.kept}
        left = {one.client for one in change.kept if not one.undecided}
        self._keep_all(change.kept)
        gone = {one.client for one in map(self._drop, (*change.dropped, *change.settled)) if one is not None}
        self._stale |= touched | gone
        if change.at is not None:
            self._remember(change.settled, change.at)
        self._forget(change.forgotten)
        self._read(change)
        self._tidy(left | gone)

    def _read(self, change: BookChange) -> None:
        self.source = self.source.read(change.source_covered)
        self.destination = self.destination.read(change.destination_covered)
        self.pace = change.pace or self.pace
        if change.arrivals:
            youngest = max(one.created for one in change.arrivals)
            self.front = youngest if self.front is None else max(self.front, youngest)

    def _keep_all(self, records: Iterable[Tracked]) -> None:
        tracked, queues = self.tracked, self._queues
        unsorted: set[ClientId | None] = set()
        for one in records:
            key, client = one.key, one.client
            before = tracked.get(key)
            tracked[key] = one
            if before is not None:
                self._unlist(before)
            if one.state is not MATCHED or one.found or one.ending is not None:
                self._list(one)
            if one.late is None and one.state is not EARLY and (before is None or not before.undecided):
                queue, place = queues.setdefault(client, []), (one.since, key)
                if queue and place < queue[-1]:
                    unsorted.add(client)
                queue.append(place)
        for client in unsorted:
            self._queues[client].sort()

    def _list(self, one: Tracked) -> None:
        key, state, client = one.key, one.state, one.client
        if state is OPEN:
            self._open.setdefault(client, {})[key] = one
            if one.late and one.ending is None and client is not None:
                self._late.setdefault(client, {})[key] = one
        elif state is EARLY and one.ending is None:
            self.early[key] = one
        if one.ending is not None or one.found:
            self._list_trouble(one)

    def _list_trouble(self, one: Tracked) -> None:
        if one.ending is not None:
            self.troubled[one.key] = one
            if one.ending is Ending.ORPHAN:
                self.orphans[one.key] = one
        elif one.state is MATCHED:
            self.troubled[one.key] = self.unsure[one.key] = one

    def _unlist(self, one: Tracked) -> None:
        key = one.key
        if one.state is OPEN:
            held = self._open[one.client]
            del held[key]
            if not held:
                del self._open[one.client]
            if one.late and one.client is not None:
                self._late.get(one.client, {}).pop(key, None)
        elif one.state is EARLY:
            self.early.pop(key, None)
        if one.ending is not None or one.found:
            for listed in (self.troubled, self.unsure, self.orphans):
                listed.pop(key, None)

    def _drop(self, key: str) -> Tracked | None:
        one = self.tracked.pop(key, None)
        if one is not None:
            self._unlist(one)
        return one

    def _forget(self, before: datetime | None) -> None:
        while before is not None and self._settlings and self._settlings[0][0] < before:
            for key in self._settlings.popleft()[1]:
                self.settled.pop(key, None)

    def _remember(self, keys: tuple[str, ...], at: datetime) -> None:
        if keys:
            self.settled.update(dict.fromkeys(keys, at))
            self._settlings.append((at, keys))

    def _tidy(self, clients: Iterable[ClientId | None]) -> None:
        """Take what has left from the heads of the queues, and empty ones away."""
        for client in clients:
            queue = self._queues.get(client, [])
            left = 0
            for _, key in queue:
                one = self.tracked.get(key)
                if one is not None and one.undecided:
                    break
                left += 1
            del queue[:left]
            if not queue:
                self._queues.pop(client, None)


def standing_of(waiting: Iterable[Tracked], odd: Iterable[Tracked]) -> Standing:
    """Return how a client stands with these records on their way, and these in trouble."""
    waiting, odd = list(waiting), list(odd)
    moving = [one for one in waiting if one.ending is None]
    overdue = [one.since for one in moving if one.late]
    kinds = (Ending.MISMATCHED, Ending.ORPHAN)
    endings = {ending: [one.created for one in odd if one.ending is ending] for ending in kinds}
    missing = [one.created for one in waiting if one.ending is Ending.MISSING]
    return Standing(
        unsynced=len(waiting),
        oldest=min((one.created for one in waiting), default=None),
        overdue=len(overdue),
        oldest_overdue=min(overdue, default=None),
        oldest_undecided=min((one.since for one in moving if one.late is None), default=None),
        missing=len(missing),
        oldest_missing=min(missing, default=None),
        mismatched=len(endings[Ending.MISMATCHED]),
        oldest_mismatched=min(endings[Ending.MISMATCHED], default=None),
        orphans=len(endings[Ending.ORPHAN]),
        oldest_orphan=min(endings[Ending.ORPHAN], default=None),
    )
