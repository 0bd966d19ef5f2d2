"""Heartbeats: runs that tell of themselves, what was heard of them, and whether that is what was expected.

The deadman's half of watching: silence is the news. A success alone ends anything; who hears it is for the room above.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from probes.catalog import ClientId, FlowId, SecretRef
from probes.timetable import Timetable, next_turn

HeartbeatId = NewType("HeartbeatId", str)

MOST_ABSENCES = 50


class Signal(StrEnum):
    """What a run tells of itself."""

    START = "start"
    SUCCESS = "success"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A run that is expected to tell of its success, no later than `grace` after it is due.

    `longest_run` is how long one may take from its start, None where that does not matter; it has nothing to do with
    the grace. Whoever sends its signals knows the secret that `token` refers to.
    """

    id: HeartbeatId
    timetable: Timetable
    token: SecretRef
    grace: timedelta = timedelta()
    longest_run: timedelta | None = None
    client: ClientId | None = None
    flow: FlowId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """From when to when nobody could be heard because we did not run."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What was heard of a heartbeat's runs, watched by this timetable since `since`.

    `started` is a run under way, `failed` the first failure since the last success, `took` what the last run took from
    its start. `absences` are ours since the last success, oldest first.
    """

    timetable: Timetable
    since: datetime
    started: datetime | None = None
    succeeded: datetime | None = None
    failed: datetime | None = None
    took: timedelta | None = None
    absences: tuple[Absence, ...] = ()


class Condition(StrEnum):
    """How a heartbeat stands: `late` within its grace, `missed` after it."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSED = "missed"
    OVERRUN = "overrun"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """When the next success is due, until when it is waited for, and how things stand; `onset` is since when.

    Both instants have been moved by our own `absence`, which does not count against anybody.
    """

    condition: Condition
    due: datetime
    until: datetime
    absence: timedelta
    onset: datetime | None = None
    overrun_at: datetime | None = None


def watched(heartbeat: Heartbeat, runs: Runs | None, now: datetime) -> Runs:
    """Return what is known of a heartbeat's runs; the watch begins anew where its timetable has changed.

    It also does where something was heard in the future, as it seems after our own clock was put back.
    """
    if runs is None or runs.timetable != heartbeat.timetable or _latest(runs) > now:
        return Runs(timetable=heartbeat.timetable, since=now)
    return runs


def heard(runs: Runs, signal: Signal, now: datetime) -> Runs:
    """Return what is known after a signal. A failure ends a run and is forgotten with the next success."""
    if signal is Signal.START:
        return replace(runs, started=now)
    if signal is Signal.FAIL:
        return replace(runs, started=None, failed=runs.failed or now)
    took = None if runs.started is None else now - runs.started
    return replace(runs, started=None, succeeded=now, failed=None, took=took, absences=())


def absent(runs: Runs, absence: Absence) -> Runs:
    """Return what is known after we did not run for a while; the oldest of very many absences is forgotten."""
    return replace(runs, absences=(*runs.absences, absence)[-MOST_ABSENCES:])


def expected(heartbeat: Heartbeat, runs: Runs, now: datetime) -> Expected:
    """Return when the next success is due, and whether it is late, missed, or its run failed or takes too long."""
    turn = next_turn(heartbeat.timetable, runs.succeeded or runs.since)
    absence = _absent_since(runs.absences, turn.begins)
    due = turn.due + absence
    until, overrun_at = due + heartbeat.grace, _overrun_at(heartbeat, runs)
    condition, onset = Condition.ON_TIME, None
    if runs.failed is not None:
        condition, onset = Condition.FAILED, runs.failed
    elif until <= now:
        condition, onset = Condition.MISSED, due
    elif overrun_at is not None and overrun_at <= now:
        condition, onset = Condition.OVERRUN, overrun_at
    elif due <= now:
        condition, onset = Condition.LATE, due
    return Expected(condition=condition, due=due, until=until, absence=absence, onset=onset, overrun_at=overrun_at)


def next_change(stands: Expected, now: datetime) -> datetime | None:
    """Return the next instant at which time alone changes how a heartbeat stands, None where it no longer can."""
    instants = (stands.due, stands.until, stands.overrun_at)
    return min((at for at in instants if at is not None and at > now), default=None)


def _latest(runs: Runs) -> datetime:
    return max(at for at in (runs.since, runs.started, runs.succeeded, runs.failed) if at is not None)


def _overrun_at(heartbeat: Heartbeat, runs: Runs) -> datetime | None:
    if runs.started is None or heartbeat.longest_run is None:
        return None
    return runs.started + heartbeat.longest_run + _absent_since(runs.absences, runs.started)


def _absent_since(absences: Iterable[Absence], since: datetime) -> timedelta:
    lengths = (one.end - max(one.start, since) for one in absences if one.end > since)
    return sum(lengths, timedelta())
