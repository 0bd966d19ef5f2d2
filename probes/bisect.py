"""Bisection: which records two ends do not agree on, found by comparing windows of time, and windows of those.

Of each window both ends tell a digest: how many records, the sum of their amounts, and a mark of their keys that does
not hang on their order. Windows that agree are left alone, those that do not are split. A search only says what is to
be read next and what was found; who reads, and at what price, is decided elsewhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import pairwise

from probes.tracked import Ending

FACTOR = 8
"""Into how many windows one is split."""

FEW = 50
"""A window with so few records at either end is compared record by record."""

NARROWEST = timedelta(seconds=1)
MARK_BITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `start` up to, not including, `end`. `whole` says that its records are wanted, and not a digest alone."""

    start: datetime
    end: datetime
    whole: bool = False

    @property
    def width(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record as it is compared: its amount (in what its currency is counted in) says that it is the same."""

    key: str
    amount: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a window holds: how many records, the sums of their amounts by currency, and a mark of their keys."""

    count: int = 0
    sums: Mapping[str, int] = field(default_factory=dict)
    mark: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one end told of a window; `entries` is None where it told its digest alone."""

    digest: Digest
    entries: tuple[Entry, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A record that the ends do not agree on: `missing`, an `orphan`, or `mismatched`."""

    key: str
    ending: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A bisection under way: the windows still to be read, the earliest first, and what was found in the others."""

    pending: tuple[Window, ...]
    factor: int = FACTOR
    few: int = FEW
    found: tuple[Difference, ...] = ()
    compared: int = 0

    @property
    def next(self) -> Window | None:
        """What is to be read next, None where nothing is."""
        return self.pending[0] if self.pending else None


def digest(entries: Iterable[Entry]) -> Digest:
    """Return the digest of records; their order makes no difference."""
    known, mark = {one.key: one for one in entries}, 0
    sums: Counter[str] = Counter()
    for one in known.values():
        mark ^= int.from_bytes(blake2b(one.key.encode(errors="replace"), digest_size=MARK_BITS // 8).digest())
        if one.amount is not None:
            sums[one.currency] += one.amount
    return Digest(count=len(known), sums=dict(sums), mark=mark)


def read(entries: Iterable[Entry]) -> Reading:
    """Return what an end tells that tells its records."""
    known = tuple(entries)
    return Reading(digest=digest(known), entries=known)


def begun(start: datetime, end: datetime, young: datetime, factor: int = FACTOR, few: int = FEW) -> Search:
    """Return a search between two instants, of nothing that was created after `young`: it may still be on its way.

    Raises ValueError for a factor below two.
    """
    if factor < 2:  # noqa: PLR2004 - one part is no split
        raise ValueError(f"a window is split into at least two, not {factor}")
    last = min(end, young)
    whole = Window(start=start, end=last)
    return Search(pending=split(whole, factor) if start < last else (), factor=factor, few=few)


def split(window: Window, factor: int) -> tuple[Window, ...]:
    """Return a window in equal parts, fewer than asked for where they would be narrower than :data:`NARROWEST`."""
    parts = max(1, min(factor, window.width // NARROWEST))
    edges = [window.start + window.width * part / parts for part in range(parts)] + [window.end]
    return tuple(Window(start=first, end=last) for first, last in pairwise(edges))


def compared(search: Search, source: Reading, destination: Reading) -> Search:
    """Return the search after both ends told of its next window. Raises ValueError where nothing is pending."""
    window = search.next
    if window is None:
        raise ValueError("nothing is left to be compared")
    after = replace(search, pending=search.pending[1:], compared=search.compared + 1)
    if source.entries is not None and destination.entries is not None:
        return replace(after, found=(*after.found, *differences(source.entries, destination.entries)))
    if source.digest == destination.digest:
        return after
    return replace(after, pending=(*_closer(window, source, destination, search), *after.pending))


def _closer(window: Window, source: Reading, destination: Reading, search: Search) -> tuple[Window, ...]:
    small = max(source.digest.count, destination.digest.count) <= search.few
    if small or window.width < 2 * NARROWEST:
        return (replace(window, whole=True),)
    return split(window, search.factor)


def narrowed(search: Search) -> Search | None:
    """Return the search with its next window split, which could not be read at once; None where it is too narrow."""
    window = search.next
    parts = split(window, search.factor) if window is not None else ()
    return replace(search, pending=(*parts, *search.pending[1:])) if len(parts) > 1 else None


def differences(source: Iterable[Entry], destination: Iterable[Entry]) -> tuple[Difference, ...]:
    """Return what two ends do not agree on, by key. An amount that an end does not tell contradicts nothing."""
    ours, theirs = {one.key: one for one in source}, {one.key: one for one in destination}
    missing = (Difference(key=key, ending=Ending.MISSING) for key in sorted(ours.keys() - theirs.keys()))
    orphans = (Difference(key=key, ending=Ending.ORPHAN) for key in sorted(theirs.keys() - ours.keys()))
    both = sorted(ours.keys() & theirs.keys())
    differ = (Difference(key=key, ending=Ending.MISMATCHED) for key in both if _contradict(ours[key], theirs[key]))
    return (*missing, *orphans, *differ)


def _contradict(ours: Entry, theirs: Entry) -> bool:
    told = ours.amount is not None and theirs.amount is not None
    return told and (ours.amount, ours.currency) != (theirs.amount, theirs.currency)


def told(found: Iterable[Difference], requests: int) -> str:
    """Return what a search found, and what it cost, in one line."""
    counts = Counter(one.ending for one in found)
    named = ((Ending.MISSING, "missing"), (Ending.MISMATCHED, "mismatched"), (Ending.ORPHAN, "orphaned"))
    parts = [f"{counts[ending]} {word}" for ending, word in named if counts[ending]]
    asked = f"{requests} request{'' if requests == 1 else 's'}"
    return f"found {', '.join(parts) or 'no difference'} in {asked}"
