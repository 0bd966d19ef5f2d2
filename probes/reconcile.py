"""Reconciliation by samples: which record of a flow is looked up next, and what the look-ups show.

Records seen at a source are looked up at the destination one by one, at random and none twice, once they are so old
that one on its way cannot be meant. How many of them are there bounds how many are missing at all. Asking is the
adapters' work; finding the missing ones themselves is `bisect`'s.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from math import exp, lgamma, log, log1p

from probes.book import Book
from probes.catalog import ClientId, FlowId
from probes.latency import longest_usual
from probes.sync import at_destination
from probes.tracked import BookChange, Ending, RecordState, Sighting, Tracked

PERIOD = timedelta(days=1)
"""Over which look-ups are counted together."""

BOUND = 0.001
CONFIDENCE = 0.95
ENOUGH = 2994
"""Look-ups without a missing record that show :data:`BOUND` at :data:`CONFIDENCE`: ln 0.05 / ln 0.999, rounded."""

POOL = 500
"""Records of a flow that wait to be drawn, at most."""

ASKED = 1000
"""Records that are remembered to have been looked up, at most; sources show a record as new only once."""

AGAIN = timedelta(minutes=5)
"""A record that was absent is looked up again after this time, before it is called missing."""

NAMED = 100
"""Missing records that are kept by their keys, at most."""

RECHECK = timedelta(minutes=10)
"""A missing record is looked for again after this time, one at a time."""

HOUR = timedelta(hours=1)
HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A record that may be looked up. `absent` is when it was first not found, None where it was not asked for yet."""

    created: datetime
    client: ClientId | None = None
    absent: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """How many look-ups of one hour were answered, and how many records they showed to be missing."""

    begins: datetime
    asked: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What is sampled of a flow: who may be drawn, who was absent once, and what was found in the last day's hours.

    `asked` are marks of the records that were drawn lately, `missing` the keys of those that were absent twice, the
    latest last, and `rechecked` is when one of them was last looked for. `last` is when the last look-up was answered,
    `searched` when both ends were last compared because records were missing, and `search` what that found.
    """

    flow: FlowId
    pool: Mapping[str, Candidate] = field(default_factory=dict)
    doubts: Mapping[str, Candidate] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    hours: tuple[Hour, ...] = ()
    missing: tuple[str, ...] = ()
    last: datetime | None = None
    rechecked: datetime | None = None
    searched: datetime | None = None
    search: str = ""


class Finding(StrEnum):
    """What a look-up showed: the record is there, is not there for the first time, or is missing.

    What was missing is so `still`, or was `regained`.
    """

    FOUND = "found"
    ABSENT = "absent"
    MISSING = "missing"
    STILL = "still"
    REGAINED = "regained"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What the look-ups of the last day show: at :data:`CONFIDENCE`, less than `ratio` of the records are missing."""

    asked: int
    missing: int
    ratio: float


@lru_cache(maxsize=8192)
def _lot(seed: str, key: str) -> str:
    """A record's lot: the lowest is drawn first, and who saw which records in which order makes no difference."""
    return blake2b(key.encode(errors="replace"), key=seed.encode()[:64], digest_size=8).hexdigest()


def offered(sample: Sample, seen: Iterable[Tracked]) -> Sample:
    """Return the sample with records that a source has shown; of more than :data:`POOL` the lowest lots stay."""
    known = {*sample.asked}
    fresh = {
        one.key: Candidate(created=one.created, client=one.client)
        for one in seen
        if one.key not in sample.doubts and _lot(sample.flow, one.key) not in known
    }
    if not fresh:
        return sample
    pool = {**sample.pool, **fresh}
    if len(pool) > POOL:
        kept = sorted(pool, key=lambda key: _lot(sample.flow, key))[:POOL]
        pool = {key: pool[key] for key in kept}
    return replace(sample, pool=pool)


def shown(change: BookChange) -> Iterable[Tracked]:
    """Return the records that a change says were seen at the source, each at least once."""
    on_their_way = (one for one in change.kept if one.state is RecordState.OPEN and one.ending is None)
    return (*on_their_way, *change.arrivals)


def next_lookup(sample: Sample, book: Book, now: datetime) -> str | None:
    """Return the record that is to be looked up now, None where none is old enough.

    A record that was absent once comes first, then now and then one that is missing: it may be there again. No record
    is asked for that may still be on its way: it is older than the flow's 99.9th percentile of latency, and one that
    was created later by as much has arrived.
    """
    again = [key for key, one in sample.doubts.items() if one.absent is not None and one.absent + AGAIN <= now]
    if again:
        return min(again)
    if sample.missing and (sample.rechecked is None or now - sample.rechecked >= RECHECK):
        return sample.missing[0]
    settled = min(now, book.front or now - PERIOD) - longest_usual(book.pace)
    ripe = (key for key, one in sample.pool.items() if now - PERIOD <= one.created <= settled)
    return min(ripe, key=lambda key: _lot(sample.flow, key), default=None)


def answered(sample: Sample, key: str, *, found: bool, now: datetime) -> tuple[Sample, Finding]:
    """Return the sample after a look-up, and what it showed. Absent twice is missing; only then it is counted."""
    if key in sample.missing:
        left = tuple(one for one in sample.missing if one != key)
        again = replace(sample, missing=left if found else (*left, key), last=now, rechecked=now)
        return again, Finding.REGAINED if found else Finding.STILL
    candidate = sample.doubts.get(key) or sample.pool.get(key)
    pool = {name: one for name, one in sample.pool.items() if name != key}
    doubts = {name: one for name, one in sample.doubts.items() if name != key}
    asked = (*sample.asked, _lot(sample.flow, key))[-ASKED:]
    drawn = replace(sample, pool=pool, doubts=doubts, asked=asked, last=now)
    if found:
        return _counted(drawn, 0, now), Finding.FOUND
    if candidate is not None and candidate.absent is None:
        return replace(drawn, doubts={**doubts, key: replace(candidate, absent=now)}), Finding.ABSENT
    missing = (*sample.missing, key)[-NAMED:]
    return replace(_counted(drawn, 1, now), missing=missing, rechecked=now), Finding.MISSING


def _counted(sample: Sample, missing: int, now: datetime) -> Sample:
    begins = now.replace(minute=0, second=0, microsecond=0)
    kept = [one for one in sample.hours if now - PERIOD < one.begins and one.begins != begins]
    this = next((one for one in sample.hours if one.begins == begins), Hour(begins=begins))
    return replace(sample, hours=(*kept, replace(this, asked=this.asked + 1, missing=this.missing + missing)))


def suspected(sample: Sample, absent: Mapping[str, Candidate], sentence: str, now: datetime) -> Sample:
    """Return the sample with records that a comparison of both ends did not find: each is to be looked up."""
    known = {*sample.doubts, *sample.missing}
    new = {key: replace(one, absent=now) for key, one in absent.items() if key not in known}
    doubts = dict([*sample.doubts.items(), *new.items()][:NAMED])
    return replace(sample, doubts=doubts, searched=now, search=sentence)


def lost(sample: Sample, flow: FlowId, key: str) -> BookChange:
    """Return what a missing record changes in its flow's book: it is on its way, and has ended as missing."""
    one = sample.doubts.get(key) or sample.pool.get(key)
    if one is None:
        return BookChange(flow=flow)
    gone = Tracked(key, RecordState.OPEN, one.created, one.client, late=True, ending=Ending.MISSING)
    return BookChange(flow=flow, kept=(gone,), endings={(one.client, Ending.MISSING): 1})


def regained(book: Book, key: str, now: datetime) -> BookChange:
    """Return what it changes in a book that a record is there which was missing."""
    one = book.get(key)
    seen = () if one is None else (Sighting(key, one.client, one.created),)
    return at_destination(book, seen, None, HOUR, now)


def bound(sample: Sample, now: datetime) -> Bound | None:
    """Return what the look-ups of the last day show, None where there were none."""
    hours = [one for one in sample.hours if now - PERIOD < one.begins]
    asked, missing = sum(one.asked for one in hours), sum(one.missing for one in hours)
    return Bound(asked=asked, missing=missing, ratio=most_missing(missing, asked)) if asked else None


def most_missing(missing: int, asked: int, confidence: float = CONFIDENCE) -> float:
    """Return the share of which fewer are missing, with a confidence (0 to 1), where so many of those asked for were.

    The upper bound of Clopper and Pearson, Biometrika 26 (1934) 404-413: the share at which so few would be missing
    with a probability of 1 - confidence. For none missing it is 1 - (1 - confidence) ** (1 / asked).
    Raises ValueError unless 0 <= missing <= asked and asked > 0.
    """
    if not 0 <= missing <= asked or asked < 1:
        raise ValueError(f"{missing} of {asked} cannot be missing")
    if missing == asked:
        return 1.0
    low, high = missing / asked, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(missing, asked, middle) > 1 - confidence else (low, middle)
    return high


def _at_most(missing: int, asked: int, share: float) -> float:
    """The probability that at most so many are missing where that share is, by the binomial distribution."""
    if share >= 1:
        return 0.0
    return sum(
        exp(_log_choices(asked, k) + k * log(share or 1e-300) + (asked - k) * log1p(-share)) for k in range(missing + 1)
    )


def _log_choices(among: int, count: int) -> float:
    return lgamma(among + 1) - lgamma(count + 1) - lgamma(among - count + 1)


def wanted(sample: Sample, now: datetime) -> bool:
    """Return whether both ends may be compared now: not again and again for what is known to be missing."""
    return sample.searched is None or now - sample.searched >= HOUR


def told(found: Bound | None) -> str:
    """Return the sentence that says what the look-ups of the last day show."""
    if found is None:
        return "no record was looked up at the destination in the last day"
    missing = "none missing" if not found.missing else f"{found.missing} missing"
    sure = f"missing below {_percent(found.ratio)} at {CONFIDENCE * 100:.0f} %"
    return f"{sure} ({found.asked:,} look-ups in the last day, {missing})"


def _percent(ratio: float) -> str:
    """Two digits."""
    return f"{float(f'{ratio * 100:.1e}'):g} %"


def apart(sustained: float, planned: float, flows: int) -> timedelta | None:
    """Return how far apart a flow's look-ups are where a quota sustains and plans for so many requests per second.

    Half of what planned looks leave over, shared by the flows that end there; no more than shows :data:`BOUND` within
    the :data:`PERIOD`. None where nothing is left.
    """
    spare = (sustained - planned) / 2 / max(1, flows)
    if spare <= 0:
        return None
    needed = PERIOD / ENOUGH
    longest = timedelta(seconds=1 / spare) if spare * PERIOD.total_seconds() >= 1 else None
    return None if longest is None else max(needed, longest)
