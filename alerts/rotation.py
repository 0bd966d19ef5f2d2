"""People who take turns: whose turn it is, who is there, and when that may next be another.

Turns of days and weeks, and those that change at handovers of one's own, follow the wall clock of the rotation's zone;
turns of hours follow real elapsed time, so that none is longer or shorter than another when clocks change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NewType

from alerts.restriction import Hours, is_open, next_edge
from alerts.wall import DAY, midnight, next_holiday_edge, on_holiday, shown
from probes.catalog import SecretRef

PersonId = NewType("PersonId", str)

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of ours who can be paged; `channels` are tried in order."""

    id: PersonId
    timezone: str
    channels: tuple[SecretRef, ...]


class Absent(StrEnum):
    """What happens to a turn while the person whose it is is away; whose turn comes next is never changed by it."""

    NEXT = "next"
    LAYER = "layer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A handover within the week: a weekday (0 is Monday) and a time."""

    weekday: int
    at: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """When somebody is away: from a day to a day (ISO, both included) on their own wall clock."""

    person: PersonId
    timezone: str
    first: str
    last: str

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when to when, in UTC."""
        first, last = date.fromisoformat(self.first), date.fromisoformat(self.last)
        return midnight(first, self.timezone), midnight(last + DAY, self.timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOff:
    """Somebody who is away on the public holidays of a country (ES), or of a part of it (ES-MD), on their own clock."""

    person: PersonId
    timezone: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """People who take turns, each of `weeks` weeks, else of `days` days, else of `hours` hours, else to the next mark.

    Turns change at `handover` wall-clock time in `timezone`, on `weekday` (0 is Monday) for weekly turns. `anchor` is
    a handover date (ISO) on which the first person's turn began. With `marks` a turn ends at the next of them, week by
    week. The rotation has somebody `only` in these hours, and nobody on the public `holidays` of a country. Of people
    who are away, `absent` says whether the next in turn or a lower layer stands in.
    """

    people: tuple[PersonId, ...]
    timezone: str
    handover: time
    weekday: int | None
    anchor: str
    weeks: int = 0
    days: int = 0
    hours: int = 0
    marks: tuple[Mark, ...] = ()
    only: tuple[Hours, ...] = ()
    holidays: str | None = None
    leaves: tuple[Leave, ...] = ()
    days_off: tuple[DaysOff, ...] = ()
    absent: Absent = Absent.NEXT


def turn_start(rotation: Rotation, turn: int) -> datetime:
    """Return when a turn begins; turn 0 began on the anchor, those before it are negative."""
    anchor = date.fromisoformat(rotation.anchor)
    if rotation.marks:
        return _mark_start(rotation, anchor, turn)
    if rotation.hours:
        return shown(anchor, rotation.handover, rotation.timezone) + turn * timedelta(hours=rotation.hours)
    day = anchor + turn * timedelta(weeks=rotation.weeks, days=rotation.days)
    return shown(day, rotation.handover, rotation.timezone)


def _mark_start(rotation: Rotation, anchor: date, turn: int) -> datetime:
    week, place = divmod(turn, len(rotation.marks))
    ahead = sorted(((mark.weekday - anchor.weekday()) % 7, mark.at) for mark in rotation.marks)
    days, at = ahead[place]
    return shown(anchor + week * WEEK + days * DAY, at, rotation.timezone)


def _guess(rotation: Rotation, now: datetime) -> int:
    since = now - turn_start(rotation, 0)
    if rotation.marks:
        return since // WEEK * len(rotation.marks)
    return since // timedelta(weeks=rotation.weeks, days=rotation.days, hours=rotation.hours)


def turn_at(rotation: Rotation, now: datetime) -> int:
    """Return the number of the turn at an instant."""
    turn = _guess(rotation, now)
    # A turn over a clock change is an hour longer or shorter than its length, so the guess may be off.
    while turn_start(rotation, turn + 1) <= now:
        turn += 1
    while turn_start(rotation, turn) > now:
        turn -= 1
    return turn


def in_turn(rotation: Rotation, turn: int) -> PersonId:
    """Return whose turn it is, whether they are there or not."""
    return rotation.people[turn % len(rotation.people)]


def works(rotation: Rotation, now: datetime) -> bool:
    """Return whether a rotation is to have somebody at an instant."""
    if not rotation.people or not is_open(rotation.only, rotation.timezone, now):
        return False
    return rotation.holidays is None or not on_holiday(rotation.holidays, rotation.timezone, now)


def is_away(rotation: Rotation, person: PersonId, now: datetime) -> bool:
    """Return whether one of its people is away."""
    spans = (leave.span for leave in rotation.leaves if leave.person == person)
    if any(start <= now < end for start, end in spans):
        return True
    off = (one for one in rotation.days_off if one.person == person)
    return any(on_holiday(one.country, one.timezone, now) for one in off)


def who(rotation: Rotation, now: datetime) -> PersonId | None:
    """Return who of a rotation is on call, None where nobody is."""
    if not works(rotation, now):
        return None
    turn = turn_at(rotation, now)
    willing = 1 if rotation.absent is Absent.LAYER else len(rotation.people)
    following = (in_turn(rotation, turn + ahead) for ahead in range(willing))
    return next((person for person in following if not is_away(rotation, person, now)), None)


def edges(rotation: Rotation, now: datetime) -> Iterator[datetime]:
    """Yield for each cause the next instant at which another person, or nobody, may be on call."""
    if not rotation.people:
        return
    if len(set(rotation.people)) > 1:
        yield turn_start(rotation, turn_at(rotation, now) + 1)
    if rotation.only and (edge := next_edge(rotation.only, rotation.timezone, now)) is not None:
        yield edge
    yield from (edge for leave in rotation.leaves for edge in leave.span if edge > now)
    places = {(one.country, one.timezone) for one in rotation.days_off}
    places |= {(rotation.holidays, rotation.timezone)} if rotation.holidays else set()
    yield from (edge for place in places if (edge := next_holiday_edge(*place, now)) is not None)


def never_empty(rotation: Rotation) -> bool:
    """Return whether a rotation has somebody at every instant, as far as that can be seen without looking."""
    return bool(rotation.people) and not (rotation.only or rotation.holidays or rotation.leaves or rotation.days_off)
