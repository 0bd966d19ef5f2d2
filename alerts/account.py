"""How a promise to a client came to its figure, row by row: what counted, what did not and why, under which contract.

The rows are told apart by what held at each instant, and not by the sum that a timer shows: that both agree is a test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from alerts.calendar import Interval, is_open, openings
from alerts.clocks import Pause, PauseCause, Promise
from alerts.impact import Impact, Terms
from alerts.incident import Incident
from alerts.reckoning import calendar_of, gaps, pauses_of, stretches, target_of, terms_at
from alerts.sla import Timer, TimerState, every_timer
from probes.hours import Calendar


class RowKind(StrEnum):
    """Whether a time counted, or why it did not."""

    COUNTED = "counted"
    PAUSED = "paused"
    CLOSED = "closed"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A time within a promise's that counted or did not, and why."""

    kind: RowKind
    start: datetime
    end: datetime
    why: str

    @property
    def lasted(self) -> timedelta:
        """How long it was."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One promise with every row of its time, and the contracts that were in force, each with the instant it began."""

    timer: Timer
    rows: tuple[Row, ...]
    contracts: tuple[tuple[datetime, Terms], ...]
    until: datetime


CAUSES = {
    PauseCause.CLIENTS_TURN: "it is the client's turn",
    PauseCause.MAINTENANCE: "agreed maintenance",
    PauseCause.VENDOR_CAUSED: "a vendor is the cause, which the contract excludes",
    PauseCause.CONTRACT_STATE: "the contract is not active",
}


def accounts(incident: Incident, impact: Impact, now: datetime) -> Iterator[Account]:
    """Yield how each promise to a client came to its figure; those that run are taken to end now."""
    end = incident.resolved or now
    for timer in every_timer(incident, impact, end):
        yield _account(impact, timer, end)


def _account(impact: Impact, timer: Timer, now: datetime) -> Account:
    end = max(timer.start, timer.stopped or now)
    cuts = sorted({timer.start, end, *_cuts(impact, timer.promise, timer.start, end)})
    rows = [_row(impact, timer.promise, Interval(start=one, end=other)) for one, other in pairwise(cuts)]
    contracts = tuple((part.start, part.terms) for part in stretches(impact, timer.start, end))
    return Account(timer=timer, rows=tuple(_merged(rows)), contracts=contracts, until=end)


def _cuts(impact: Impact, promise: Promise, start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield every instant between two at which it may begin or cease to count."""
    for pause in pauses_of(impact, promise):
        yield from (at for at in (pause.since, pause.until) if at is not None and start < at < end)
    for gap in gaps(impact):
        yield from (at for at in (gap.start, gap.end) if start < at < end)
    for part in stretches(impact, start, end):
        yield part.start
        for one in openings(calendar_of(part.terms, promise), part.start, part.end):
            yield from (one.start, one.end)


def _row(impact: Impact, promise: Promise, part: Interval) -> Row:
    kind, why = _at(impact, promise, part.start)
    return Row(kind=kind, start=part.start, end=part.end, why=why)


def _at(impact: Impact, promise: Promise, at: datetime) -> tuple[RowKind, str]:
    if any(gap.start <= at < gap.end for gap in gaps(impact)):
        return RowKind.RECOVERED, "the client was not hurt"
    live = [one for one in pauses_of(impact, promise) if one.since <= at and (one.until is None or at < one.until)]
    if live:
        return RowKind.PAUSED, "; ".join(_pause(one) for one in live)
    calendar = calendar_of(terms_at(impact, at), promise)
    if not is_open(calendar, at):
        return RowKind.CLOSED, f"calendar {named(calendar)} is closed"
    return RowKind.COUNTED, f"calendar {named(calendar)}"


def _pause(pause: Pause) -> str:
    said = f", said by {pause.by}" if pause.by else ""
    over = f"; over: {pause.ended_why}" if pause.ended_by and pause.ended_why else ""
    return f"{CAUSES[pause.cause]}: {pause.why}{said}{over}"


def _merged(rows: list[Row]) -> Iterator[Row]:
    current: Row | None = None
    for row in rows:
        if current is not None and (current.kind, current.why) == (row.kind, row.why):
            current = Row(kind=row.kind, start=current.start, end=row.end, why=row.why)
            continue
        if current is not None:
            yield current
        current = row
    if current is not None:
        yield current


def named(calendar: Calendar) -> str:
    """Return a calendar's name with its zone, where the zone matters."""
    return calendar.name if calendar.always else f"{calendar.name} ({calendar.zone or 'UTC'})"


def told(account: Account) -> Iterator[str]:
    """Yield an account as lines of text: instants in UTC, lengths to the second."""
    timer = account.timer
    yield f"{timer.promise.replace('_', ' ').capitalize()}: {_verdict(account)}"
    yield f"  {_clock(timer.start)}  started: {timer.started_by}"
    for since, terms in account.contracts:
        yield f"  {_clock(since)}  contract {_contract(terms, timer.promise)}"
    for row in account.rows:
        yield f"  {_clock(row.start)}  {row.kind} {length(row.lasted)} until {_clock(row.end)} ({row.why})"
    if timer.stopped is not None:
        yield f"  {_clock(account.until)}  stopped"
    counted = [row for row in account.rows if row.kind is RowKind.COUNTED]
    total = sum((row.lasted for row in counted), timedelta())
    added = " + ".join(length(row.lasted) for row in counted) if len(counted) > 1 else ""
    yield f"  counted {added + ' = ' if added else ''}{length(total)} of {length(timer.target)}"


def length(time: timedelta) -> str:
    """Return a length to the second, so that the parts of a sum add up: `3 min 17 s`, `4 h 0 min`."""
    seconds = round(time.total_seconds())
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    parts = [f"{hours} h"] * (hours > 0) + [f"{minutes} min"] * (hours > 0 or minutes > 0)
    return " ".join(parts + [f"{rest} s"] * (rest > 0 or not parts))


def _contract(terms: Terms, promise: Promise) -> str:
    target, calendar = target_of(terms, promise), named(calendar_of(terms, promise))
    promised = f"{length(target)} in calendar {calendar}" if target is not None else "no such promise"
    since = f", version of {terms.begins:%Y-%m-%d}" if terms.begins is not None else ""
    return f"{terms.tier}{since}: {promised}"


def _verdict(account: Account) -> str:
    timer = account.timer
    left = timer.target - timer.took
    match timer.state:
        case TimerState.MET:
            return f"kept, with {length(left)} to spare"
        case TimerState.BREACHED:
            return f"broken at {_clock(timer.due)}, by {length(-left)}{'' if timer.stopped else ' so far'}"
        case TimerState.CANCELLED:
            return "cancelled"
        case TimerState.PAUSED:
            return f"stands still, {length(left)} are left"
        case TimerState.RUNNING:
            return f"runs, due at {_clock(timer.due)}, {length(left)} are left"


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}Z"
