"""The note to who comes on call: what is open, what is silenced, what happened in the turn before, and until when.

Text and the rule when one is due; pure. That each is sent once is for the shell, which keeps what was handed over.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from whenever import Instant

from alerts.evaluate import span
from alerts.incident import Incident
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.oncall import Schedule, next_change, on_call
from alerts.override import Board
from alerts.rotation import Person, PersonId
from alerts.silence import Silence, SilenceState, state_of
from alerts.wording import Links, headline

LISTED = 20
"""At most so many incidents, and so many silences, are named in a note; the rest is counted."""

LONGEST_TURN = timedelta(days=35)
"""What happened longer ago than this is no news, however long a turn was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Who was on call of a schedule when it last changed hands, and since when they were."""

    schedule: str
    people: tuple[PersonId, ...]
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Affairs:
    """What somebody who comes on has to know: incidents of late, silences, what stands on the board, where we are."""

    incidents: tuple[Incident, ...]
    silences: tuple[Silence, ...]
    board: Board
    links: Links


def handed(schedule: Schedule, before: Handed | None, board: Board, now: datetime) -> Handed:
    """Return who is on call, since when: `before` itself where that are the same people as they were."""
    people = on_call(schedule, board, now)
    if before is not None and before.people == people:
        return before
    since = now
    if before is not None:
        changes = _changes(schedule, board, before.since, now)
        since = max(changes, default=now)
    return Handed(schedule=schedule.name, people=people, since=since)


def _changes(schedule: Schedule, board: Board, start: datetime, now: datetime) -> Iterator[datetime]:
    at = next_change(schedule, board, max(start, now - LONGEST_TURN))
    while at is not None and at <= now:
        yield at
        at = next_change(schedule, board, at)


def notes(schedule: Schedule, before: Handed, after: Handed, affairs: Affairs, now: datetime) -> Iterator[Message]:
    """Yield a note to each person who has come on, each once for this handover."""
    for identity in after.people:
        person = affairs.board.people.get(identity)
        if identity not in before.people and person is not None:
            yield Message(
                key=f"handover/{schedule.name}/{after.since.isoformat()}/{identity}",
                kind=MessageKind.NOTE,
                lane=Lane.NORMAL,
                stage=Stage.UPDATE,
                recipient=identity,
                channels=person.channels,
                subject=f"You are on call: {schedule.name}",
                body=note(schedule, person, before, affairs, after.since),
                created=now,
                severity=MessageSeverity.INFO,
            )


def note(schedule: Schedule, person: Person, before: Handed, affairs: Affairs, now: datetime) -> str:
    """Return the text of the note of a handover at an instant."""
    return "\n".join(
        (
            *_turn(schedule, person, before, affairs.board, now),
            "",
            *_open(affairs.incidents, affairs.links),
            *_happened(affairs.incidents, max(before.since, now - LONGEST_TURN), now),
            *_silenced(affairs.silences, now),
            f"Schedule: {affairs.links.external}/oncall",
        )
    )


def _turn(schedule: Schedule, person: Person, before: Handed, board: Board, now: datetime) -> Iterator[str]:
    until = next_change(schedule, board, now)
    zone = person.timezone
    if until is None:
        yield f"You are on call for {schedule.name} from {_local(now, zone)}."
    else:
        then = ", ".join(on_call(schedule, board, until)) or "nobody: the catch-all"
        yield f"You are on call for {schedule.name} from {_local(now, zone)} until {_local(until, zone)}, then {then}."
    yield f"Before you: {', '.join(before.people) or 'nobody'}, since {_local(before.since, zone)}."


def _local(at: datetime, zone: str) -> str:
    there = Instant(at).to_tz(zone).to_stdlib()
    return f"{there:%a %Y-%m-%d %H:%M %Z}"


def _open(incidents: Iterable[Incident], links: Links) -> Iterator[str]:
    still = sorted((one for one in incidents if one.open), key=lambda one: (-one.weight, one.opened))
    yield f"Open incidents: {len(still)}" if still else "No incident is open."
    for one in still[:LISTED]:
        taken = f"acknowledged by {one.acknowledged_by}" if one.acknowledged_by else "not acknowledged"
        yield f"- [{one.id}] {headline(one)}, {taken}: {links.incident(one)}"
    yield from _more(len(still))


def _happened(incidents: Iterable[Incident], since: datetime, now: datetime) -> Iterator[str]:
    over = [one for one in incidents if one.resolved is not None and one.resolved > since]
    begun = sum(one.opened >= since for one in incidents)
    pages = sum(one.pages for one in incidents if one.opened >= since)
    yield f"In the turn before ({span(now - since)}): {begun} opened, {len(over)} resolved, {pages} pages."
    for one in sorted(over, key=lambda one: one.resolved or now)[:LISTED]:
        yield f"- [{one.id}] {headline(one)}, resolved: {one.resolved_why}"
    yield from _more(len(over))


def _silenced(silences: Iterable[Silence], now: datetime) -> Iterator[str]:
    active = [one for one in silences if state_of(one, now) is SilenceState.ACTIVE]
    if active:
        yield f"Silences in force: {len(active)}"
    for one in sorted(active, key=lambda one: one.ends)[:LISTED]:
        matchers = ", ".join(map(str, one.matchers))
        yield f"- {{{matchers}}} until {one.ends:%Y-%m-%d %H:%M} UTC, by {one.by}: {one.comment}"
    yield from _more(len(active))


def _more(number: int) -> Iterator[str]:
    if number > LISTED:
        yield f"- and {number - LISTED} more"
