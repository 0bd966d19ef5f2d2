"""The promises to each hurt client as timers, computed on read from the incident's timeline.

Each timer names its start. Time to detect is a measure of its own and is never hidden inside another timer. All
arithmetic is on UTC instants; calendars other than `always` are not known yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.impact import Impact
from alerts.incident import Incident
from probes.catalog import ClientId, ClockStart, NoticePolicy, TierId


class Promise(StrEnum):
    """What is promised to a client in an incident."""

    ACKNOWLEDGE = "acknowledge"
    FIRST_NOTICE = "first_notice"
    NEXT_UPDATE = "next_update"
    REPAIR = "repair"


class TimerState(StrEnum):
    """Whether a promise is still open, was kept, or is broken."""

    RUNNING = "running"
    MET = "met"
    BREACHED = "breached"


class TimerStart(StrEnum):
    """What set a timer going."""

    FIRST_PAGE = "first page"
    OPENING = "incident opened"
    JOINED = "client joined the incident"
    ONSET = "onset in the data"
    LAST_NOTICE = "last notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """One promise to one client. `stopped` is None while it runs; `took` runs until then, or until now."""

    client: ClientId
    tier: TierId
    promise: Promise
    start: datetime
    started_by: TimerStart
    due: datetime
    stopped: datetime | None
    state: TimerState
    took: timedelta


def _timer(impact: Impact, promise: Promise, target: timedelta, span: "Span", now: datetime) -> Timer:
    end = span.stopped or now
    due = span.start + target
    late = end > due
    state = TimerState.BREACHED if late else (TimerState.MET if span.stopped else TimerState.RUNNING)
    return Timer(
        client=impact.terms.client,
        tier=impact.terms.tier,
        promise=promise,
        start=span.start,
        started_by=span.started_by,
        due=due,
        stopped=span.stopped,
        state=state,
        took=max(timedelta(), end - span.start),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when a promise counts, and what set it going."""

    start: datetime
    started_by: TimerStart
    stopped: datetime | None


def _hurt_from(incident: Incident, impact: Impact) -> tuple[datetime, TimerStart]:
    if impact.terms.sla.starts is ClockStart.ONSET:
        return impact.onset, TimerStart.ONSET
    # An incident that took over another one's clients may have been opened after they joined that one.
    if impact.joined != incident.opened:
        return impact.joined, TimerStart.JOINED
    return incident.opened, TimerStart.OPENING


def _acknowledge(incident: Incident, impact: Impact) -> Span | None:
    if incident.first_paged is None:
        return None
    start = max(incident.first_paged, impact.joined)
    by = TimerStart.FIRST_PAGE if incident.first_paged >= impact.joined else TimerStart.JOINED
    return Span(start=start, started_by=by, stopped=incident.acknowledged or incident.resolved)


def _first_notice(incident: Incident, impact: Impact) -> Span:
    start, by = _hurt_from(incident, impact)
    return Span(start=start, started_by=by, stopped=min(impact.told.values(), default=None))


def _next_update(impact: Impact) -> Span | None:
    if not impact.told or not impact.owed or impact.recovered is not None:
        return None
    return Span(start=impact.queued[-1][1], started_by=TimerStart.LAST_NOTICE, stopped=None)


def _repair(incident: Incident, impact: Impact) -> Span:
    start, by = _hurt_from(incident, impact)
    return Span(start=start, started_by=by, stopped=impact.recovered or incident.resolved)


def _spans(incident: Incident, impact: Impact) -> Iterator[tuple[Promise, timedelta | None, Span | None]]:
    sla = impact.terms.sla
    yield Promise.ACKNOWLEDGE, sla.acknowledge, _acknowledge(incident, impact)
    if impact.terms.notices is NoticePolicy.AUTOMATIC:
        yield Promise.FIRST_NOTICE, sla.first_notice, _first_notice(incident, impact)
        yield Promise.NEXT_UPDATE, sla.update_every, _next_update(impact)
    yield Promise.REPAIR, sla.repair, _repair(incident, impact)


def timers_of(incident: Incident, impact: Impact, now: datetime) -> tuple[Timer, ...]:
    """Return the running and stopped timers of one client; a promise that its contract does not make has none."""
    return tuple(
        _timer(impact, promise, target, span, now)
        for promise, target, span in _spans(incident, impact)
        if target is not None and span is not None
    )


def timers(incident: Incident, now: datetime) -> tuple[Timer, ...]:
    """Return every timer of an incident, the worst hurt client's first."""
    return tuple(timer for impact in incident.hurt for timer in timers_of(incident, impact, now))


def time_to_detect(incident: Incident, impact: Impact) -> timedelta:
    """Return how long a client was hurt before it was in an incident: from its onset to its joining."""
    del incident
    return max(timedelta(), impact.joined - impact.onset)
