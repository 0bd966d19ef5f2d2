"""Who is on call: schedules of rotations in their own zones, as pure functions of an instant.

Wall-clock arithmetic happens here and only UTC instants leave. Whom to page when is for `escalation`.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NewType

from whenever import Date, Time

from probes.catalog import SecretRef

PersonId = NewType("PersonId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of ours who can be paged; `channels` are tried in order."""

    id: PersonId
    timezone: str
    channels: tuple[SecretRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """People who take turns. Each turn lasts `weeks` weeks or, where that is 0, `days` days.

    Turns change at `handover` wall-clock time in `timezone`, on `weekday` (0 is Monday) for weekly turns. `anchor` is
    a handover date (ISO) on which the first person's turn began.
    """

    people: tuple[PersonId, ...]
    timezone: str
    handover: time
    weekday: int | None
    anchor: str
    weeks: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Rotations whose people are on call together; the first rotation's person is named first."""

    name: str
    rotations: tuple[Rotation, ...]


def _turn_start(rotation: Rotation, turn: int) -> datetime:
    day = Date(rotation.anchor).add(weeks=rotation.weeks * turn, days=rotation.days * turn)
    wall = day.at(Time(rotation.handover.hour, rotation.handover.minute))
    # RFC 5545's rule: a handover inside a skipped hour happens as long after the clock change as it would have without
    # one, a handover inside a repeated hour happens the first time round.
    return wall.assume_tz(rotation.timezone, disambiguation="compatible").to_instant().to_stdlib()


def _turn_at(rotation: Rotation, now: datetime) -> int:
    length = timedelta(weeks=rotation.weeks, days=rotation.days)
    turn = (now - _turn_start(rotation, 0)) // length
    # A turn over a clock change is an hour longer or shorter than `length`, so the guess may be one off.
    while _turn_start(rotation, turn + 1) <= now:
        turn += 1
    while _turn_start(rotation, turn) > now:
        turn -= 1
    return turn


def on_call(schedule: Schedule, now: datetime) -> tuple[PersonId, ...]:
    """Return who is on call at an instant, each person once; () when the schedule has nobody."""
    people = (
        rotation.people[_turn_at(rotation, now) % len(rotation.people)]
        for rotation in schedule.rotations
        if rotation.people
    )
    return tuple(dict.fromkeys(people))


def next_handover(schedule: Schedule, now: datetime) -> datetime | None:
    """Return the UTC instant at which the schedule next changes hands, None when it never does."""
    turns = [
        _turn_start(rotation, _turn_at(rotation, now) + 1)
        for rotation in schedule.rotations
        if len(rotation.people) > 1
    ]
    return min(turns, default=None)
