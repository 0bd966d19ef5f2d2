"""The coming weeks of each schedule as a picture, with gaps, overrides, and what calendars told of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.coverage import Gap
from alerts.oncall import PersonId, Schedule, Stretch, stretches
from alerts.override import Override
from alerts.posting import SwapTurn, coming_turns
from monitor.situation import Situation
from monitor.web.view.people import local

AHEAD = timedelta(weeks=4)
DAY = timedelta(days=1)
WIDTH = 1000
TONES = 6
SWAPPED = 30
GAPS_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch in the picture: from where, how wide, and in words."""

    left: float
    width: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One person's stretches, or nobody's (`person` is None); the tone is a number of a colour."""

    person: PersonId | None
    tone: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A Monday, or whatever day begins a week of the picture."""

    left: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarView:
    """What a schedule's calendar told: when it was last read well, and what is wrong with it."""

    read: datetime | None
    stale: bool
    problem: str
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RotaView:
    """One schedule: its picture, its gaps of the coming year, its overrides, and the turns that can be swapped."""

    name: str
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    gaps: tuple[Gap, ...]
    more_gaps: int
    overrides: tuple[Override, ...]
    turns: tuple[SwapTurn, ...]
    members: tuple[PersonId, ...]
    calendar: CalendarView | None


def rotas(situation: Situation, now: datetime) -> tuple[RotaView, ...]:
    """Return every schedule."""
    return tuple(_rota(situation, schedule, now) for schedule in situation.config.roster.schedules.values())


def _rota(situation: Situation, schedule: Schedule, now: datetime) -> RotaView:
    board, end = situation.board, now + AHEAD
    found = list(stretches(schedule, board, now, end))
    gaps = [gap for gap in situation.gaps if gap.schedule == schedule.name and gap.end > now]
    overrides = [one for one in situation.overrides.values() if one.schedule == schedule.name and one.end > now]
    return RotaView(
        name=schedule.name,
        rows=tuple(_rows(situation, found, now)),
        ticks=tuple(Tick(left=_left(now + n * 7 * DAY, now), at=now + n * 7 * DAY) for n in range(4)),
        gaps=tuple(gaps[:GAPS_SHOWN]),
        more_gaps=max(0, len(gaps) - GAPS_SHOWN),
        overrides=tuple(sorted(overrides, key=lambda one: (one.start, one.id))),
        turns=tuple(coming_turns(schedule, board, now, SWAPPED, now + 12 * 7 * DAY)),
        members=schedule.members,
        calendar=_calendar(situation, schedule, now),
    )


def _left(at: datetime, now: datetime) -> float:
    return round((at - now) / AHEAD * WIDTH, 1)


def _rows(situation: Situation, found: list[Stretch], now: datetime) -> Iterator[Row]:
    people = dict.fromkeys(person for one in found for person in one.people)
    for tone, person in enumerate(people):
        zone = situation.config.roster.people[person].timezone if person in situation.config.roster.people else "UTC"
        bars = (_bar(one, zone, now) for one in found if person in one.people)
        yield Row(person=person, tone=tone % TONES, bars=tuple(bars))
    empty = tuple(_bar(one, "UTC", now) for one in found if not one.people)
    if empty:
        yield Row(person=None, tone=0, bars=empty)


def _bar(one: Stretch, zone: str, now: datetime) -> Bar:
    left = _left(one.start, now)
    words = f"{local(one.start, zone)} to {local(one.end, zone)}"
    return Bar(left=left, width=max(1.0, round(_left(one.end, now) - left, 1)), words=words)


def _calendar(situation: Situation, schedule: Schedule, now: datetime) -> CalendarView | None:
    if schedule.feed is None:
        return None
    rota = situation.rotas.get(schedule.name)
    if rota is None:
        return CalendarView(read=None, stale=True, problem="it was not read yet", unknown=())
    stale = rota.stale(schedule.feed, now)
    return CalendarView(read=rota.read, stale=stale, problem=rota.problem, unknown=rota.unknown)
