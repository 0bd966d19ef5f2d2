"""The communications team: to whom drafts, refusals and objections go."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.oncall import Board, Person, PersonId, Schedule, on_call
from probes.consent import Named, NamedKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Communications:
    """Who writes to clients and approves what is written; nobody where the configuration names nobody."""

    team: tuple[Named, ...] = ()


NOBODY = Communications()


def members(named: Iterable[Named], schedules: Mapping[str, Schedule]) -> frozenset[PersonId]:
    """Return everybody who is meant by some names, whether or not they are on call."""
    found: set[PersonId] = set()
    for one in named:
        if one.kind is NamedKind.PERSON:
            found.add(PersonId(one.name))
        elif one.name in schedules:
            found.update(schedules[one.name].members)
    return frozenset(found)


def reached(
    named: Iterable[Named],
    people: Mapping[PersonId, Person],
    schedules: Mapping[str, Schedule],
    board: Board,
    now: datetime,
) -> Iterator[Person]:
    """Yield the people to whom something goes now: those who are named, and who is on call in a schedule."""
    for one in named:
        turn = (
            (PersonId(one.name),)
            if one.kind is NamedKind.PERSON
            else on_call(schedules[one.name], board, now)
            if one.name in schedules
            else ()
        )
        yield from (people[person] for person in turn if person in people)
