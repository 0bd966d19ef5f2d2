"""Who is on call is what a simulation says that walks through every minute, over the clock changes of twelve zones.

The simulation is written on its own: it paints minutes by what a clock on the wall shows. TIERWATCH_TRIALS=full plays
five years of every zone, with several schedules for each change of its clocks.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from holidays import country_holidays

from alerts.oncall import Board, Layer, PersonId, Rotation, Schedule, next_change, on_call, stretches
from alerts.override import Override, OverrideId
from alerts.restriction import Hours
from alerts.rotation import Absent, DaysOff, Leave, Mark
from tests.alerts.walk import MINUTE, minute_of, offsets, walls
from tests.trials import FULL

ZONES = (
    "Europe/Madrid",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "America/Havana",
    "Atlantic/Azores",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
)
YEARS = range(2023, 2028)
BEFORE = timedelta(days=1)
MINUTES = 3 * 24 * 60
PEOPLE = tuple(map(PersonId, ("ana", "ben", "cyd", "dov", "eve")))
NAMED = tuple(map(PersonId, ("eve", "fay", "ana")))

Painted = list[PersonId | None]


# The simulation.


def handover_days(one: Rotation, first: date) -> Iterator[tuple[date, time, int]]:
    """Yield the handovers of a rotation from some days before a day on, each with the turn that it begins."""
    anchor = date.fromisoformat(one.anchor)
    for ahead in range(-30, MINUTES // 1440 + 3):
        day = first + timedelta(days=ahead)
        since = (day - anchor).days
        if one.marks:
            order = sorted(one.marks, key=lambda mark: ((mark.weekday - anchor.weekday()) % 7, mark.at))
            for place, mark in enumerate(order):
                if mark.weekday == day.weekday():
                    yield day, mark.at, since // 7 * len(order) + place
        elif since % (one.weeks * 7 + one.days) == 0:
            yield day, one.handover, since // (one.weeks * 7 + one.days)


def turns(one: Rotation, start: datetime) -> list[int]:
    """Return the turn at each minute."""
    shown = walls(one.timezone, start, MINUTES)
    if one.hours:
        begun = datetime.combine(date.fromisoformat(one.anchor), one.handover, tzinfo=ZoneInfo(one.timezone))
        return [int((start + n * MINUTE - begun).total_seconds() // (one.hours * 3600)) for n in range(MINUTES)]
    painted, turn = [0] * MINUTES, 0
    for day, at, begins in handover_days(one, shown[0].date()):
        minute = minute_of(one.timezone, start, MINUTES, day, at)
        if minute is not None:
            painted[minute:] = [begins] * (MINUTES - minute)
        elif datetime.combine(day, at) < shown[0]:
            painted, turn = [begins] * MINUTES, begins
    assert turn is not None
    return painted


def opened(one: Rotation, start: datetime) -> set[int]:
    """Return the minutes at which a rotation is to have somebody."""
    shown = walls(one.timezone, start, MINUTES)
    known = country_holidays(one.holidays) if one.holidays else {}
    working = {minute for minute, wall in enumerate(shown) if wall.date() not in known}
    if not one.only:
        return working
    found: set[int] = set()
    for ahead in range(-3, MINUTES // 1440 + 3):
        day = shown[0].date() + timedelta(days=ahead)
        for hours in one.only:
            if day.weekday() in hours.weekdays:
                last = day + timedelta(days=hours.end <= hours.start)
                found |= set(range(edge(one, start, day, hours.start), edge(one, start, last, hours.end)))
    return working & found


def edge(one: Rotation, start: datetime, day: date, at: time) -> int:
    minute = minute_of(one.timezone, start, MINUTES, day, at)
    before = datetime.combine(day, at) < walls(one.timezone, start, MINUTES)[0]
    return minute if minute is not None else 0 if before else MINUTES


def away(one: Rotation, person: PersonId, start: datetime) -> set[int]:
    """Return the minutes at which somebody is away."""
    found: set[int] = set()
    for leave in one.leaves:
        first, last = date.fromisoformat(leave.first), date.fromisoformat(leave.last)
        if leave.person == person:
            shown = walls(leave.timezone, start, MINUTES)
            found |= {minute for minute, wall in enumerate(shown) if first <= wall.date() <= last}
    for off in one.days_off:
        known = country_holidays(off.country)
        if off.person == person:
            shown = walls(off.timezone, start, MINUTES)
            found |= {minute for minute, wall in enumerate(shown) if wall.date() in known}
    return found


def painted(one: Rotation, start: datetime) -> Painted:
    """Return who of a rotation is there at each minute."""
    if not one.people:
        return [None] * MINUTES
    gone = {person: away(one, person, start) for person in one.people}
    there, turn = opened(one, start), turns(one, start)
    found: Painted = []
    for minute in range(MINUTES):
        order = [one.people[(turn[minute] + ahead) % len(one.people)] for ahead in range(len(one.people))]
        asked = order[:1] if one.absent is Absent.LAYER else order
        present = [person for person in asked if minute not in gone[person]] if minute in there else []
        found.append(present[0] if present else None)
    return found


def together(rotations: Iterable[Rotation], start: datetime) -> list[list[PersonId]]:
    columns = [painted(one, start) for one in rotations]
    rows = [[column[minute] for column in columns] for minute in range(MINUTES)]
    return [list(dict.fromkeys(person for person in row if person is not None)) for row in rows]


def simulated(schedule: Schedule, overrides: Iterable[Override], start: datetime) -> list[tuple[PersonId, ...]]:
    """Return who is on call at each minute."""
    people = together(schedule.rotations, start)
    for layer in schedule.layers:
        people = [above or below for above, below in zip(together(layer.rotations, start), people, strict=True)]
    for one in sorted(overrides, key=lambda one: one.created):
        for minute in range(MINUTES):
            if one.cancelled is None and one.start <= start + minute * MINUTE < one.end:
                people[minute] = replaced(people[minute], one)
    return [tuple(dict.fromkeys(row)) for row in people]


def replaced(row: list[PersonId], one: Override) -> list[PersonId]:
    comes = [one.person] if one.person else []
    if one.instead_of is None:
        return comes
    return [who for person in row for who in (comes if person == one.instead_of else [person])]


# The schedules that are simulated, drawn by a seed.


def wall_time(chance: Random, change: datetime) -> time:
    """Return a time of day, most often near to that at which clocks change."""
    hour = change.hour + chance.choice([-1, 0, 0, 1, 1, 2, 12])
    return time(hour % 24, chance.choice([0, 0, 15, 30, 45]))


def hours_of(chance: Random, change: datetime) -> tuple[Hours, ...]:
    some = tuple(sorted(chance.sample(range(7), chance.randint(3, 7))))
    return tuple(
        Hours(weekdays=some, start=wall_time(chance, change), end=chance.choice([wall_time(chance, change), time(20)]))
        for _ in range(chance.choice([0, 0, 1, 1, 2]))
    )


def rotation(chance: Random, change: datetime, changing: str) -> Rotation:
    around = change.date()
    kind = chance.choice(["weeks", "days", "hours", "marks"])
    anchor = around - timedelta(days=chance.choice([420, 28, 12, -42]))
    zone = chance.choice([changing, changing, changing, chance.choice(ZONES)])
    weekdays = [around.weekday(), *(chance.randrange(7) for _ in range(chance.randint(1, 8)))]
    marks = tuple(dict.fromkeys(Mark(weekday=weekday, at=wall_time(chance, change)) for weekday in weekdays))
    people = tuple(chance.sample(PEOPLE, chance.randint(1, 4)))
    first = around + timedelta(days=chance.randint(-2, 1))
    leave = Leave(
        person=people[0], timezone=zone, first=first.isoformat(), last=(first + timedelta(days=1)).isoformat()
    )
    return Rotation(
        people=people,
        timezone=zone,
        handover=wall_time(chance, change),
        weekday=anchor.weekday() if kind == "weeks" else None,
        anchor=anchor.isoformat(),
        weeks=chance.randint(1, 2) if kind == "weeks" else 0,
        days=chance.randint(1, 3) if kind == "days" else 0,
        hours=chance.choice([1, 5, 8, 12, 36]) if kind == "hours" else 0,
        marks=marks if kind == "marks" else (),
        only=hours_of(chance, change),
        holidays=chance.choice([None, None, None, "ES", "US"]),
        leaves=chance.choice([(), (leave,)]),
        days_off=(DaysOff(person=people[-1], timezone=zone, country="GB"),) if chance.random() < 0.3 else (),
        absent=chance.choice(list(Absent)),
    )


def override(chance: Random, number: int, start: datetime) -> Override:
    begins = start + chance.randrange(MINUTES) * MINUTE
    return Override(
        id=OverrideId(f"o{number}"),
        schedule="team",
        start=begins,
        end=begins + chance.randint(1, 2000) * MINUTE,
        person=chance.choice([*NAMED, None]),
        instead_of=chance.choice([*PEOPLE, None]),
        by="ana",
        why="",
        created=start + timedelta(seconds=chance.choice([number, -number])),
        cancelled=chance.choice([None, None, start]),
    )


def drawn(seed: str, around: datetime, zone: str) -> tuple[Schedule, Board]:
    """Return a schedule and what stands beside it."""
    chance, change = Random(seed), around.astimezone(ZoneInfo(zone))
    rotations = [rotation(chance, change, zone) for _ in range(chance.randint(2, 4))]
    layers = tuple(Layer(name=str(number), rotations=(one,)) for number, one in enumerate(rotations[2:]))
    overrides = tuple(override(chance, number, around - BEFORE) for number in range(chance.randint(0, 4)))
    return Schedule(name="team", rotations=tuple(rotations[:2]), layers=layers), Board(overrides=overrides)


def agrees(seed: str, around: datetime, zone: str) -> None:
    """Hold the code against the simulation, over a day before an instant and two after it."""
    start = (around - BEFORE).replace(minute=0, second=0, microsecond=0)
    end = start + MINUTES * MINUTE
    schedule, board = drawn(seed, around, zone)
    expected = simulated(schedule, board.overrides, start)
    found = list(stretches(schedule, board, start, end))
    assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]
    said = [one.people for one in found for _ in range((one.end - one.start) // MINUTE)]
    wrong = next((minute for minute in range(MINUTES) if said[minute] != expected[minute]), None)
    assert wrong is None, (seed, start + (wrong or 0) * MINUTE, said[wrong or 0], expected[wrong or 0])
    for one in found[:40]:
        assert on_call(schedule, board, one.end - MINUTE) == one.people
        assert next_change(schedule, board, one.start) == one.end or one.end == end


CHANGES = [(zone, at) for zone in ZONES for year in YEARS for at in offsets(zone, year)]


def test_the_zones_change_their_clocks_often_enough_to_tell() -> None:
    assert {zone for zone, _ in CHANGES} == set(ZONES)
    assert len(CHANGES) > 100


def test_on_call_are_exactly_those_whom_a_walk_through_every_minute_finds() -> None:
    for number, (zone, at) in enumerate(CHANGES):
        if number % 13 == 0:
            agrees(f"{zone} {number}", at, zone)


@pytest.mark.trials
def test_over_every_change_of_the_clocks_of_five_years() -> None:
    for number, (zone, at) in enumerate(CHANGES):
        for again in range(8 if FULL else number % 4 == 1):
            agrees(f"{zone} {number} {again}", at, zone)


def test_far_from_any_change_of_clocks_too() -> None:
    for number in range(3):
        agrees(f"calm {number}", datetime(2026, 6, 10, 12, tzinfo=UTC) + number * timedelta(days=9), "Asia/Kolkata")
