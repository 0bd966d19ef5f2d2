"""Warnings that a promise is about to break: which are due, once each, and who is told of them how.

A warning is an event of the incident, also where nobody is told. Whom it is told to is whoever has the incident, or
else those who were paged for it. What falls within a moment is one warning: clients join an incident seconds apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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
from probes.conduct import ClockStart, Sla, Tell, WarningLevel

NAMED = 10

MOMENT = timedelta(minutes=1)
"""Warnings of one kind that fall within this are one; of a short promise, within a `SLIVER` of its time."""

SLIVER = 30
BROKEN = 1.0
"""From this share on a warning says that a promise is broken, which nobody may hear before it is."""

Alike = tuple[object, ...]
Key = tuple[Promise, int, WarningLevel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A warning to clients whose promise stands alike: for how long it has been due (negative: in how long it will be).

    `due` is when the promise itself is, `moment` how far off others like it may be to be one with it.
    """

    clients: tuple[ClientId, ...]
    due: datetime
    over: timedelta
    moment: timedelta


def warn(draft: Draft, context: Context, now: datetime) -> None:
    """Add the warnings that are due; of several for one promise at once, people are told of the last alone."""
    due = _due(draft.incident, now)
    muted = bool(due) and bool(context.quiet.pages(draft.incident, now))
    highest = _highest(due)
    for (promise, turn, level), group in sorted(due.items(), key=lambda item: item[0][2].share):
        loud = level.share == highest[promise, turn] and not muted and not _keeps_itself(promise, level)
        told = level.tell if loud else Tell.NOBODY
        clients, at = tuple(client for one in group for client in one.clients), min(one.due for one in group)
        event = PromisesWarned(
            at=now, promise=promise, share=level.share, turn=turn, clients=clients, due=at, tell=told
        )
        draft.add(event)
        people = concerned(draft.incident) if told is not Tell.NOBODY else []
        draft.messages += [_message(draft.incident, event, one, context.links) for one in people]


def _due(incident: Incident, now: datetime) -> Mapping[Key, Sequence[Warned]]:
    """Return the warnings that are due, each with those that fall within the same moment."""
    found: dict[Key, list[Warned]] = defaultdict(list)
    for group in alike(incident):
        for key, one in _near(incident, group, now):
            found[key].append(one)
    bundles = {key: _bundle(key[2], near) for key, near in found.items()}
    return {key: group for key, group in bundles.items() if group}


def _bundle(level: WarningLevel, near: Sequence[Warned]) -> Sequence[Warned]:
    """Return who is warned together now: with the first of them, or, where a promise is broken, with the last."""
    first = max(one.over for one in near)
    if first < timedelta():
        return ()
    group = [one for one in near if one.over >= timedelta() or first - one.over <= one.moment]
    return () if level.share >= BROKEN and any(one.over < timedelta() for one in group) else group


def _keeps_itself(promise: Promise, level: WarningLevel) -> bool:
    """Whether nobody is to be warned of it: a notice goes out by itself when it is due, or its draft was told of."""
    return promise in (Promise.FIRST_NOTICE, Promise.NEXT_UPDATE) and level.share < 1


def _highest(due: Iterable[Key]) -> dict[tuple[Promise, int], float]:
    found: dict[tuple[Promise, int], float] = {}
    for promise, turn, level in due:
        found[promise, turn] = max(level.share, found.get((promise, turn), level.share))
    return found


def next_warning(incident: Incident, now: datetime) -> datetime | None:
    """Return when the next warning is due in an incident, None where none is; what stands still warns of nothing."""
    found: dict[Key, list[tuple[datetime, timedelta]]] = defaultdict(list)
    for group in alike(incident):
        for key, at, moment in _instants(incident, group[0], now):
            found[key].append((at, moment))
    return min((_instant(key[2], instants) for key, instants in found.items()), default=None)


def _instant(level: WarningLevel, found: Sequence[tuple[datetime, timedelta]]) -> datetime:
    first = min(at for at, _ in found)
    return first if level.share < BROKEN else max(at for at, moment in found if at - first <= moment)


def _moment(timer: Timer) -> timedelta:
    return min(MOMENT, timer.target / SLIVER)


def alike(incident: Incident) -> Iterable[list[Impact]]:
    """Return the clients that still are hurt, those together whose clocks show the same: there may be thousands."""
    groups: dict[Alike, list[Impact]] = {}
    known: dict[int, Sla] = {}
    equal: dict[Sla, Sla] = {}
    for impact in incident.impacts.values():
        if impact.recovered is None:
            sla = impact.terms.sla
            if id(sla) not in known:
                known[id(sla)] = equal.setdefault(sla, sla)
            groups.setdefault(_clock(incident, impact, known[id(sla)]), []).append(impact)
    return groups.values()


def _clock(incident: Incident, impact: Impact, sla: Sla) -> Alike:
    """What the clocks that still run follow from.

    When a client was told stops one, and moves none of these; when its data went bad moves one only where the contract
    says so, or where the incident ended and came back meanwhile. Both differ from client to client.
    Of equal contracts `sla` is one and the same, for to compare them by value takes longer than all the rest.
    """
    last = impact.queued[-1] if impact.queued else None
    earlier = tuple((until, terms.sla) for until, terms in impact.earlier)
    spells = impact.spells if len(impact.spells) > 1 else ()
    promised = id(sla), impact.terms.notices, earlier
    onset = impact.onset if sla.starts is ClockStart.ONSET or len(incident.spells) > 1 else None
    told = bool(impact.told)
    return (*promised, id(impact.clocks), spells, impact.joined, onset, told, last, len(impact.queued))


def _open_levels(impact: Impact, timer: Timer, run: Span) -> Iterator[WarningLevel]:
    warned = impact.clocks.warned
    return (one for one in impact.terms.sla.warnings if (timer.promise, one.share, run.turn) not in warned)


def _near(incident: Incident, group: Sequence[Impact], now: datetime) -> Iterator[tuple[Key, Warned]]:
    clients = tuple(impact.terms.client for impact in group)
    for timer, run in live_timers(incident, group[0], now):
        for level in _open_levels(group[0], timer, run) if timer.held is None else ():
            over, moment = timer.took - timer.target * level.share, _moment(timer)
            if over >= -moment:
                key = timer.promise, run.turn, level
                yield key, Warned(clients=clients, due=timer.due, over=over, moment=moment)


def _instants(incident: Incident, impact: Impact, now: datetime) -> Iterator[tuple[Key, datetime, timedelta]]:
    for timer, run in live_timers(incident, impact, now):
        for level in _open_levels(impact, timer, run) if timer.held is None else ():
            goal = Goal(promise=timer.promise, start=run.start, target=timer.target * level.share)
            yield (timer.promise, run.turn, level), reached(impact, goal, now), _moment(timer)


def concerned(incident: Incident) -> list[Person]:
    """Return whoever has an incident, or else those who were paged for it, or else whoever is left."""
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
