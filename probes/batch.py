"""Batch flows: runs that must be finished by a time of day, on some days, in a zone. Wall times become instants here.

A record of a batch flow has no limit of its own but the end of the run that is to carry it: the first one whose cut
comes after its creation. What came of a run is judged in the room above.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count

from whenever import Date, Instant, Time

from probes.holiday import is_holiday

BUSINESS = frozenset(range(5))
EVERY = frozenset(range(7))
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """When the runs of a flow are to be over. `days` are weekdays (Monday is 0) of the day on which a run ends.

    A run carries what was created before its `cut`, which is when it begins where none is written. `zone` is None where
    each client's own counts. On a holiday of the country `holidays` (like DE or DE-BY) no run ends. `at_least` is how
    many records a run carries for a client if all is well, None where earlier runs tell.
    """

    begins: time
    finished_by: time
    cut: time | None = None
    days: frozenset[int] = EVERY
    zone: str | None = None
    holidays: str | None = None
    at_least: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run in a zone: what was created before `cut` is to be there by `due`."""

    cut: datetime
    begins: datetime
    due: datetime
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Windowed:
    """The limit of a client's records on a batch flow: the ends of its runs in a zone."""

    batch: Batch
    zone: str


Limit = timedelta | Windowed
"""How long a record may take: a length from its creation, or until the end of the run that is to carry it."""


def due(limit: Limit, created: datetime) -> datetime:
    """Return the instant by which a record is to have arrived."""
    return created + limit if isinstance(limit, timedelta) else run_of(limit, created).due


def run_of(limit: Windowed, created: datetime) -> Run:
    """Return the run that is to carry a record: the first whose cut comes after its creation."""
    # Cuts are at whole minutes, in every zone: what was created within one minute belongs to one run.
    return _run_of(limit, created.replace(second=0, microsecond=0))


@lru_cache(maxsize=65536)
def _run_of(limit: Windowed, minute: datetime) -> Run:
    return next(run for run in _runs(limit, _day(limit, minute), DAY) if run.cut > minute)


@lru_cache(maxsize=4096)
def _next_run(limit: Windowed, minute: datetime) -> Run:
    return next(run for run in _runs(limit, _day(limit, minute), DAY) if run.due > minute)


def next_run(limit: Windowed, now: datetime) -> Run:
    """Return the run that is under way or comes next: the first that is not over."""
    return _next_run(limit, now.replace(second=0, microsecond=0))


def last_run(limit: Windowed, now: datetime) -> Run:
    """Return the last run that is to be over."""
    return _last_run(limit, now.replace(second=0, microsecond=0))


@lru_cache(maxsize=4096)
def _last_run(limit: Windowed, minute: datetime) -> Run:
    return next(run for run in _runs(limit, _day(limit, minute), -DAY) if run.due <= minute)


def on_business(batch: Batch, day: date) -> bool:
    """Return whether a run ends on a day."""
    return day.weekday() in batch.days and not (batch.holidays and is_holiday(batch.holidays, day))


def _day(limit: Windowed, instant: datetime) -> date:
    return Instant(instant).to_tz(limit.zone).to_stdlib().date()


def _runs(limit: Windowed, first: date, step: timedelta) -> Iterator[Run]:
    """Yield the runs that end on a day and on those that follow it, or that come before it."""
    batch = limit.batch
    days = (first + number * step for number in count())
    for day in (day for day in days if on_business(batch, day)):
        begun = day if batch.begins < batch.finished_by else day - DAY
        closed = begun if batch.cut is None or batch.cut <= batch.begins else begun - DAY
        begins = _instant(begun, batch.begins, limit.zone)
        yield Run(
            cut=_instant(closed, batch.begins if batch.cut is None else batch.cut, limit.zone),
            begins=begins,
            # A beginning in a skipped hour may come after an end behind it.
            due=max(begins, _instant(day, batch.finished_by, limit.zone)),
            zone=limit.zone,
        )


def _instant(day: date, wall: time, zone: str) -> datetime:
    """The instant of a wall time: in a skipped hour as much later as it is long, in a repeated hour the first."""
    local = Date(day).at(Time(wall)).assume_tz(zone, disambiguation="compatible")
    return local.to_stdlib().astimezone(UTC)
