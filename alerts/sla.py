"""The promises to each hurt client as timers, computed on read from the incident's timeline.

Each timer names its start, its pauses and its stop; from when to when a promise counts is for `spans`. Time to detect
is a measure of its own and is never hidden inside another timer. How much of a promise's time has passed is for
`reckoning`: calendars are read there, and everything here is a UTC instant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.clocks import Pause, Promise
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.reckoning import Goal, counted, pauses_of, reached, target_of, terms_at
from alerts.spans import Span, TimerStart, onset_of, span_of, spans_of
from probes.catalog import ClientId, TierId


class TimerState(StrEnum):
    """Whether a promise is still open, stands still, was kept, is broken, or does not hold any more."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """One promise to one client. `stopped` is None while it runs; `took` is what counted until then, or until now.

    `due` is when it breaks: if it stands still now, when it would if it ran on at once. `held` is what it stands still
    for at this moment. `turn` counts how often the promise began anew.
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
    turn: int = 1


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
        turn=span.turn,
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
    """Return the running and stopped timers of one client as they stand; what its contract does not promise has none.

    Of what was promised several times it is the last: those before it are `earlier_timers`.
    """
    found = (timer_of(incident, impact, promise, now) for promise in Promise)
    return tuple(timer for timer in found if timer is not None)


def earlier_timers(incident: Incident, impact: Impact, promise: Promise) -> Iterator[Timer]:
    """Yield how a promise to a client ended that was made again since, the first first.

    They are those of an incident's earlier spells, and the updates that came late: of kept ones there may be dozens.
    """
    current = span_of(incident, impact, promise)
    for span in spans_of(incident, impact, promise):
        if span.stopped is None or (current is not None and span.turn >= current.turn):
            continue
        if promise is Promise.NEXT_UPDATE and not _may_be_late(impact, span.stopped - span.start):
            continue
        timer = _timer(impact, promise, span, span.stopped)
        if timer is not None and (promise is not Promise.NEXT_UPDATE or timer.state is TimerState.BREACHED):
            yield timer


def _may_be_late(impact: Impact, took: timedelta) -> bool:
    """Whether an update that came after so long may have been late, whatever did not count of it."""
    every = impact.terms.sla.update_every
    return bool(impact.earlier) or (every is not None and took > every)


def timers(incident: Incident, now: datetime) -> tuple[Timer, ...]:
    """Return every timer of an incident, also of its earlier spells, the worst hurt client's first."""
    return tuple(timer for impact in incident.hurt for timer in every_timer(incident, impact, now))


def every_timer(incident: Incident, impact: Impact, now: datetime) -> Iterator[Timer]:
    """Yield each timer of one client, by promise and in the order of time."""
    for promise in Promise:
        yield from earlier_timers(incident, impact, promise)
        timer = timer_of(incident, impact, promise, now)
        if timer is not None:
            yield timer


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
