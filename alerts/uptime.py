"""The days of a service: how our looks ended in each day of a reader's zone, from the counts by the hour.

Numerators and denominators are kept and added up; no share is ever an average of shares. Days begin and end at midnight
of the zone, also where clocks change; an hour of the counts belongs to the day in which it begins.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from whenever import Date, Instant, Time

from alerts.calendar import Interval, total
from alerts.client_view import Day
from probes.catalog import SystemId

DAYS = 90

METHOD = (
    "Our monitoring looks at each part of a service at planned intervals. A look is good or bad; all count the same.",
    "The share of a day is its good looks divided by its good and bad looks.",
    "Of the parts that a service needs, the one with the lowest share on that day counts; its raw numbers are shown.",
    "Looks in agreed maintenance are excluded, and looks that could not tell are unknown: neither is in the share.",
    "The share of several days adds up their good looks and their bad looks; it is never an average of shares.",
    "A day is shown as disturbed where an incident affected you or its share is below 99.9 %, as failing below 95 %.",
    "Days begin at midnight of the time zone that is shown. An hour belongs to the day in which it begins.",
    "Days without data are shown as such, and count for nothing.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HourCount:
    """How looks of one system in one hour ended.

    Those that are kept out of the promises are counted apart, and in no other number.
    """

    system: SystemId
    hour: datetime
    good: int = 0
    bad: int = 0
    unknown: int = 0
    excluded_good: int = 0
    excluded_bad: int = 0


def day_of(at: datetime, zone: str) -> date:
    """Return the day of a zone that an instant lies in."""
    return Instant(at).to_tz(zone).to_stdlib().date()


def midnight(day: date, zone: str) -> datetime:
    """Return the instant at which a day of a zone begins."""
    return Date(day.isoformat()).at(Time()).assume_tz(zone, disambiguation="compatible").to_instant().to_stdlib()


def span_of(day: date, zone: str) -> Interval:
    """Return a day of a zone as an interval: of 23 or 25 hours where clocks change in it."""
    return Interval(start=midnight(day, zone), end=midnight(day + timedelta(days=1), zone))


def last_days(now: datetime, zone: str, days: int = DAYS) -> tuple[date, ...]:
    """Return the days of a zone up to the one that an instant lies in, the oldest first."""
    today = day_of(now, zone)
    return tuple(today - timedelta(days=back) for back in reversed(range(days)))


Counts = dict[date, dict[SystemId, Day]]


def by_day(hours: Iterable[HourCount], zone: str) -> Counts:
    """Return what was counted of each system in each day of a zone."""
    known: dict[datetime, date] = {}
    found: Counts = defaultdict(dict)
    for one in hours:
        day = known.get(one.hour) or known.setdefault(one.hour, day_of(one.hour, zone))
        before = found[day].get(one.system)
        found[day][one.system] = _added(before or Day(day=day), one)
    return found


def _added(day: Day, more: HourCount) -> Day:
    return Day(
        day=day.day,
        good=day.good + more.good,
        bad=day.bad + more.bad,
        unknown=day.unknown + more.unknown,
        excluded_good=day.excluded_good + more.excluded_good,
        excluded_bad=day.excluded_bad + more.excluded_bad,
    )


def days_of(
    counts: Counts, systems: Collection[SystemId], disturbed: Sequence[Interval], wanted: Iterable[date], zone: str
) -> Iterator[Day]:
    """Yield the wanted days of a service that needs some systems and was disturbed in some intervals."""
    for day in wanted:
        known = [one for system, one in sorted(counts.get(day, {}).items()) if system in systems]
        worst = min(known, key=_worth, default=Day(day=day))
        yield _with(worst, _within(disturbed, span_of(day, zone)) if disturbed else timedelta())


def _worth(day: Day) -> tuple[bool, float, int]:
    """What sorts days by how much they say against a service: what counted by its share, then what is unknown."""
    return day.share is None, day.share or 0.0, -day.unknown


def _with(day: Day, disturbed: timedelta) -> Day:
    return Day(
        day=day.day,
        good=day.good,
        bad=day.bad,
        unknown=day.unknown,
        excluded_good=day.excluded_good,
        excluded_bad=day.excluded_bad,
        disturbed=disturbed,
    )


def _within(disturbed: Sequence[Interval], day: Interval) -> timedelta:
    parts = (Interval(start=max(one.start, day.start), end=min(one.end, day.end)) for one in disturbed)
    return total(one for one in parts if one.start < one.end)
