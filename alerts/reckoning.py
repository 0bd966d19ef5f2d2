"""How much of a promise's time has passed: the intervals that count, under each contract and without the pauses.

Arithmetic on UTC intervals only. What a promise runs from, and what stops it, is for `sla`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from alerts.calendar import HORIZON, Interval, due, due_in, openings, total, without
from alerts.clocks import WORK, Pause, Promise
from alerts.impact import Impact, Terms
from probes.hours import Calendar

FIELDS = {promise: str(promise) for promise in Promise} | {Promise.NEXT_UPDATE: "update_every"}
"""Where a promise's time stands in a contract."""


def target_of(terms: Terms, promise: Promise) -> timedelta | None:
    """Return what a contract promises, None where it does not."""
    found: timedelta | None = getattr(terms.sla, FIELDS[promise])
    return found


def calendar_of(terms: Terms, promise: Promise) -> Calendar:
    """Return the calendar in which a contract's promise counts."""
    return terms.sla.hours_of(FIELDS[promise])


def update_due(terms: Terms, at: datetime) -> datetime | None:
    """Return by when a client that was written to at an instant is to be written to again, None where it need not."""
    every = terms.sla.update_every
    return None if every is None else due(calendar_of(terms, Promise.NEXT_UPDATE), at, every)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of a promise's time that one contract governs."""

    start: datetime
    end: datetime
    terms: Terms


def stretches(impact: Impact, start: datetime, end: datetime) -> Iterator[Stretch]:
    """Yield the parts of a time by the contract that was in force, in order."""
    since = start
    for until, terms in impact.earlier:
        if since < until and since < end:
            yield Stretch(start=since, end=min(until, end), terms=terms)
            since = min(until, end)
    if since < end or start == end:
        yield Stretch(start=since, end=end, terms=terms_at(impact, end))


def terms_at(impact: Impact, at: datetime) -> Terms:
    """Return the contract that was in force at an instant."""
    return next((terms for until, terms in impact.earlier if at < until), impact.terms)


def pauses_of(impact: Impact, promise: Promise) -> tuple[Pause, ...]:
    """Return what a promise stands still for."""
    return tuple(one for one in impact.clocks.pauses if one.stops(promise) and _applies(impact, one))


def _applies(impact: Impact, pause: Pause) -> bool:
    """A vendor's fault stops a clock only where the contract says so."""
    return pause.cause is not pause.cause.VENDOR_CAUSED or impact.terms.sla.exclude_vendor


def counting(impact: Impact, promise: Promise, start: datetime, end: datetime, now: datetime) -> Iterator[Interval]:
    """Yield the intervals between two instants that count, in order; a pause that goes on is taken to end `now`."""
    holes = [
        Interval(start=pause.since, end=max(pause.since, pause.until or now)) for pause in pauses_of(impact, promise)
    ]
    holes += gaps(impact) if promise in WORK else []
    for part in stretches(impact, start, end):
        opened = openings(calendar_of(part.terms, promise), part.start, part.end)
        yield from without(opened, holes) if holes else opened


def gaps(impact: Impact) -> list[Interval]:
    """Return the times between its spells in which a client was not hurt: they count for nobody."""
    turns = pairwise(impact.spells)
    return [Interval(start=one.end, end=other.start) for one, other in turns if one.end and one.end < other.start]


def counted(impact: Impact, promise: Promise, start: datetime, end: datetime) -> timedelta:
    """Return how much of a promise's time passed between two instants."""
    if _plain(impact, promise):
        return max(timedelta(), end - start)
    return total(counting(impact, promise, start, end, end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """So much of a promise's time from a start on."""

    promise: Promise
    start: datetime
    target: timedelta


def reached(impact: Impact, goal: Goal, now: datetime) -> datetime:
    """Return when so much of a promise's time has passed, if nothing but the calendar stops it from now on.

    A contract that asks for more than the one before it is broken at the earliest when it comes into force.
    """
    if _plain(impact, goal.promise):
        return goal.start + goal.target
    latest = goal.start + HORIZON
    found = due_in(counting(impact, goal.promise, goal.start, latest, now), goal.target) or latest
    return max([found, *(until for until, _ in impact.earlier if goal.start < until <= now)])


def _plain(impact: Impact, promise: Promise) -> bool:
    """Whether every minute counts, as it does for nearly everybody."""
    untouched = not impact.earlier and not impact.clocks.pauses and len(impact.spells) <= 1
    return untouched and calendar_of(impact.terms, promise).always
