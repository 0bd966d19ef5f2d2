"""Warnings that a promise is about to break: which are due, once each, and who is told of them how.

A warning is an event of the incident, also where nobody is told. Whom it is told to is whoever has the incident, or
else those who were paged for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from alerts.clocks import Promise, PromisesWarned
from alerts.draft import Context, Draft
from alerts.evaluate import span
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.oncall import Person, PersonId
from alerts.reckoning import Goal, reached
from alerts.sla import Timer, live_timers
from alerts.spans import Span
from alerts.wording import Links
from probes.catalog import ClientId
from probes.conduct import Tell, WarningLevel

NAMED = 10

Alike = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A warning that is due to clients whose promise stands alike."""

    promise: Promise
    level: WarningLevel
    turn: int
    due: datetime


def warn(draft: Draft, context: Context, now: datetime) -> None:
    """Add the warnings that are due; of several for one promise at once, people are told of the last alone."""
    due: dict[tuple[Promise, int, WarningLevel], tuple[datetime, list[ClientId]]] = {}
    for group in alike(draft.incident):
        for one in _due(draft.incident, group[0], now):
            earliest, clients = due.setdefault((one.promise, one.turn, one.level), (one.due, []))
            due[one.promise, one.turn, one.level] = (min(earliest, one.due), clients)
            clients += [impact.terms.client for impact in group]
    muted = bool(due) and bool(context.quiet.pages(draft.incident, now))
    highest = _highest(due)
    for (promise, turn, level), (at, clients) in sorted(due.items(), key=lambda item: item[0][2].share):
        loud = level.share == highest[promise, turn] and not muted and not _keeps_itself(promise, level)
        told = level.tell if loud else Tell.NOBODY
        event = PromisesWarned(
            at=now, promise=promise, share=level.share, turn=turn, clients=tuple(clients), due=at, tell=told
        )
        draft.add(event)
        people = _concerned(draft.incident) if told is not Tell.NOBODY else []
        draft.messages += [_message(draft.incident, event, one, context.links) for one in people]


def _keeps_itself(promise: Promise, level: WarningLevel) -> bool:
    """Whether nobody has anything to do about it yet: notices with a clock go out by themselves when they are due."""
    return promise in (Promise.FIRST_NOTICE, Promise.NEXT_UPDATE) and level.share < 1


def _highest(due: Iterable[tuple[Promise, int, WarningLevel]]) -> dict[tuple[Promise, int], float]:
    found: dict[tuple[Promise, int], float] = {}
    for promise, turn, level in due:
        found[promise, turn] = max(level.share, found.get((promise, turn), level.share))
    return found


def next_warning(incident: Incident, now: datetime) -> datetime | None:
    """Return when the next warning is due in an incident, None where none is; what stands still warns of nothing."""
    found = (at for group in alike(incident) for at in _instants(incident, group[0], now))
    return min(found, default=None)


def alike(incident: Incident) -> Iterable[list[Impact]]:
    """Return the clients that still are hurt, those together whose clocks show the same: there may be thousands."""
    groups: dict[Alike, list[Impact]] = {}
    for impact in incident.impacts.values():
        if impact.recovered is None:
            groups.setdefault(_clock(impact), []).append(impact)
    return groups.values()


def _clock(impact: Impact) -> Alike:
    told = min(impact.told.values(), default=None)
    last = impact.queued[-1] if impact.queued else None
    earlier = tuple((until, terms.sla) for until, terms in impact.earlier)
    spells = impact.spells if len(impact.spells) > 1 else ()
    promised = impact.terms.sla, impact.terms.notices, earlier
    return (*promised, id(impact.clocks), spells, impact.joined, impact.onset, told, last, len(impact.queued))


def _open_levels(impact: Impact, timer: Timer, run: Span) -> Iterator[WarningLevel]:
    warned = impact.clocks.warned
    return (one for one in impact.terms.sla.warnings if (timer.promise, one.share, run.turn) not in warned)


def _due(incident: Incident, impact: Impact, now: datetime) -> Iterator[Warned]:
    for timer, run in live_timers(incident, impact, now):
        for level in _open_levels(impact, timer, run):
            if timer.held is None and timer.took >= timer.target * level.share:
                yield Warned(promise=timer.promise, level=level, turn=run.turn, due=timer.due)


def _instants(incident: Incident, impact: Impact, now: datetime) -> Iterator[datetime]:
    for timer, run in live_timers(incident, impact, now):
        if timer.held is None:
            for level in _open_levels(impact, timer, run):
                goal = Goal(promise=timer.promise, start=run.start, target=timer.target * level.share)
                yield reached(impact, goal, now)


def _concerned(incident: Incident) -> list[Person]:
    """Return whoever has the incident, or else those who were paged for it, or else whoever is left."""
    taken = incident.owner or PersonId(incident.acknowledged_by or "")
    if taken in incident.people:
        return [incident.people[taken]]
    paged = [incident.people[one] for one in incident.paged if one in incident.people]
    return paged or ([incident.policy.catch_all] if incident.policy is not None else [])


def _message(incident: Incident, event: PromisesWarned, person: Person, links: Links) -> Message:
    page = event.tell is Tell.PAGE
    return Message(
        key=f"{incident.id}/warning/{incident.version}/{person.id}",
        kind=MessageKind.PAGE,
        lane=Lane.URGENT if page else Lane.NORMAL,
        stage=Stage.UPDATE,
        recipient=person.id,
        channels=person.channels,
        subject=f"[{incident.id}] {_sentence(event)}",
        body=_body(incident, event, links),
        created=event.at,
        severity=MessageSeverity.FAILURE if event.share >= 1 else MessageSeverity.WARNING,
        weight=incident.weight,
        incident=incident.id,
    )


def _sentence(event: PromisesWarned) -> str:
    number = len(event.clients)
    whom = f"{number:,} {'client' if number == 1 else 'clients'}"
    return f"{event.share:.0%} of the time to {event.promise.replace('_', ' ')} has passed for {whom}"


def _body(incident: Incident, event: PromisesWarned, links: Links) -> str:
    named = [incident.impacts[client].terms for client in event.clients[:NAMED] if client in incident.impacts]
    more = len(event.clients) - len(named)
    whom = ", ".join(f"{terms.name} ({terms.tier})" for terms in named) + (f" and {more:,} more" if more else "")
    left = event.due - event.at
    when = f"in {span(left)}" if left > left * 0 else "now"
    return "\n".join(
        (
            f"{_sentence(event)}: {whom}.",
            f"It is due {when}, at {event.due:%Y-%m-%d %H:%M:%S} UTC.",
            f"Incident: {links.incident(incident)}",
        )
    )
