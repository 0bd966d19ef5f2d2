"""What clients are to be told of maintenance now: announced, reminded, moved, begun, overrun, over, cancelled.

Each client is told of the spans that concern it, once its tier's lead time has come. Whoever was told of a span is told
what becomes of it, whatever happens to its window: a window that is gone is a maintenance that does not take place.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.foretold import Foretold, told_key
from alerts.maintenance import Window, WindowId, spells
from alerts.message import Stage
from alerts.pairing import pairs
from alerts.recurrence import Span
from probes.catalog import ClientId
from probes.manners import MaintenanceNotice

SHORT = timedelta(hours=1)
"""Announced by more than this later than agreed, it is said that the notice is short."""

A_WEEK = timedelta(days=7)
FURTHEST = timedelta(days=3660)
MOST_AHEAD = 60
"""So many spans of a window a client is told of at once, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A stage that is due to one client, what is on record once it is told, and whether the notice is short."""

    foretold: Foretold
    stage: Stage
    short: bool = False


def _nothing_fails(window: Window, client: ClientId) -> bool:
    del window, client
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """The windows as they now are, whom each concerns, and how long before who is told.

    `told` says whether a client may be told at all, `failing` whether what a window is about still fails for a client.
    """

    windows: Mapping[WindowId, Window]
    concerned: Callable[[Window], Iterable[ClientId]]
    notice: Callable[[ClientId], MaintenanceNotice | None]
    told: Callable[[ClientId], bool] = lambda _: True
    failing: Callable[[Window, ClientId], bool] = _nothing_fails


def words_due(plans: Plans, foretold: Iterable[Foretold], now: datetime) -> Iterator[Word]:
    """Yield what is due to be told now; of one span the rest follows once this is on record."""
    known: dict[tuple[WindowId, ClientId], list[Foretold]] = {}
    for one in foretold:
        known.setdefault((one.window, one.client), []).append(one)
    concerned = {window.id: frozenset(plans.concerned(window)) for window in plans.windows.values()}
    announced = (window.id for window in plans.windows.values() if window.announce)
    new = dict.fromkeys(((window, client) for window in announced for client in sorted(concerned[window])), ())
    for identity, client in dict.fromkeys((*new, *known)):
        if plans.told(client):
            window = plans.windows.get(identity) if client in concerned.get(identity, ()) else None
            yield from _of_client(plans, window, client, known.get((identity, client), ()), now)


def _of_client(
    plans: Plans, window: Window | None, client: ClientId, records: Sequence[Foretold], now: datetime
) -> Iterator[Word]:
    still = sorted((one for one in records if one.open), key=lambda one: one.begins)
    if window is None:
        yield from (word for one in still for word in _gone(one, now))
        return
    case = Case(window=window, client=client, notice=plans.notice(client), failing=plans.failing, now=now)
    paired, fresh = pairs(still, case.spans(still), now)
    for record, span in paired:
        yield from _gone(record, now) if span is None else case.becomes(record, span)
    yield from case.announced(records, fresh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One window as far as it concerns one client."""

    window: Window
    client: ClientId
    notice: MaintenanceNotice | None
    failing: Callable[[Window, ClientId], bool]
    now: datetime

    def spans(self, still: Sequence[Foretold]) -> list[Span]:
        """Return the spans that matter: those of what was told and is not over, and those to be told of by now."""
        begin = min((self.now, *(one.begins - A_WEEK for one in still)))
        lead = self.notice.lead if self.notice is not None else timedelta()
        end = max((self.now + lead, *(one.begins + A_WEEK for one in still)))
        return list(spells(self.window, begin, end if self.window.recurrence is not None else self.now + FURTHEST))

    def announced(self, records: Sequence[Foretold], fresh: Iterable[Span]) -> Iterator[Word]:
        """Yield that spans are planned of which the client has not been told; one that is on already has begun."""
        notice, now = self.notice, self.now
        if notice is None or not self.window.announce:
            return
        over = {one.begins for one in records if one.stage is Stage.COMPLETED}
        before = {one.key: one for one in records if not one.open}
        due = [one for one in fresh if one.ends > now >= one.begins - notice.lead and one.begins not in over]
        taken = {one.key for one in records if one.open}
        for span in due[:MOST_AHEAD]:
            first = self._untaken(span.begins, taken)
            known = before.get(told_key(self.window.id, first, self.client))
            stage = Stage.IN_PROGRESS if span.begins <= now else Stage.SCHEDULED
            yield _word(self._first(span, first, known), stage, now, short=now > span.begins - notice.lead + SHORT)

    def _untaken(self, first: datetime, taken: Collection[str]) -> datetime:
        """Return an instant by which a span is known: what was to begin then may have been moved, and goes on."""
        while told_key(self.window.id, first, self.client) in taken:
            first += timedelta(seconds=1)
        return first

    def _first(self, span: Span, first: datetime, known: Foretold | None) -> Foretold:
        """What is on record of a span when it is first told of, or again after it was cancelled."""
        return Foretold(
            window=self.window.id,
            client=self.client,
            first=first,
            begins=span.begins,
            ends=span.ends,
            work=self.window.text,
            sequence=known.sequence + 1 if known is not None else 0,
            told=known.told if known is not None else (),
            reminded=self._reminds(span),
            begun=self.now if span.begins <= self.now else None,
        )

    def becomes(self, record: Foretold, span: Span) -> Iterator[Word]:
        """Yield what has become of a span that the client was told of."""
        now = self.now
        record = replace(record, work=self.window.text)
        if span.ends <= now:
            yield from self._ended(replace(record, begins=span.begins, ends=span.ends))
        elif (span.begins, span.ends) != (record.begins, record.ends):
            yield _word(self._moved(record, span), Stage.MOVED, now)
        elif span.begins <= now and record.begun is None:
            yield _word(replace(record, begun=now), Stage.IN_PROGRESS, now)
        elif span.begins > now and not record.reminded and self._reminds(span):
            yield _word(replace(record, reminded=True), Stage.REMINDER, now)

    def _moved(self, record: Foretold, span: Span) -> Foretold:
        return replace(
            record,
            begins=span.begins,
            ends=span.ends,
            sequence=record.sequence + 1,
            former=(record.begins, record.ends),
            reminded=self._reminds(span),
            begun=record.begun if span.begins <= self.now else None,
            overran=None,
        )

    def _ended(self, record: Foretold) -> Iterator[Word]:
        """A span is over at its end, unless what it is about still fails: then it is said once that it takes longer."""
        if record.begun is None or not self.failing(self.window, self.client):
            yield _word(record, Stage.COMPLETED, self.now)
        elif record.overran is None:
            yield _word(replace(record, overran=self.now), Stage.IN_PROGRESS, self.now)

    def _reminds(self, span: Span) -> bool:
        """Whether it is time to be reminded of a span: who is told of it now need not be reminded besides."""
        remind = self.notice.remind if self.notice is not None else None
        return remind is not None and self.now >= span.begins - remind


def _gone(record: Foretold, now: datetime) -> Iterator[Word]:
    """Yield the last word of a span that there is no more: ended early if it had begun, else it does not take place."""
    if record.begun is not None or record.ends <= now:
        yield _word(replace(record, ends=min(record.ends, now)), Stage.COMPLETED, now)
    else:
        yield _word(replace(record, sequence=record.sequence + 1), Stage.CANCELLED, now)


def _word(record: Foretold, stage: Stage, now: datetime, *, short: bool = False) -> Word:
    return Word(foretold=replace(record, told=(*record.told, (stage, now))), stage=stage, short=short)


def next_word(plans: Plans, foretold: Iterable[Foretold], now: datetime) -> datetime | None:
    """Return when what was told of next begins, ends or is to be reminded of, None where nothing is."""
    instants: list[datetime] = []
    for one in foretold:
        if one.open:
            notice = plans.notice(one.client)
            remind = notice.remind if notice is not None and not one.reminded else None
            instants += [one.begins, one.ends, *((one.begins - remind,) if remind is not None else ())]
    return min((at for at in instants if at > now), default=None)
