"""The book against a model that keeps everything and looks through all of it: slow, and plainly right."""

from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from probes.book import Book
from probes.catalog import ClientId
from probes.draft import after
from probes.sync import at_destination, at_source, decided, forgotten, joined
from probes.tracked import BookChange, Ending, Sighting, Verdict
from tests.cast import ACME, BOREAL, HOUR, SECOND
from tests.examples import examples
from tests.probes.books import FLOW, LOOKS, Looks, sighting, when

PROMISED = {ACME: 45 * SECOND, BOREAL: 20 * SECOND}
OWNERS: tuple[ClientId | None, ...] = (ACME, ACME, ACME, ACME, BOREAL, None)


@dataclass
class Life:
    """All that was ever seen of one record."""

    one: Sighting
    left: bool = False
    after: datetime | None = None
    arrived: datetime | None = None
    late: bool | None = None


@dataclass
class Model:
    """The rules of the matching, one after the other, over all records that there ever were."""

    lives: dict[str, Life]
    covered: datetime | None = None
    verdicts: list[Verdict] = field(default_factory=list)

    def look(self, end: str, keys: set[str], now: datetime, *, whole: bool) -> None:
        """Take a look at an end over, and decide what can be decided."""
        for key in keys:
            life = self.lives[key]
            if end == "source":
                life.left = True
            elif end == "destination" and life.arrived is None:
                life.after, life.arrived = self.covered, now
        if end == "destination" and whole:
            self.covered = now
        for life in self.lives.values():
            self._decide(life, now)

    def _decide(self, life: Life, now: datetime) -> None:
        client = life.one.client
        if client is None or not life.left or life.late is not None:
            return
        limit = life.one.created + PROMISED[client]
        if now < limit:
            return
        if life.arrived is not None:
            life.late = life.after is not None and life.after >= limit
        elif self.covered is not None and self.covered >= limit:
            life.late = True
        if life.late is not None:
            self.verdicts.append(Verdict(life.one.key, client, limit, life.late))

    def on_their_way(self) -> dict[str, bool | None]:
        """Return the records that have left and not arrived, and what was decided of them."""
        return {key: life.late for key, life in self.lives.items() if life.left and life.arrived is None}

    def overdue(self, client: ClientId) -> int:
        """Return how many of a client's records on their way were decided late."""
        return sum(bool(late) for key, late in self.on_their_way().items() if self.lives[key].one.client == client)


def passed(book: Book, change: BookChange, now: datetime) -> BookChange:
    """Make the pass that follows a look over a draft, and give it to the book as one change."""
    draft = after(book, change)
    decision = decided(draft, PROMISED, now)
    draft.apply(decision)
    past = forgotten(draft, PROMISED, HOUR, now)
    draft.apply(past)
    assert set(draft.waiting()) == {one for client in PROMISED for one in draft.open(client)}
    change = joined(joined(change, decision), past)
    book.apply(change)
    return change


@settings(max_examples=examples(100))
@given(LOOKS, st.permutations([0, 3, 7, 7, 15, 40]))
def test_a_book_says_of_every_record_what_looking_through_all_of_them_says(looks: Looks, created: list[int]) -> None:
    seen = {key: sighting(key, at, client) for key, at, client in zip("abcdef", created, OWNERS, strict=True)}
    model, book, verdicts, at = Model({key: Life(one) for key, one in seen.items()}), Book(FLOW), list[Verdict](), 40.0
    endings = dict.fromkeys(Ending, 0)
    for end, keys, whole, pause in looks:
        at += pause
        now, shown = when(at), [seen[key] for key in sorted(keys)]
        covered = now if whole else None
        change = BookChange(flow=FLOW)
        if end != "time":
            sight = at_source if end == "source" else at_destination
            change = sight(book, shown, covered, HOUR, now)
        change = passed(book, change, now)
        model.look(end, keys, now, whole=whole)
        verdicts += change.verdicts
        for (_, ending), count in change.endings.items():
            endings[ending] += count
        assert sorted(verdicts) == sorted(model.verdicts)
        assert {one.key: one.late for client in (None, *PROMISED) for one in book.open(client)} == model.on_their_way()
        assert {client: book.standing(client).overdue for client in PROMISED} == {
            client: model.overdue(client) for client in PROMISED
        }
    assert endings[Ending.LATE] == sum(one.late for one in model.verdicts)
    assert endings[Ending.SYNCED] == sum(not one.late for one in model.verdicts)
    done = {one.key for one in model.verdicts if model.lives[one.key].arrived is not None}
    assert {key for key in done if not book.remembers(key)} == set()
    assert done.isdisjoint(book.tracked)
