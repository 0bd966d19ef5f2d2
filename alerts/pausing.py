"""Which clocks of an incident are to stand still, and which to run again: the events that make it so.

Whoever knows of a cause (a maintenance window, the state of a contract, a vendor's fault) says what it knows as a
:class:`Cause`; what people said themselves is left alone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.clocks import ClocksPaused, ClocksResumed, Pause, PauseCause
from alerts.impact import Impact
from alerts.incident import Incident
from probes.catalog import ClientId

WITHDRAWN = "it no longer applies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why the clocks of one client stand still from `since` until `until` (None: nobody knows yet).

    `key` names it among several of its kind, and stays the same for as long as it goes on.
    """

    client: ClientId
    cause: PauseCause
    key: str
    since: datetime
    why: str
    until: datetime | None = None


Known = tuple[ClientId, PauseCause, str]
Turn = ClocksPaused | ClocksResumed


AGREED = frozenset({PauseCause.MAINTENANCE, PauseCause.CONTRACT_STATE})
"""The causes that follow from what was agreed with clients."""


def clock_events(
    incident: Incident, causes: Iterable[Cause], now: datetime, kinds: Collection[PauseCause] = AGREED
) -> tuple[Turn, ...]:
    """Return what pauses and resumes the clocks of hurt clients, given every cause of some kinds that is known now.

    A cause that has begun pauses; one that is over, or is no longer among the causes, resumes. One that began and ended
    since we last looked does both. What a person paused, only a person resumes. Clients with the same cause share an
    event.
    """
    due = {(one.client, one.cause, one.key): one for one in causes if one.since <= now and one.cause in kinds}
    live = {
        (client, pause.cause, pause.key): pause
        for client, impact in incident.impacts.items()
        for pause in impact.clocks.pauses
        if pause.live and pause.by is None and pause.cause in kinds
    }
    fresh = {
        key: _again(incident.impacts[key[0]], one, now)
        for key, one in due.items()
        if key not in live and _concerns(incident.impacts.get(key[0]), one)
    }
    return (*_pauses(fresh, now), *_resumes({**live, **fresh}, due, now))


def _concerns(impact: Impact | None, cause: Cause) -> bool:
    """Whether a cause holds while a client is hurt, and has not been over and done with."""
    if impact is None or (cause.until is not None and cause.until <= impact.onset):
        return False
    if impact.recovered is not None and impact.recovered <= cause.since:
        return False
    return not any(_is(pause, cause) for pause in impact.clocks.pauses)


def _again(impact: Impact, cause: Cause, now: datetime) -> Cause:
    """Return a cause from its beginning, or from now on where it had been withdrawn: in between the clocks ran."""
    same = (one for one in impact.clocks.pauses if (one.cause, one.key) == (cause.cause, cause.key))
    return replace(cause, since=now) if any(one.ended_why == WITHDRAWN for one in same) else cause


def _is(pause: Pause, cause: Cause) -> bool:
    if (pause.cause, pause.key) != (cause.cause, cause.key):
        return False
    return pause.live or (cause.until is not None and pause.until == cause.until) or _finished(pause, cause)


def _finished(pause: Pause, cause: Cause) -> bool:
    return pause.since == cause.since and pause.ended_why != WITHDRAWN


def _pauses(fresh: Mapping[Known, Cause], now: datetime) -> Iterable[ClocksPaused]:
    groups: dict[tuple[PauseCause, str, datetime, str], list[ClientId]] = {}
    for one in fresh.values():
        groups.setdefault((one.cause, one.key, one.since, one.why), []).append(one.client)
    for (cause, key, since, why), clients in groups.items():
        yield ClocksPaused(at=now, since=since, clients=tuple(clients), cause=cause, why=why, key=key)


def _resumes(live: Mapping[Known, Pause | Cause], due: Mapping[Known, Cause], now: datetime) -> Iterable[ClocksResumed]:
    groups: dict[tuple[PauseCause, str, datetime, str], list[ClientId]] = {}
    for client, cause, key in live:
        one = due.get((client, cause, key))
        if one is None:
            groups.setdefault((cause, key, now, WITHDRAWN), []).append(client)
        elif one.until is not None and one.until <= now:
            groups.setdefault((cause, key, one.until, f"over: {one.why}"), []).append(client)
    for (cause, key, until, why), clients in groups.items():
        yield ClocksResumed(at=now, until=until, clients=tuple(clients), cause=cause, why=why, key=key)
