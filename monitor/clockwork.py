"""What people say of the clocks of an incident: that they stand still, since when it began, with the audit's word.

Each function returns a decision for `Desk.decide`; what it does to the clocks is for the rooms below. A decision raises
CannotBeDone where there is no such incident, or it cannot be as things stand.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.alert import IncidentId
from alerts.clocks import (
    ClocksPaused,
    ClocksResumed,
    Mitigated,
    PauseCause,
    Promise,
    PromisesCancelled,
    PromisesReset,
    StartSet,
)
from alerts.draft import Draft
from alerts.incident import Incident
from alerts.merging import CannotBeDone
from alerts.timeline import Event
from monitor.changes import Act, Changes
from monitor.record import drafted
from monitor.situation import Situation
from probes.catalog import ClientId

Decision = Callable[[Situation], tuple[Incident, Changes]]

EARLIEST = timedelta(days=30)
"""How far before its opening an incident may be said to have begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Somebody's word about clients of an incident, and why; without clients it is about all of them."""

    incident: IncidentId
    by: str
    why: str
    clients: tuple[ClientId, ...] = ()


def pause_clocks(word: Word, cause: PauseCause, since: datetime | None, now: datetime) -> Decision:
    """Return the decision that clocks stand still, from an instant on that may be past."""

    def event(incident: Incident, clients: tuple[ClientId, ...]) -> Event:
        start = _past(since or now, incident, now)
        if cause is PauseCause.VENDOR_CAUSED:
            clients = _excluding(incident, clients)
        if all(_held(incident, one, cause) for one in clients):
            raise CannotBeDone(f"the clocks of {', '.join(clients)} stand still for that already")
        return ClocksPaused(at=now, since=start, clients=clients, cause=cause, why=word.why, by=word.by)

    return _said(word, "pause clocks", event, now)


def resume_clocks(word: Word, cause: PauseCause, until: datetime | None, now: datetime) -> Decision:
    """Return the decision that clocks for which somebody said otherwise run again, from an instant on."""

    def event(incident: Incident, clients: tuple[ClientId, ...]) -> Event:
        held = tuple(one for one in clients if _held(incident, one, cause))
        if not held:
            raise CannotBeDone("no clock stands still for that because somebody said so")
        at = _past(until or now, incident, now)
        return ClocksResumed(at=now, until=at, clients=held, cause=cause, why=word.why, by=word.by)

    return _said(word, "resume clocks", event, now)


def set_start(word: Word, start: datetime, now: datetime) -> Decision:
    """Return the decision since when clients are hurt, whatever the data shows."""

    def event(incident: Incident, clients: tuple[ClientId, ...]) -> Event:
        at = _past(start, incident, now)
        return StartSet(at=now, start=at, why=word.why, by=word.by, clients=clients if word.clients else ())

    return _said(word, "set start", event, now)


def mitigated(word: Word, since: datetime | None, now: datetime) -> Decision:
    """Return the decision since when clients are no longer harmed."""

    def event(incident: Incident, clients: tuple[ClientId, ...]) -> Event:
        del clients
        return Mitigated(at=now, since=_past(since or now, incident, now), why=word.why, by=word.by)

    return _said(word, "mitigated", event, now)


def cancel_promise(word: Word, promise: Promise | None, now: datetime) -> Decision:
    """Return the decision that a promise, or every promise, does not hold in this incident."""

    def event(incident: Incident, clients: tuple[ClientId, ...]) -> Event:
        _open(incident)
        return PromisesCancelled(at=now, clients=clients, why=word.why, by=word.by, promise=promise)

    return _said(word, f"cancel promise {promise or 'all'}", event, now)


def reset_promise(word: Word, promise: Promise, now: datetime) -> Decision:
    """Return the decision that the time of a promise begins anew."""

    def event(incident: Incident, clients: tuple[ClientId, ...]) -> Event:
        _open(incident)
        return PromisesReset(at=now, clients=clients, promise=promise, why=word.why, by=word.by)

    return _said(word, f"reset promise {promise}", event, now)


def _said(word: Word, action: str, event: Callable[[Incident, tuple[ClientId, ...]], Event], now: datetime) -> Decision:
    def decision(situation: Situation) -> tuple[Incident, Changes]:
        known = situation.incidents.get(word.incident)
        if known is None:
            raise CannotBeDone(f"{word.incident} is no incident of the last weeks")
        draft = Draft(incident=known)
        draft.add(event(known, _hurt(known, word.clients)))
        detail = f"{', '.join(word.clients) or 'every client'}: {word.why}"
        act = Act(at=now, actor=word.by, action=action, subject=word.incident, detail=detail)
        return draft.incident, replace(drafted((draft,)), acts=(act,))

    return decision


def _hurt(incident: Incident, clients: Collection[ClientId]) -> tuple[ClientId, ...]:
    unknown = [client for client in clients if client not in incident.impacts]
    if unknown or not incident.impacts:
        raise CannotBeDone(f"{', '.join(unknown) or 'nobody'} is not hurt in {incident.id}")
    return tuple(clients) or tuple(incident.impacts)


def _held(incident: Incident, client: ClientId, cause: PauseCause) -> bool:
    """Whether a client's clocks stand still because somebody said so."""
    pauses = incident.impacts[client].clocks.pauses
    return any(one.live and one.cause is cause and not one.key for one in pauses)


def _excluding(incident: Incident, clients: tuple[ClientId, ...]) -> tuple[ClientId, ...]:
    found = tuple(one for one in clients if incident.impacts[one].terms.sla.exclude_vendor)
    if not found:
        raise CannotBeDone("no contract of these clients excludes what a vendor causes")
    return found


def _open(incident: Incident) -> None:
    if not incident.open:
        raise CannotBeDone(f"{incident.id} is over; what its promises came to stays")


def _past(at: datetime, incident: Incident, now: datetime) -> datetime:
    if not incident.opened - EARLIEST <= at <= now:
        raise CannotBeDone("the instant must not be in the future, nor more than 30 days before the incident")
    return at
