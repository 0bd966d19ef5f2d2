"""What one list of records does over time: whether it goes on, and whether it is as empty as it usually is.

Two ways in which an answer with status 200 can be wrong: it is empty although records were there that it should show,
and it never changes. Both are held against what the list itself did in the same hour of the week. A list that is quiet
at night is known to be, after one week; an hour of which nothing is known raises no suspicion. Pure arithmetic.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import log

from probes.catalog import ProbeId
from probes.fingerprint import Fingerprint
from probes.observation import Record

IMPROBABLE = 1e-6
"""What is less likely than this by a list's own history is no accident."""

SILENT = -log(IMPROBABLE)
"""So many new records that were to be expected and did not come: 13.8, by Poisson's law."""

CONTRADICTIONS = 3
"""Empty lists in a row that lack what was in them before, and that many records that each should have shown."""

NEWEST = 5
"""How many of the newest records' instants are kept."""

UNSEEN = timedelta(minutes=15)
"""Looks further apart than this have not seen what happened in between."""

MEMORABLE = timedelta(hours=8)
"""After so long an hour of the week counts for half as much as before: eight weeks of looking all of it."""

WHOLE_SECOND = timedelta(seconds=1)
HOURS = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What a list did in one hour of the week: for how long it was looked at, how often something newer came.

    Of `slots` far enough apart to share no record, so many were `empty`. `longest` is the longest time for which
    nothing came that ended in this hour.
    """

    watched: timedelta = timedelta()
    moves: float = 0.0
    slots: float = 0.0
    empty: float = 0.0
    longest: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What one probe's list usually does, by the hour of the week in UTC, and the form of its records."""

    probe: ProbeId
    hours: Mapping[int, Hour] = field(default_factory=dict)
    fingerprint: Fingerprint = field(default_factory=Fingerprint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What one probe's list did lately. Instants are ours.

    `newest` are those by which its newest records are listed, `moved` is when the last look came that brought a newer
    one. `hour` is what the present hour (`number`) has had so far. `expected` is how many newer records should have
    come since then. `emptied` is the first of the empty looks in a row, `lacking` how many of them lacked what was
    there, `surprise` how improbable the run is by itself (-ln p), `slot` when an empty list was last counted.
    `held` says that the last look showed records. `marks` are those of the rows of late that could not be read.
    """

    probe: ProbeId
    newest: tuple[datetime, ...] = ()
    moved: datetime | None = None
    seen: datetime | None = None
    number: int = -1
    hour: Hour = field(default_factory=Hour)
    expected: float = 0.0
    emptied: datetime | None = None
    lacking: int = 0
    surprise: float = 0.0
    slot: datetime | None = None
    held: bool = False
    marks: tuple[str, ...] = ()

    @property
    def empty_against_all(self) -> bool:
        """Whether it is empty against what was in it, or against its own history."""
        return self.emptied is not None and (self.lacking >= CONTRADICTIONS or self.surprise >= SILENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What one whole look at a list showed: by which instants its records are listed, and from when it was asked for.

    `apart` is how far apart two looks must be to share no record. From a `transient` list records go away again.
    """

    at: datetime
    listed: tuple[datetime, ...]
    since: datetime | None
    apart: timedelta
    transient: bool = False


def shown(
    records: Sequence[Record], since: datetime | None, apart: timedelta, at: datetime, *, transient: bool = False
) -> Shown:
    """Return what a look showed; of the records only the newest matter."""
    listed = sorted(record.listed for record in records)[-NEWEST:]
    return Shown(at=at, listed=tuple(listed), since=since, apart=apart, transient=transient)


def hour_of_week(at: datetime) -> int:
    """Return the number of an hour in its week, from Monday 00:00 UTC."""
    return 24 * at.weekday() + at.hour


def fed(feed: Feed, habit: Habit, look: Shown) -> tuple[Feed, Habit]:
    """Return both after one more whole look."""
    number = hour_of_week(look.at)
    hour = feed.hour
    if number != feed.number:
        habit, hour = _remembered(habit, feed), Hour()
    usual = habit.hours.get(number)
    newer = bool(look.listed) and (not feed.newest or look.listed[-1] > feed.newest[-1])
    counts = feed.slot is None or look.at - feed.slot >= look.apart
    surprise = _surprise(usual) if counts and not look.listed else 0.0
    after = Feed(
        probe=feed.probe,
        newest=look.listed if newer else feed.newest,
        moved=look.at if newer else feed.moved,
        seen=look.at,
        number=number,
        hour=_continued(hour, feed, look, newer=newer, counts=counts),
        expected=0.0 if newer or usual is None else feed.expected + _due(usual, _watched(feed, look)),
        emptied=None if look.listed else feed.emptied or look.at,
        lacking=0 if look.listed else feed.lacking + _lacks(feed, look),
        surprise=0.0 if look.listed else feed.surprise + surprise,
        slot=look.at if counts else feed.slot,
        held=bool(look.listed),
        marks=feed.marks,
    )
    return after, habit


def _watched(feed: Feed, look: Shown) -> timedelta:
    since = look.at - feed.seen if feed.seen is not None else timedelta()
    return since if timedelta() < since <= UNSEEN else timedelta()


def _continued(hour: Hour, feed: Feed, look: Shown, *, newer: bool, counts: bool) -> Hour:
    gap = look.at - feed.moved if newer and feed.moved is not None else timedelta()
    return Hour(
        watched=hour.watched + _watched(feed, look),
        moves=hour.moves + newer,
        slots=hour.slots + counts,
        empty=hour.empty + (counts and not look.listed),
        longest=max(hour.longest, gap),
    )


def _due(usual: Hour, watched: timedelta) -> float:
    return usual.moves * (watched / usual.watched) if usual.watched else 0.0


def _surprise(usual: Hour | None) -> float:
    return -log((usual.empty + 1) / (usual.slots + 2)) if usual is not None and usual.slots else 0.0


def _lacks(feed: Feed, look: Shown) -> bool:
    """Whether an empty list lacks what was listed after the instant that it was asked from, to the second."""
    if look.transient:
        return False
    wanted = sum(look.since is None or at >= look.since + WHOLE_SECOND for at in feed.newest)
    return wanted >= CONTRADICTIONS


def _remembered(habit: Habit, feed: Feed) -> Habit:
    """Add an hour that is over to what is known of its like."""
    if feed.number < 0 or not feed.hour.watched:
        return habit
    known, more = habit.hours.get(feed.number, Hour()), feed.hour
    half = 0.5 if known.watched > MEMORABLE else 1.0
    hour = Hour(
        watched=half * known.watched + more.watched,
        moves=half * known.moves + more.moves,
        slots=half * known.slots + more.slots,
        empty=half * known.empty + more.empty,
        longest=max(half * known.longest, more.longest),
    )
    return replace(habit, hours={**habit.hours, feed.number: hour})


def frozen_for(feed: Feed, habit: Habit) -> timedelta | None:
    """Return for how long a list has shown the same newest record beyond what its history makes plausible.

    None where that is no longer than plausible: fewer newer records were expected than chance may hold back, it was as
    long without one before in this hour, or it shows nothing at all.
    """
    if feed.moved is None or feed.seen is None or not feed.held or feed.expected < SILENT:
        return None
    lasted = feed.seen - feed.moved
    return lasted if lasted > 2 * habit.hours.get(feed.number, Hour()).longest else None
