"""A book with changes that are not stored yet: what a pass reads after its own first findings.

The book itself is left as it is, and nothing of it is copied.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from probes.book import EARLY, NOTHING, OPEN, Book
from probes.catalog import ClientId
from probes.tracked import BookChange, Standing, Tracked


class Draft(Book):
    """A book with changes that are not stored yet, the book itself left as it is.

    What has changed is sorted out once it is asked for: most of a pass's changes are only looked through once.
    """

    def __init__(self, book: Book) -> None:
        """Begin without a change."""
        super().__init__(book.flow)
        self._book = book
        self._moved: dict[str, Tracked | None] = {}
        self._opened: list[Tracked] = []
        self._sorted = False
        self._told: Mapping[ClientId, Standing] | None = None
        self.pace, self.front = book.pace, book.front
        self.source, self.destination = book.source, book.destination

    def apply(self, change: BookChange) -> None:
        """Add a change."""
        if change.kept or change.dropped or change.settled:
            self._moved |= {one.key: one for one in change.kept}
            self._moved |= dict.fromkeys((*change.dropped, *change.settled))
            self._sorted, self._told = False, None
        if change.at is not None:
            self._remember(change.settled, change.at)
        self._read(change)

    def get(self, key: str) -> Tracked | None:
        """Return a record as it is after the changes."""
        return self._moved[key] if key in self._moved else self._book.get(key)

    def remembers(self, key: str) -> bool:
        """Return whether a record was settled lately."""
        return key in self.settled or self._book.remembers(key)

    def remembers_before(self, instant: datetime) -> bool:
        """Return whether a record is remembered that was settled before an instant."""
        return self._book.remembers_before(instant)

    def heads(self) -> Iterator[tuple[ClientId | None, datetime]]:
        """Yield whose records may be undecided, and from when the promise of ours and of the oldest others runs."""
        for one in self._moved.values():
            if one is not None and one.undecided:
                yield one.client, one.since
        yield from self._book.heads()

    def holders(self) -> set[ClientId | None]:
        """Return all who have undecided records, and maybe others."""
        return {one.client for one in self._moved.values() if one is not None} | self._book.holders()

    def due(self, bounds: Mapping[ClientId | None, datetime]) -> list[Tracked]:
        """Return the undecided records whose promise runs since their client's bound or longer."""
        if not bounds:
            return []
        ours: list[Tracked] = []
        latest = max(bounds.values())
        for one in self._moved.values():
            # No promise runs since before a record entered: most are too young for any bound, and that is seen at once.
            if one is not None and (one.entered or one.created) <= latest and one.undecided:
                bound = bounds.get(one.client)
                if bound is not None and one.since <= bound:
                    ours.append(one)
        return ours + [one for one in self._book.due(bounds) if one.key not in self._moved]

    def undecided(self, client: ClientId | None, until: datetime) -> Iterator[Tracked]:
        """Yield a client's undecided records whose promise runs since an instant or longer."""
        for one in self._moved.values():
            if one is not None and one.client == client and one.undecided and one.since <= until:
                yield one
        yield from self._still(self._book.undecided(client, until))

    def moving(self, until: datetime) -> Iterator[Tracked]:
        """Yield the records on their way that were created at an instant or before."""
        self._sort()
        yield from (one for one in self._opened if one.ending is None and one.created <= until)
        yield from self._still(self._book.moving(until))

    def open(self, client: ClientId | None) -> Iterator[Tracked]:
        """Yield a client's records that are on their way."""
        self._sort()
        if not self._open:
            for one in self._opened:
                self._open.setdefault(one.client, {})[one.key] = one
        yield from self._still(self._book.open(client))
        yield from super().open(client)

    def waiting(self) -> Iterator[Tracked]:
        """Yield every client's records that are on their way."""
        self._sort()
        yield from self._still(self._book.waiting())
        yield from (one for one in self._opened if one.client is not None)

    def doubtful(self) -> Iterator[Tracked]:
        """Yield the records that are missing, differ or are orphans."""
        self._sort()
        yield from self._still(self._book.doubtful())
        yield from super().doubtful()

    def doubted(self) -> Iterator[Tracked]:
        """Yield the records whose ends differ, and of which nothing is confirmed."""
        self._sort()
        yield from self._still(self._book.doubted())
        yield from super().doubted()

    def stray(self) -> Iterator[Tracked]:
        """Yield the orphans."""
        self._sort()
        yield from self._still(self._book.stray())
        yield from super().stray()

    def ahead(self) -> Iterator[Tracked]:
        """Yield the records seen at the destination only."""
        self._sort()
        yield from self._still(self._book.ahead())
        yield from super().ahead()

    def overdue(self) -> set[ClientId]:
        """Return who has records on their way that were decided late."""
        self._sort()
        late = (one.client for one in self._opened if one.late and one.ending is None and one.client is not None)
        ours = set(late)
        return ours | {client for client in self._book.overdue() - ours if any(map(_is_overdue, self.open(client)))}

    def standings(self) -> Mapping[ClientId, Standing]:
        """Return how each client stands: those that no change touches as the book says."""
        if self._told is None:
            self._told = self._counted()
        return self._told

    def _counted(self) -> Mapping[ClientId, Standing]:
        found = dict(self._book.standings())
        before = (self._book.get(key) for key in self._moved)
        for client in {one.client for one in (*before, *self._moved.values()) if one is not None}:
            one = self.standing(client) if client is not None else NOTHING
            if client is not None and one == NOTHING:
                found.pop(client, None)
            elif client is not None:
                found[client] = one
        return found

    def _still(self, records: Iterator[Tracked]) -> Iterator[Tracked]:
        return (one for one in records if one.key not in self._moved)

    def _sort(self) -> None:
        if self._sorted:
            return
        self._sorted, self._opened = True, []
        self._open, self.early, self.troubled, self.unsure, self.orphans = {}, {}, {}, {}, {}
        for one in self._moved.values():
            if one is None:
                continue
            if one.state is OPEN:
                self._opened.append(one)
            elif one.state is EARLY and one.ending is None:
                self.early[one.key] = one
            if one.ending is not None or one.found:
                self._list_trouble(one)


def _is_overdue(one: Tracked) -> bool:
    return bool(one.late) and one.ending is None


def after(book: Book, change: BookChange) -> Draft:
    """Return a book with a change that is not stored yet."""
    draft = Draft(book)
    draft.apply(change)
    return draft
