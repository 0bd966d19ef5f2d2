"""Who is on call: schedules of rotations in layers, with what stands on the board, as pure functions of an instant.

Whose turn it is within a rotation is for `rotation`, overrides are for `override`, whom to page when for `escalation`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.override import Board, overridden
from alerts.rotation import Person, PersonId, Rotation, edges, who
from probes.catalog import SecretRef

__all__ = ["Board", "Feed", "Layer", "Person", "PersonId", "Rotation", "Schedule", "Stretch", "next_change", "on_call"]

FURTHEST = timedelta(days=750)
"""So far ahead a change is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Rotations whose people are on call together, over the layers below: they count where this one has nobody."""

    name: str
    rotations: tuple[Rotation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A calendar that a schedule comes from: where it is, and who is meant by an attendee's e-mail or by a summary.

    Names are compared without case. Whole days, and times without a zone, are meant in `timezone`. A copy that was
    last read longer ago than `stale_after` is stale.
    """

    url: SecretRef
    people: tuple[tuple[str, PersonId], ...]
    timezone: str = "UTC"
    stale_after: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Rotations whose people are on call together, the first rotation's person named first, and layers over them.

    Of the `layers` a later one covers those before it wherever it has somebody. What the calendar of a `feed` says
    covers all of them. Where `note` is set, who comes on is sent a note on what they take over.
    """

    name: str
    rotations: tuple[Rotation, ...]
    layers: tuple[Layer, ...] = ()
    feed: Feed | None = None
    note: bool = True

    @property
    def every_rotation(self) -> tuple[Rotation, ...]:
        """All rotations, the lowest layer's first."""
        return (*self.rotations, *(rotation for layer in self.layers for rotation in layer.rotations))

    @property
    def members(self) -> tuple[PersonId, ...]:
        """Everybody whom it can call without an override, each once."""
        turns = (person for rotation in self.every_rotation for person in rotation.people)
        named = (person for _, person in self.feed.people) if self.feed is not None else ()
        return tuple(dict.fromkeys((*turns, *named)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From when to when the same people are on call."""

    start: datetime
    end: datetime
    people: tuple[PersonId, ...]


def _together(rotations: tuple[Rotation, ...], now: datetime) -> tuple[PersonId, ...]:
    people = (who(rotation, now) for rotation in rotations)
    return tuple(dict.fromkeys(person for person in people if person is not None))


def scheduled(schedule: Schedule, board: Board, now: datetime) -> tuple[PersonId, ...]:
    """Return who would be on call without overrides, each person once: those of the highest layer that has somebody."""
    told = (one for one in board.shifts.get(schedule.name, ()) if one.start <= now < one.end)
    people = tuple(dict.fromkeys(one.person for one in told)) if schedule.feed is not None else ()
    for layer in reversed(schedule.layers):
        people = people or _together(layer.rotations, now)
    return people or _together(schedule.rotations, now)


def on_call(schedule: Schedule, board: Board, now: datetime) -> tuple[PersonId, ...]:
    """Return who is on call at an instant, each person once; () when the schedule has nobody."""
    return overridden(scheduled(schedule, board, now), board.of(schedule.name), now)


def next_edge(schedule: Schedule, board: Board, now: datetime) -> datetime | None:
    """Return the next instant at which somebody else may be on call, None where nothing can change."""
    turns = (edge for rotation in schedule.every_rotation for edge in edges(rotation, now))
    return min((*turns, *board.edges(schedule.name, now)), default=None)


def next_change(schedule: Schedule, board: Board, now: datetime) -> datetime | None:
    """Return the UTC instant at which others are next on call, None where that is not so within two years."""
    people, at = on_call(schedule, board, now), next_edge(schedule, board, now)
    while at is not None and at - now <= FURTHEST:
        if on_call(schedule, board, at) != people:
            return at
        at = next_edge(schedule, board, at)
    return None


def stretches(schedule: Schedule, board: Board, start: datetime, end: datetime) -> Iterator[Stretch]:
    """Yield who is on call from an instant to an instant, without a gap: a stretch with nobody has no people."""
    while start < end:
        change = next_change(schedule, board, start)
        until = end if change is None else min(change, end)
        yield Stretch(start=start, end=until, people=on_call(schedule, board, start))
        start = until
