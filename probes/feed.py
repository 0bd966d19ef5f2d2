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
    if number != feed.number:
        habit = _remembered(habit, feed)
        feed = replace(feed, number=number, hour=Hour())
    usual = habit.hours.get(number, Hour())
    since = look.at - feed.seen if feed.seen is not None else timedelta()
    watched = since if timedelta() < since <= UNSEEN else timedelta()
    feed = replace(feed, hour=replace(feed.hour, watched=feed.hour.watched + watched))
    feed = _moved(feed, look) if _is_newer(feed, look) else replace(feed, expected=feed.expected + _due(usual, watched))
    feed = _emptier(feed, usual, look) if not look.listed else _filled(feed, look)
    return replace(feed, seen=look.at), habit


def _is_newer(feed: Feed, look: Shown) -> bool:
    return bool(look.listed) and (not feed.newest or look.listed[-1] > feed.newest[-1])


def _moved(feed: Feed, look: Shown) -> Feed:
    gap = look.at - feed.moved if feed.moved is not None else timedelta()
    hour = replace(feed.hour, moves=feed.hour.moves + 1, longest=max(feed.hour.longest, gap))
    return replace(feed, hour=hour, newest=look.listed, moved=look.at, expected=0.0)


def _due(usual: Hour, watched: timedelta) -> float:
    return usual.moves * (watched / usual.watched) if usual.watched else 0.0


def _emptier(feed: Feed, usual: Hour, look: Shown) -> Feed:
    """Count an empty list: it lacks what was listed after the instant that it was asked from, to the second."""
    wanted = sum(look.since is None or at >= look.since + WHOLE_SECOND for at in feed.newest)
    feed = replace(feed, emptied=feed.emptied or look.at, held=False)
    feed = replace(feed, lacking=feed.lacking + (wanted >= CONTRADICTIONS and not look.transient))
    if not _counts(feed, look):
        return feed
    surprise = -log((usual.empty + 1) / (usual.slots + 2)) if usual.slots else 0.0
    hour = replace(feed.hour, slots=feed.hour.slots + 1, empty=feed.hour.empty + 1)
    return replace(feed, hour=hour, slot=look.at, surprise=feed.surprise + surprise)


def _filled(feed: Feed, look: Shown) -> Feed:
    feed = replace(feed, emptied=None, lacking=0, surprise=0.0, held=True)
    if not _counts(feed, look):
        return feed
    return replace(feed, hour=replace(feed.hour, slots=feed.hour.slots + 1), slot=look.at)


def _counts(feed: Feed, look: Shown) -> bool:
    return feed.slot is None or look.at - feed.slot >= look.apart


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
