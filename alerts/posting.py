"""What may be posted on the board: overrides and swaps that people ask for, checked and made into values.

By which rules they change who is on call is for `override`; who asks, and that it is kept, for the shell.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.oncall import Schedule, stretches
from alerts.override import Board, Override, OverrideId
from alerts.roster import Roster
from alerts.rotation import PersonId

LONGEST = timedelta(days=366)
FURTHEST = timedelta(days=732)


class PostingError(ValueError):
    """What was asked for cannot be posted; the message says why, in words for the person who asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asks for: from when to when another is on call, instead of one or of everybody."""

    schedule: str
    start: datetime
    end: datetime
    person: PersonId | None
    instead_of: PersonId | None
    by: str
    why: str = ""


def posted(wish: Wish, roster: Roster, board: Board, identity: OverrideId, now: datetime) -> Override:
    """Return the override that a wish makes.

    Raises:
        PostingError: it names nobody, or nothing that there is, or no time to come.
    """
    schedule = _checked(wish, roster, now)
    if wish.instead_of is not None and not _is_on(schedule, board, wish):
        raise PostingError(f"{wish.instead_of} is not on call in {wish.schedule} at any time in it")
    return Override(
        id=identity,
        schedule=wish.schedule,
        start=wish.start,
        end=wish.end,
        person=wish.person,
        instead_of=wish.instead_of,
        by=wish.by,
        why=wish.why,
        created=now,
    )


def _checked(wish: Wish, roster: Roster, now: datetime) -> Schedule:
    schedule = roster.schedules.get(wish.schedule)
    if schedule is None:
        known = ", ".join(sorted(roster.schedules)) or "none"
        raise PostingError(f"there is no schedule {wish.schedule}; there are: {known}")
    for person in (wish.person, wish.instead_of):
        if person is not None and person not in roster.people:
            raise PostingError(f"there is nobody called {person}; there are: {', '.join(sorted(roster.people))}")
    if wish.person is None and wish.instead_of is None:
        raise PostingError("it would leave nobody on call; say who comes")
    if wish.person is not None and wish.person == wish.instead_of:
        raise PostingError("the same person would come and go")
    _check_time(wish, now)
    return schedule


def _check_time(wish: Wish, now: datetime) -> None:
    if wish.end <= wish.start:
        raise PostingError("it ends before it begins")
    if wish.end <= now:
        raise PostingError("it is over already")
    if wish.end - wish.start > LONGEST or wish.end - now > FURTHEST:
        raise PostingError("it is longer than a year, or ends in more than two years; change the schedule instead")


def _is_on(schedule: Schedule, board: Board, wish: Wish) -> bool:
    return any(wish.instead_of in one.people for one in stretches(schedule, board, wish.start, wish.end))


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapTurn:
    """One of the two turns of a swap."""

    person: PersonId
    start: datetime
    end: datetime


def swapped(
    schedule: str, turns: tuple[SwapTurn, SwapTurn], roster: Roster, board: Board, now: datetime
) -> tuple[Wish, Wish]:
    """Return the two wishes that a swap consists of: each takes the other's turn.

    Raises:
        PostingError: both turns are one person's, or one of them is not that person's.
    """
    first, second = turns
    if first.person == second.person:
        raise PostingError("both turns are the same person's")
    if first.start < second.end and second.start < first.end:
        raise PostingError("the turns overlap: one of them cannot be taken by the person of the other")
    pairs = ((first, second.person), (second, first.person))
    wishes = tuple(
        Wish(schedule=schedule, start=one.start, end=one.end, person=other, instead_of=one.person, by="")
        for one, other in pairs
    )
    for wish in wishes:
        posted(wish, roster, board, OverrideId(""), now)
    return wishes[0], wishes[1]


def coming_turns(schedule: Schedule, board: Board, now: datetime, most: int, until: datetime) -> Sequence[SwapTurn]:
    """Return the turns to come, the present ones included from now on, at most so many."""
    found: list[SwapTurn] = []
    for one in stretches(schedule, board, now, until):
        found += [SwapTurn(person=person, start=one.start, end=one.end) for person in one.people]
        if len(found) >= most:
            break
    return found[:most]


def in_swap(override: Override, swap: OverrideId) -> Override:
    """Return an override as one half of a swap."""
    return replace(override, swap=swap)
