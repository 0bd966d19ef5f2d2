"""When a run is expected: at a distance from the last one, or by cron in a zone. Wall times become instants here.

A turn begins, and a success at any time after that answers it. What was heard, and what follows, is for `heartbeat`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from cronsim import CronSim, CronSimError
from whenever import Instant, Time

FIELDS = 5
SENDERS_CLOCK = timedelta(seconds=5)
"""How far ahead a sender's clock may be: a run that begins and ends so much too soon still belongs to its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A success no later than `every` after the last one."""

    every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """A turn at each instant of a cron expression with five fields; `by` is the time of day when it must be over.

    Where clocks change, the rules are those of Debian's cron: what stands at a fixed time of day happens once, in a
    skipped hour as soon as it is over, in a repeated hour the first time; what stands at every minute or hour follows
    real time. A `by` in a skipped hour is as much later as the hour is long, in a repeated hour it is the first.
    """

    expression: str
    zone: str = "UTC"
    by: time | None = None


Timetable = Interval | Cron


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One expected run: a success at `begins` or later answers it, and is due by `due`."""

    begins: datetime
    due: datetime


class NeverError(Exception):
    """A cron expression that is none, or that no day fits; the text says which."""


def check(cron: Cron, now: datetime) -> None:
    """Raise NeverError unless a cron expression has an instant after `now`."""
    next(_instants(cron, now))


@lru_cache(maxsize=4096)
def next_turn(timetable: Timetable, after: datetime) -> Turn:
    """Return the first turn that a success at `after` does not answer.

    Raises:
        NeverError: the expression has no such instant.
    """
    if isinstance(timetable, Interval):
        return Turn(begins=after, due=after + timetable.every)
    begins = next(_instants(timetable, after + SENDERS_CLOCK))
    due = begins if timetable.by is None else _next_at(timetable.by, timetable.zone, begins)
    return Turn(begins=begins, due=due)


def next_instant(cron: Cron, after: datetime) -> datetime:
    """Return the first instant of an expression that is later than `after`.

    Raises:
        NeverError: the expression has no such instant.
    """
    first = _first_after(cron, after.replace(minute=0, second=0, microsecond=0))
    return first if first > after else next(_instants(cron, after))


@lru_cache(maxsize=4096)
def _first_after(cron: Cron, hour: datetime) -> datetime:
    return next(_instants(cron, hour))


def _instants(cron: Cron, after: datetime) -> Iterator[datetime]:
    """Yield the instants of an expression that are later than `after`."""
    if len(cron.expression.split()) != FIELDS:
        raise NeverError("has not five fields; write minute, hour, day, month and weekday like 0 22 * * mon-fri")
    local = Instant(after).to_tz(cron.zone).to_stdlib()
    try:
        for found in CronSim(cron.expression, local):
            at = found.astimezone(UTC)
            # In a repeated hour the expression is evaluated on the wall clock, which has been there before.
            if at > after:
                yield at
    except CronSimError as error:
        raise NeverError(f"is no cron expression ({error}); write it like 0 22 * * mon-fri") from None
    raise NeverError("fits no day at all; write an expression that does, like 0 22 * * mon-fri")


def _next_at(wall: time, zone: str, after: datetime) -> datetime:
    """Return the first instant later than `after` at which the clocks of a zone show a time of day."""
    day = Instant(after).to_tz(zone).date()
    while (at := _instant(day.at(Time(wall)).assume_tz(zone, disambiguation="compatible").to_stdlib())) <= after:
        day = day.add(days=1)
    return at


def _instant(local: datetime) -> datetime:
    return local.astimezone(UTC)
