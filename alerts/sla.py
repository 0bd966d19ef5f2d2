"""The promises to each hurt client as timers, computed on read from the incident's timeline.

Each timer names its start, its pauses and its stop. Time to detect is a measure of its own and is never hidden inside
another timer. How much of a promise's time has passed is for `reckoning`: calendars are read there, and everything here
is a UTC instant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.clocks import Pause, Promise
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.reckoning import Goal, counted, pauses_of, reached, target_of, terms_at
from probes.catalog import ClientId, NoticePolicy, TierId
from probes.conduct import ClockStart


class TimerState(StrEnum):
    """Whether a promise is still open, stands still, was kept, is broken, or does not hold any more."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


class TimerStart(StrEnum):
    """What set a timer going."""

    FIRST_PAGE = "first page"
    OPENING = "incident opened"
    JOINED = "client joined the incident"
    ONSET = "onset in the data"
    LAST_NOTICE = "last notice"
    SET = "start set by a person"
    RESET = "begun anew by a person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """One promise to one client. `stopped` is None while it runs; `took` is what counted until then, or until now.

    `due` is when it breaks: if it stands still now, when it would if it ran on at once. `held` is what it stands still
    for at this moment.
    """

    client: ClientId
    tier: TierId
    promise: Promise
    start: datetime
    started_by: TimerStart
    due: datetime
    stopped: datetime | None
    state: TimerState
    took: timedelta
    target: timedelta
    held: Pause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when a promise counts, and what set it going; `turn` counts how often it began anew."""

    start: datetime
    started_by: TimerStart
    stopped: datetime | None
    turn: int = 1


def _hurt_from(incident: Incident, impact: Impact) -> tuple[datetime, TimerStart]:
    if impact.clocks.start is not None:
        return impact.clocks.start.start, TimerStart.SET
    if impact.terms.sla.starts is ClockStart.ONSET:
        return impact.onset, TimerStart.ONSET
    # An incident that took over another one's clients may have been opened after they joined that one.
    if impact.joined != incident.opened:
        return impact.joined, TimerStart.JOINED
    return incident.opened, TimerStart.OPENING


def onset_of(impact: Impact) -> datetime:
    """Return since when a client was hurt: as somebody said, or else as the data shows."""
    return impact.clocks.start.start if impact.clocks.start is not None else impact.onset


def _detect(incident: Incident, impact: Impact) -> Span:
    del incident
    by = TimerStart.SET if impact.clocks.start is not None else TimerStart.ONSET
    return Span(start=onset_of(impact), started_by=by, stopped=impact.joined)


def _acknowledge(incident: Incident, impact: Impact) -> Span | None:
    if incident.first_paged is None:
        return None
    start = max(incident.first_paged, impact.joined)
    by = TimerStart.FIRST_PAGE if incident.first_paged >= impact.joined else TimerStart.JOINED
    return Span(start=start, started_by=by, stopped=incident.acknowledged or incident.resolved)


def _first_notice(incident: Incident, impact: Impact) -> Span | None:
    if impact.terms.notices is not NoticePolicy.AUTOMATIC:
        return None
    start, by = _hurt_from(incident, impact)
    return Span(start=start, started_by=by, stopped=min(impact.told.values(), default=None))


def _next_update(incident: Incident, impact: Impact) -> Span | None:
    del incident
    wanted = impact.terms.notices is NoticePolicy.AUTOMATIC and bool(impact.told)
    if not wanted or not impact.owed or impact.recovered is not None:
        return None
    return Span(start=impact.queued[-1][1], started_by=TimerStart.LAST_NOTICE, stopped=None, turn=len(impact.queued))


def _mitigate(incident: Incident, impact: Impact) -> Span:
    start, by = _hurt_from(incident, impact)
    ends = (mitigated_at(incident), impact.recovered, incident.resolved)
    return Span(start=start, started_by=by, stopped=min((at for at in ends if at is not None), default=None))


def _repair(incident: Incident, impact: Impact) -> Span:
    start, by = _hurt_from(incident, impact)
    return Span(start=start, started_by=by, stopped=impact.recovered or incident.resolved)


SPANS = {
    Promise.DETECT: _detect,
    Promise.ACKNOWLEDGE: _acknowledge,
    Promise.FIRST_NOTICE: _first_notice,
    Promise.NEXT_UPDATE: _next_update,
    Promise.MITIGATE: _mitigate,
    Promise.REPAIR: _repair,
}


def span_of(incident: Incident, impact: Impact, promise: Promise) -> Span | None:
    """Return from when to when a promise counts, whether or not a contract makes it; None where it does not yet."""
    span = SPANS[promise](incident, impact)
    anew = impact.clocks.reset(promise)
    if span is None or anew is None or (span.stopped is not None and span.stopped <= anew.at) or anew.at <= span.start:
        return span
    turn = span.turn + sum(one.promise is promise for one in impact.clocks.resets)
    return Span(start=anew.at, started_by=TimerStart.RESET, stopped=span.stopped, turn=turn)


def mitigated_at(incident: Incident) -> datetime | None:
    """Return since when clients are no longer harmed: as somebody said, or else since all systems answer again."""
    return incident.mitigated or incident.answered


def _timer(impact: Impact, promise: Promise, span: Span, now: datetime) -> Timer | None:
    end = max(span.start, span.stopped or now)
    terms = terms_at(impact, end)
    target = target_of(terms, promise)
    if target is None:
        return None
    took = counted(impact, promise, span.start, end)
    held = _held(impact, promise, now) if span.stopped is None else None
    return Timer(
        client=terms.client,
        tier=terms.tier,
        promise=promise,
        start=span.start,
        started_by=span.started_by,
        due=reached(impact, Goal(promise=promise, start=span.start, target=target), end),
        stopped=span.stopped,
        state=_state(impact, promise, late=took > target, over=span.stopped is not None, held=held is not None),
        took=took,
        target=target,
        held=held,
    )


def _held(impact: Impact, promise: Promise, now: datetime) -> Pause | None:
    pause = impact.clocks.holds(promise, now)
    return pause if pause in pauses_of(impact, promise) else None


def _state(impact: Impact, promise: Promise, *, late: bool, over: bool, held: bool) -> TimerState:
    if impact.clocks.cancels(promise) is not None:
        return TimerState.CANCELLED
    if late:
        return TimerState.BREACHED
    if over:
        return TimerState.MET
    return TimerState.PAUSED if held else TimerState.RUNNING


def timer_of(incident: Incident, impact: Impact, promise: Promise, now: datetime) -> Timer | None:
    """Return the timer of one promise to one client; None where it is not made, or does not run yet."""
    span = span_of(incident, impact, promise)
    return None if span is None else _timer(impact, promise, span, now)


def timers_of(incident: Incident, impact: Impact, now: datetime) -> tuple[Timer, ...]:
    """Return the running and stopped timers of one client; a promise that its contract does not make has none."""
    found = (timer_of(incident, impact, promise, now) for promise in Promise)
    return tuple(timer for timer in found if timer is not None)


def timers(incident: Incident, now: datetime) -> tuple[Timer, ...]:
    """Return every timer of an incident, the worst hurt client's first."""
    return tuple(timer for impact in incident.hurt for timer in timers_of(incident, impact, now))


def live_timers(incident: Incident, impact: Impact, now: datetime) -> Iterator[tuple[Timer, Span]]:
    """Yield the timers of one client that run or stand still, each with its span."""
    for promise in Promise:
        span = span_of(incident, impact, promise)
        timer = None if span is None or span.stopped is not None else _timer(impact, promise, span, now)
        if timer is not None and span is not None and timer.state is not TimerState.CANCELLED:
            yield timer, span


def time_to_detect(incident: Incident, impact: Impact) -> timedelta:
    """Return how long a client was hurt before it was in an incident: from its onset to its joining."""
    del incident
    return max(timedelta(), impact.joined - onset_of(impact))
