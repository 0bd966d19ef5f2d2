"""Source against destination: which records have arrived, how late, and which are still on their way.

Latency is right-censored: a record that has not arrived counts with its age, and whether it is good or bad is decided
when it reaches the limit, never when it happens to arrive. An arrival is known only as an interval (last look without,
first look with), and only what is certain is held against a contract. Whether anybody is told is not decided here, and
what becomes of records that are no question of time is for `ending`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from probes.batch import Limit, due, last_run
from probes.book import EARLY, MATCHED, OPEN, Book, later
from probes.catalog import ClientId
from probes.compare import differ
from probes.latency import Pace, longest_usual, paced
from probes.tracked import BookChange, Ending, Facts, Sighting, Tracked, Verdict

BEFORE = timedelta(microseconds=1)
LONGEST_BLIND = timedelta(days=1)
"""How much longer settled records are remembered while an end cannot be read."""


class _Seen:
    """What the sightings of one look change."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.kept: list[Tracked] = []
        self.settled: list[str] = []
        self.arrivals: list[Tracked] = []
        self.endings: Counter[tuple[ClientId | None, Ending]] = Counter()

    def arrived(self, one: Tracked) -> None:
        """Take a record that both ends hold for the first time."""
        self.arrivals.append(one)
        if one.late is None:
            self.kept.append(one)
        else:
            self._hold(one)

    def said(self, one: Tracked, facts: Facts, found: Facts) -> None:
        """Take what an end says anew of a record; once both ends agree, nothing more is expected of it."""
        if one.state is not MATCHED:
            self.kept.append(one._replace(facts=facts, found=found))
        elif one.found:
            agreed = _agreed(one, facts, found)
            if not agreed.found and one.late is False:
                self.endings[one.client, Ending.SYNCED] += 1
            self._hold(agreed)

    def _hold(self, one: Tracked) -> None:
        if one.late is not None and not one.found:
            self.settled.append(one.key)
        else:
            self.kept.append(one)

    def change(self, now: datetime) -> BookChange:
        """Return it all."""
        return BookChange(
            flow=self.book.flow,
            kept=tuple(self.kept),
            settled=tuple(self.settled),
            at=now if self.settled else None,
            pace=_pace(self.book.pace, self.arrivals, now),
            arrivals=tuple(self.arrivals),
            endings=self.endings,
        )


def at_source(
    book: Book, seen: Iterable[Sighting], covered: datetime | None, horizon: timedelta, now: datetime
) -> BookChange:
    """Return what sightings at the source change.

    `covered` is up to when a look that read everything has seen what there is, None where it did not read everything.
    """
    oldest, found, get = _remembered(book.source_covered, covered, horizon), _Seen(book), book.get
    for one in {one.key: one for one in seen}.values():
        known = get(one.key)
        if known is None:
            if _is_new(book, one, oldest):
                found.kept.append(_opened(one))
        elif known.state is EARLY:
            met = _opened(one)._replace(after=known.after, arrived=known.arrived)
            found.arrived(_agreed(met, one.facts, known.found))
        elif one.facts != known.facts:
            found.said(known, one.facts, known.found)
    return replace(found.change(now), source_covered=covered)


def at_destination(
    book: Book, seen: Iterable[Sighting], covered: datetime | None, horizon: timedelta, answered: datetime
) -> BookChange:
    """Return what sightings at the destination change; `answered` bounds their arrival from above.

    `covered` is as for the source: a vendor that shows a record only some time after it has it is not blamed for that
    time. The client of a record that only the destination holds is the one that it names.
    """
    # Nothing was looked at after now: where the clock was put back, nothing is certain.
    after = _until(book.destination_covered, answered)
    oldest, found, get = _remembered(book.destination_covered, covered, horizon), _Seen(book), book.get
    for one in {one.key: one for one in seen}.values():
        known = get(one.key)
        if known is None:
            if _is_new(book, one, oldest):
                found.kept.append(Tracked(one.key, EARLY, one.created, one.client, after, answered, found=one.facts))
        elif known.state is OPEN:
            found.arrived(_arrived(known, one.facts, after, answered))
        elif one.facts != known.found:
            found.said(known, known.facts, one.facts)
    return replace(found.change(answered), destination_covered=covered)


def decided(book: Book, within: Mapping[ClientId, Limit], now: datetime) -> BookChange:
    """Return the records that have reached their client's limit, each good or bad by what is certain.

    A record on its way is late only once a look at the destination, sent after its limit, did not contain it: while the
    destination cannot be seen it stays undecided.
    """
    kept: list[Tracked] = []
    settled: list[str] = []
    verdicts: list[Verdict] = []
    ends: list[tuple[ClientId | None, Ending]] = []
    covered = _until(book.destination_covered, now)
    for client, one, limit in _due(book, within, now):
        late = _lateness(one, limit, covered)
        if late is None:
            continue
        verdicts.append(Verdict(one.key, client, limit, late))
        if one.state is MATCHED and not one.found:
            settled.append(one.key)
        else:
            kept.append(one._replace(late=late))
        if late or not one.found:
            ends.append((client, Ending.LATE if late else Ending.SYNCED))
    return BookChange(
        flow=book.flow,
        kept=tuple(kept),
        settled=tuple(settled),
        at=now if settled else None,
        verdicts=tuple(verdicts),
        endings=Counter(ends),
    )


def behind(book: Book, within: Mapping[ClientId, Limit], now: datetime) -> set[ClientId]:
    """Return who has a record that is overdue, or is unless it has arrived unseen: the warning, not the contract."""
    unseen = (client for client, one, _ in _due(book, within, now) if one.state is OPEN)
    return (book.overdue() & within.keys()) | set(unseen)


def forgotten(book: Book, within: Mapping[ClientId, Limit], horizon: timedelta, now: datetime) -> BookChange:
    """Return what nothing more is expected of: settled records that no re-read can bring back, and nobody's records.

    A client's own record that is on its way is missed until it arrives.
    """
    ends = [end for end in (book.source_covered, book.destination_covered) if end is not None]
    read = max(min([now, *ends]), now - LONGEST_BLIND) - horizon
    unwatched = tuple(_unwatched(book, within, now))
    settled = tuple(one.key for one in unwatched if one.state is MATCHED and not one.found)
    strays = (one.key for one in unwatched if one.client is None and one.state is OPEN)
    old = (one.key for one in _ahead_in_vain(book, now) if one.created < read)
    return BookChange(
        flow=book.flow,
        dropped=(*(key for key in strays if (one := book.get(key)) and one.created < now - horizon), *old),
        settled=settled,
        at=now if settled else None,
        forgotten=read if book.remembers_before(read) else None,
    )


def next_limit(book: Book, within: Mapping[ClientId, Limit], now: datetime) -> datetime | None:
    """Return the next instant at which time alone decides a record, None where none is waiting."""
    return min((at for at in _limits(book, within, now) if at > now), default=None)


def _limits(book: Book, within: Mapping[ClientId, Limit], now: datetime) -> Iterator[datetime]:
    for client, head in book.heads():
        limit = within.get(client) if client is not None else None
        if limit is not None:
            if due(limit, head) > now:
                yield due(limit, head)
            else:
                yield from (due(limit, one.since) for one in book.undecided(client, now))


def _due(book: Book, within: Mapping[ClientId, Limit], now: datetime) -> Iterator[tuple[ClientId, Tracked, datetime]]:
    ripe = {limit: _ripe(limit, now) for limit in set(within.values())}
    bounds: dict[ClientId | None, datetime] = {client: ripe[limit] for client, limit in within.items()}
    for one in book.due(bounds):
        if one.client is not None:
            yield one.client, one, due(within[one.client], one.since)


def _ripe(limit: Limit, now: datetime) -> datetime:
    """The youngest creation of a record that has reached its limit."""
    return now - limit if isinstance(limit, timedelta) else last_run(limit, now).cut - BEFORE


def _lateness(one: Tracked, limit: datetime, covered: datetime | None) -> bool | None:
    if one.state is MATCHED:
        return one.after is not None and one.after >= limit
    return True if covered is not None and covered >= limit else None


def _unwatched(book: Book, within: Mapping[ClientId, Limit], now: datetime) -> Iterator[Tracked]:
    """The undecided records that no promise will ever decide."""
    unpromised = book.holders() - within.keys()
    if unpromised:
        yield from book.due(dict.fromkeys(unpromised, now))


def _ahead_in_vain(book: Book, now: datetime) -> Iterator[Tracked]:
    """Records seen at the destination only of which it cannot be known whether they are orphans."""
    began, usual = book.source.began, longest_usual(book.pace)
    for one in book.ahead():
        if began is None or one.created - usual < began or one.created < now - LONGEST_BLIND:
            yield one


def _opened(one: Sighting) -> Tracked:
    # By position, as wherever every record comes by: names would take twice as long.
    return Tracked(
        one.key, OPEN, one.created, one.client, None, None, None, one.entered, one.facts, (), None, None, one.slipped
    )


def _arrived(one: Tracked, found: Facts, after: datetime | None, answered: datetime) -> Tracked:
    """A record that was on its way, as it is once the destination holds it."""
    if one.facts != found and differ(one.facts, found):
        return _agreed(one._replace(after=after, arrived=answered), one.facts, found)
    return _matched(one, after, answered)


def _agreed(one: Tracked, facts: Facts, found: Facts) -> Tracked:
    """A record that both ends hold; what they say is kept only while they contradict each other."""
    if not differ(facts, found):
        return _matched(one, one.after, one.arrived)
    ending = one.ending if one.ending is Ending.MISMATCHED else None
    return one._replace(state=MATCHED, facts=facts, found=found, noted=None, ending=ending)


def _matched(one: Tracked, after: datetime | None, arrived: datetime | None) -> Tracked:
    entered, slipped = one.entered, one.slipped
    return Tracked(
        one.key, MATCHED, one.created, one.client, after, arrived, one.late, entered, (), (), None, None, slipped
    )


def _is_new(book: Book, one: Sighting, oldest: datetime | None) -> bool:
    """Whether it was never settled.

    What is older than anything still remembered was settled and forgotten: a vendor that changes an old record must not
    make it look unsynced.
    """
    return not book.remembers(one.key) and (oldest is None or one.created >= oldest)


def _remembered(known: datetime | None, covered: datetime | None, horizon: timedelta) -> datetime | None:
    """The creation of the oldest record that would still be remembered."""
    return None if known is None else min(known, covered or known) - horizon


def _until(covered: datetime | None, instant: datetime) -> datetime | None:
    return covered if covered is not None and covered <= instant else None


def _pace(pace: Pace, arrivals: list[Tracked], now: datetime) -> Pace | None:
    """How long records take with those that arrived; what the first look of all found there says nothing."""
    took = [one.arrived - one.created for one in arrivals if one.after is not None and one.arrived is not None]
    entire = [one.arrived - one.entered for one in arrivals if one.entered is not None and one.arrived is not None]
    return paced(pace, took, now, entire) if took else None


def _with_verdicts(arrivals: tuple[Tracked, ...], verdicts: tuple[Verdict, ...]) -> tuple[Tracked, ...]:
    """Arrivals as they are known now: a record may be decided only after it was seen to have arrived."""
    if not arrivals or not verdicts:
        return arrivals
    late = {one.key: one.late for one in verdicts}
    return tuple([one._replace(late=late[one.key]) if one.key in late else one for one in arrivals])


def joined(first: BookChange, second: BookChange) -> BookChange:
    """Return two changes of one book as one, the second made on top of the first.

    What either settles is remembered from the later of their instants on: a moment longer, which brings nothing back.
    """
    if second == BookChange(flow=second.flow):
        return first
    again = {one.key for one in second.kept}
    gone = again.union(second.dropped, second.settled)
    kept = [one for one in first.kept if one.key not in gone] if gone else first.kept
    return BookChange(
        flow=first.flow,
        kept=(*kept, *second.kept),
        dropped=(*(key for key in first.dropped if key not in again), *second.dropped),
        settled=(*(key for key in first.settled if key not in again), *second.settled),
        at=second.at or first.at,
        forgotten=second.forgotten or first.forgotten,
        source_covered=later(first.source_covered, second.source_covered),
        destination_covered=later(first.destination_covered, second.destination_covered),
        pace=second.pace or first.pace,
        arrivals=(*_with_verdicts(first.arrivals, second.verdicts), *second.arrivals),
        verdicts=(*first.verdicts, *second.verdicts),
        endings=Counter(first.endings) + Counter(second.endings) if first.endings else second.endings,
    )
