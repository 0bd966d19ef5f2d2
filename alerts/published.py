"""Turns as events of a calendar that others subscribe to: what was published, and what has changed since.

An event keeps its UID for good. Whenever it changes its SEQUENCE grows, and one that no longer takes place is called
off, never silently dropped. How events are written is for `ical`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from alerts.oncall import Schedule, Stretch, stretches
from alerts.override import Board
from alerts.rotation import PersonId, Rotation, turn_at, turn_start

BACK = timedelta(days=35)
AHEAD = timedelta(days=180)
KEPT = timedelta(days=90)
"""How far back and ahead turns are published, and how long an event that is over is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Somebody's turn as it is to be published; `key` names it whatever overrides make of it."""

    key: str
    person: PersonId
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyEvent:
    """A turn as it was last published; `changed` is when its content last changed."""

    uid: str
    person: PersonId
    start: datetime
    end: datetime
    changed: datetime
    sequence: int = 0
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Every event of a schedule that was published, by its UID."""

    schedule: str
    events: tuple[DutyEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarLink:
    """The address of a person's or a schedule's calendar: it is another for each `generation`, so it can be revoked."""

    subject: str
    generation: int
    changed: datetime
    by: str


def turns(schedule: Schedule, board: Board, now: datetime) -> Iterator[Turn]:
    """Yield everybody's turns around an instant; those that are cut at either end are left out.

    A turn is named after the stretch that it would be without overrides, so that it keeps its name when one of them
    takes a part of it away or adds to it.
    """
    start, end = now - BACK - _longest(schedule), now + AHEAD + _longest(schedule)
    bare = Board(shifts=board.shifts)
    plain = tuple(_pieces(schedule, tuple(stretches(schedule, bare, start, end))))
    real = tuple(_pieces(schedule, tuple(stretches(schedule, board, start, end))))
    bases: dict[PersonId, list[Stretch]] = {}
    for person, span in plain:
        bases.setdefault(person, []).append(span)
    used: dict[str, int] = {}
    for person, span in real:
        cut = span.start == start or span.end == end
        if not cut and now - BACK < span.end and span.start <= now + AHEAD:
            key = f"{schedule.name}/{person}/{_base(bases.get(person, []), span):%Y%m%dT%H%M%SZ}"
            number = used[key] = used.get(key, 0) + 1
            yield Turn(key=key if number == 1 else f"{key}/{number}", person=person, start=span.start, end=span.end)


def _base(own: list[Stretch], span: Stretch) -> datetime:
    """Return when the turn begins that a piece is a part of, its own beginning where it is an override's alone."""
    place = bisect_right(own, span.start, key=lambda one: one.end)
    return own[place].start if place < len(own) and own[place].start < span.end else span.start


def _longest(schedule: Schedule) -> timedelta:
    lengths = (timedelta(weeks=one.weeks, days=one.days, hours=one.hours) for one in schedule.every_rotation)
    return min(max(lengths, default=timedelta()), timedelta(days=120)) + timedelta(days=8)


def _pieces(schedule: Schedule, found: tuple[Stretch, ...]) -> Iterator[tuple[PersonId, Stretch]]:
    """Yield for each person the stretches without a break, cut where a turn of a rotation of theirs begins."""
    for person in dict.fromkeys(person for one in found for person in one.people):
        own = [one for one in found if person in one.people]
        rotations = [one for one in schedule.every_rotation if person in one.people]
        for start, end in _joined(own):
            yield from ((person, piece) for piece in _cut(rotations, start, end))


def _joined(own: list[Stretch]) -> Iterator[tuple[datetime, datetime]]:
    start, end = own[0].start, own[0].end
    for one in own[1:]:
        if one.start != end:
            yield start, end
            start = one.start
        end = one.end
    yield start, end


def _cut(rotations: list[Rotation], start: datetime, end: datetime) -> Iterator[Stretch]:
    while start < end:
        begins = (turn_start(one, turn_at(one, start) + 1) for one in rotations)
        until = min((at for at in begins if at < end), default=end)
        yield Stretch(start=start, end=until, people=())
        start = until


def uid_of(key: str) -> str:
    """Return the UID of a turn: the same for the same turn on every machine, and no name can be read from it."""
    return f"{sha256(key.encode()).hexdigest()[:32]}@oncall.tierwatch"


def published(before: Published, wanted: Iterable[Turn], now: datetime) -> Published:
    """Return what is published from now on, given what was: changed events grow, lost ones are called off."""
    known = {event.uid: event for event in before.events if event.end > now - KEPT}
    fresh = {uid_of(turn.key): turn for turn in wanted}
    after = {uid: _advanced(known.get(uid), uid, turn, now) for uid, turn in fresh.items()}
    gone = {uid: _called_off(event, now) for uid, event in known.items() if uid not in after}
    events = sorted((*after.values(), *gone.values()), key=lambda one: (one.start, one.uid))
    return Published(schedule=before.schedule, events=tuple(events))


def _advanced(known: DutyEvent | None, uid: str, turn: Turn, now: datetime) -> DutyEvent:
    if known is None:
        return DutyEvent(uid=uid, person=turn.person, start=turn.start, end=turn.end, changed=now)
    if (known.person, known.start, known.end, known.cancelled) == (turn.person, turn.start, turn.end, False):
        return known
    moved = replace(known, person=turn.person, start=turn.start, end=turn.end, cancelled=False)
    return replace(moved, sequence=known.sequence + 1, changed=now)


def _called_off(event: DutyEvent, now: datetime) -> DutyEvent:
    # What is over stays as it was: it did take place, and has only left the days that are looked at.
    if event.cancelled or event.end <= now - BACK:
        return event
    return replace(event, cancelled=True, sequence=event.sequence + 1, changed=now)


def events_of(all_published: Mapping[str, Published], person: PersonId) -> Iterator[tuple[str, DutyEvent]]:
    """Yield every event of a person with the schedule that it belongs to, the earliest first."""
    found = ((name, event) for name, one in all_published.items() for event in one.events if event.person == person)
    yield from sorted(found, key=lambda item: (item[1].start, item[1].uid))
