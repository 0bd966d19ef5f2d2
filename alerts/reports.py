"""The book of reported alerts: all that were sent to us and have not ended, found by labels, by identity, by matchers.

It is mutable, for thousands of reports a second move nothing but an end. It knows which of its alerts our own alerts do
not follow yet, and which are not in the table yet; who stores them and judges them does both in chunks.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from alerts.alert import AlertKey
from alerts.reported import Labels, Reported, merged

REMEMBERED = timedelta(minutes=15)
"""For so long an alert that has ended is remembered, so that a late report of it joins what it was part of."""


class Received(StrEnum):
    """What a report that came in said, or that nobody could tell."""

    FIRING = "firing"
    RESOLVED = "resolved"
    INVALID = "invalid"


MOST_CONDITIONS = 256
"""So many conditions are remembered with what they take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be written of the book: alerts as they are, and identities that are to be forgotten."""

    kept: tuple[Reported, ...]
    gone: tuple[str, ...]


class Matcher(Protocol):
    """One condition on a label, as a value; a label that is missing has the value ""."""

    @property
    def name(self) -> str:
        """The label's name."""

    @property
    def equal_to(self) -> str | None:
        """The one value that it takes, None where there may be several."""

    def matches(self, value: str) -> bool:
        """Return whether it takes a value."""


class Reports:
    """Every reported alert that is known, each label set once. `shape` is another one when one comes or is forgotten.

    With `keeps`, an alert of which nobody says that it is over goes on for ever. `received` counts reports.
    """

    def __init__(self, known: Iterable[Reported] = (), *, keeps: bool = False) -> None:
        self.keeps = keeps
        self.received: Counter[Received] = Counter()
        self.shape = 0
        self._all: dict[Labels, Reported] = {one.labels: one for one in known}
        self._by_print: dict[str, Reported] | None = None
        self._by_label: dict[tuple[str, str], dict[Labels, None]] = {}
        self._by_name: dict[str, set[tuple[str, str]]] = {}
        self._taken: dict[Matcher, tuple[int, set[tuple[str, str]]]] = {}
        self._unindexed: list[Labels] = list(self._all)
        self._unfollowed: dict[Labels, Reported] = {}
        self._unwritten: dict[Labels, Reported] = {}
        self._soonest: datetime | None = None

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Reported]:
        return iter(self._all.values())

    def get(self, labels: Labels) -> Reported | None:
        """Return the alert of a label set, None where none is known."""
        return self._all.get(labels)

    def of(self, fingerprint: str) -> Reported | None:
        """Return the alert of an identity, None where none is known."""
        if self._by_print is None:
            self._by_print = {one.fingerprint: one for one in self._all.values()}
        return self._by_print.get(fingerprint)

    def take(self, reports: Iterable[Reported]) -> None:
        """Take reports in, in the order in which they came; what overlaps with what is known becomes one with it."""
        known, unwritten, soonest = self._all, self._unwritten, self._soonest
        for new in reports:
            labels = new.labels
            old = known.get(labels)
            if old is None:
                self._unindexed.append(labels)
                self._by_print = None
                self.shape += 1
                one = new
            else:
                one = merged(old, new)
            known[labels] = unwritten[labels] = one
            if (one.key is None) is (one.ends > one.updated):
                self._unfollowed[labels] = one
            if soonest is None or one.ends < soonest:
                soonest = one.ends
        self._soonest = soonest

    def goes_on(self, one: Reported, now: datetime) -> bool:
        """Return whether an alert is not over."""
        return one.ends > now or (self.keeps and not one.told_over)

    def expire(self, now: datetime) -> None:
        """Note which alerts have reached their end by now."""
        if self._soonest is None or self._soonest > now:
            return
        self._look(now)

    def _look(self, now: datetime) -> None:
        for labels, one in self._all.items():
            if (one.key is None) is self.goes_on(one, now):
                self._unfollowed[labels] = one
        self._soonest = min((one.ends for one in self._all.values() if one.ends > now), default=None)

    @property
    def next_end(self) -> datetime | None:
        """An instant before which no alert ends by itself, None where none goes on."""
        return self._soonest

    @property
    def unfollowed(self) -> bool:
        """Whether our own alerts have something to follow."""
        return bool(self._unfollowed)

    def to_follow(self, most: int) -> tuple[Reported, ...]:
        """Return some of the alerts that our own do not follow yet, the oldest news first."""
        return tuple(one for one, _ in zip(self._unfollowed.values(), range(most), strict=False))

    def follow(self, reports: Iterable[Reported], keys: Mapping[Labels, AlertKey], now: datetime) -> None:
        """Note that our own alerts follow reports as they were; what has come since is to follow still."""
        for report in reports:
            one = self._all.get(report.labels)
            if one is None:
                continue
            one.key = keys[report.labels] if self.goes_on(report, now) else None
            if one is report:
                self._unfollowed.pop(report.labels, None)

    def compare(self, held: Iterable[AlertKey], now: datetime) -> None:
        """Begin with the alerts of ours that go on, as after a start: the rest is to follow."""
        keys = {key.subject.rpartition(":")[2]: key for key in held}
        for one in self._all.values():
            one.key = keys.get(one.fingerprint)
        self._look(now)

    def outlast(self, since: datetime, until: datetime) -> None:
        """Let what would have ended after `since`, unsaid by anybody, last until an instant: nobody could tell us."""
        for labels, one in self._all.items():
            if since < one.ends < until and not one.told_over:
                one.ends, one.timeout = until, True
                self._unwritten[labels] = one

    def due(self, now: datetime) -> Due:
        """Return what is to be written; nothing of it is written twice unless `rewrite` says that it was not."""
        over = [one for one in self._all.values() if one.key is None and one.ends < now - REMEMBERED]
        for one in over:
            if one.labels not in self._unfollowed:
                self._forget(one)
        gone = tuple(one.fingerprint for one in over if one.labels not in self._all)
        kept = tuple(self._unwritten.values())
        self._unwritten = {}
        return Due(kept=kept, gone=gone)

    def rewrite(self, due: Due) -> None:
        """Note that what was to be written could not be."""
        self._unwritten = {one.labels: self._all[one.labels] for one in due.kept if one.labels in self._all}

    def _forget(self, one: Reported) -> None:
        self._index()
        del self._all[one.labels]
        self._unwritten.pop(one.labels, None)
        self._by_print = None
        for pair in one.labels:
            holders = self._by_label[pair]
            del holders[one.labels]
            if not holders:
                del self._by_label[pair]
                self._by_name[pair[0]].discard(pair)
        self.shape += 1

    def select(self, matchers: Sequence[Matcher]) -> Collection[Labels]:
        """Return the label sets that meet all of some conditions; it looks at as few as it can."""
        self._index()
        exact = [self._by_label.get((one.name, one.equal_to), {}) for one in matchers if one.equal_to]
        narrow: Collection[Labels] = min(exact, key=len) if exact else self._all
        found = [one for one in narrow if all(one in holders for holders in exact)] if len(exact) > 1 else narrow
        for matcher in matchers:
            if not matcher.equal_to and found:
                found = self._filtered(found, matcher)
        return found

    def _filtered(self, found: Collection[Labels], matcher: Matcher) -> Collection[Labels]:
        """Each value of a label is looked at once, however many alerts have it."""
        pairs, taken = self._by_name.get(matcher.name, set()), self._taken_by(matcher)
        if found is self._all and not matcher.matches(""):
            return [labels for pair in sorted(taken) for labels in self._by_label[pair]]
        refused = pairs - taken
        if matcher.matches(""):
            return [one for one in found if refused.isdisjoint(one)]
        return [one for one in found if not taken.isdisjoint(one)]

    def _taken_by(self, matcher: Matcher) -> set[tuple[str, str]]:
        """Return the labels that a condition takes; whoever asks for the same again is not kept waiting for it."""
        known = self._taken.get(matcher)
        if known is None or known[0] != self.shape:
            if len(self._taken) >= MOST_CONDITIONS:
                self._taken.clear()
            pairs = self._by_name.get(matcher.name, set())
            known = self._taken[matcher] = (self.shape, {pair for pair in pairs if matcher.matches(pair[1])})
        return known[1]

    def _index(self) -> None:
        """Enter what is new into the index; taking a report in does not wait for that."""
        for labels in self._unindexed:
            for pair in labels:
                holders = self._by_label.get(pair)
                if holders is None:
                    holders = self._by_label[pair] = {}
                    self._by_name.setdefault(pair[0], set()).add(pair)
                holders[labels] = None
        self._unindexed = []
