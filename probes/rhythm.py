"""How busy a client's week is: how many records of it to expect in an hour, and when fewer are no accident.

A baseline keeps up to eight weeks of counts for each of the 168 hours of a week, in the client's own zone, so that
nights, weekends and changes of the clock explain themselves. The hour under test is never part of what it is tested
against. Arithmetic only: what counts as a record, and who is told, is for the room above.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import exp, log, sqrt
from statistics import median, median_high

from whenever import Instant

HOURS = 168
WEEKS = 8
FEWEST_WEEKS = 3
"""Weeks that an hour must have been seen in before it says what to expect; the median of two is either's accident."""

UNKNOWN = 0xFFFF
MOST = UNKNOWN - 1
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CHANCE = 1e-4
"""What is less likely than this in one hour is no accident."""

LOW = -4.0
"""So many scales below the median, two hours in a row, is a drop (robust z; MAD scaled to a standard deviation)."""

MAD_SCALE = 1.4826
SMALL = 16
"""Below this median the exact Poisson probability says more than a distance from the median."""


def hour_of(at: datetime) -> int:
    """Return the number since 1970 of the hour that an instant falls into."""
    return (at - EPOCH) // HOUR


def begin_of(hour: int) -> datetime:
    """Return the instant at which a numbered hour begins."""
    return EPOCH + hour * HOUR


@lru_cache(maxsize=16384)
def place_of(hour: int, zone: str) -> int:
    """Return which hour of the week, from Monday at midnight on, a numbered hour begins in by the clock of a zone."""
    there = Instant(begin_of(hour)).to_tz(zone).to_stdlib()
    return there.weekday() * 24 + there.hour


COUNTS = struct.Struct(f"<{WEEKS}H")
NOTHING = COUNTS.pack(*[UNKNOWN] * WEEKS) * HOURS


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What is known of a client's weeks: for each hour of the week the counts of the last weeks, the latest first.

    `until` is the first numbered hour that is not in it yet. `low` counts the hours in a row, up to that one, that were
    too low to be chance. `a_week` and `spread` are what the functions of these names last said of it. Counts are
    sixteen-bit numbers, the lower byte first, `UNKNOWN` where nothing is known.
    """

    until: int
    counts: bytes = field(default=NOTHING, repr=False)
    low: int = 0
    a_week: float = 0.0
    spread: float = 1.0

    def weeks(self, place: int) -> tuple[int, ...]:
        """Return the known counts of one hour of the week, the latest first."""
        return tuple(count for count in COUNTS.unpack_from(self.counts, place * COUNTS.size) if count != UNKNOWN)

    def expected(self, place: int) -> float:
        """Return how many records an hour of the week brings on average; 0 while too few weeks are known."""
        known = self.weeks(place)
        return sum(known) / len(known) if len(known) >= FEWEST_WEEKS else 0.0


def learned(baseline: Baseline, hour: int, zone: str, count: int | None) -> Baseline:
    """Return the baseline with one more hour; None for one that is no example, such as one of an incident."""
    if count is None:
        return replace(baseline, until=hour + 1)
    first = place_of(hour, zone) * COUNTS.size
    before, held, after = _cut(baseline.counts, first)
    latest = COUNTS.pack(min(count, MOST), *COUNTS.unpack(held)[:-1])
    return replace(baseline, until=hour + 1, counts=before + latest + after)


def _cut(counts: bytes, first: int) -> tuple[bytes, bytes, bytes]:
    return counts[:first], counts[first : first + COUNTS.size], counts[first + COUNTS.size :]


def too_low(count: int, weeks: tuple[int, ...]) -> bool:
    """Return whether an hour's count is too low to be chance beside the same hour of other weeks.

    A robust z below -4: the median as centre, 1.4826 x MAD as scale, which is at least the square root of the median (a
    count's own spread) and at least 1. Where the median is small, P(X <= count) < 1e-4 under a Poisson law instead.
    """
    if len(weeks) < FEWEST_WEEKS:
        return False
    centre = median(weeks)
    if centre < SMALL:
        return at_most(count, sum(weeks) / len(weeks)) < CHANCE
    spread = MAD_SCALE * median(abs(week - centre) for week in weeks)
    return (count - centre) / max(spread, sqrt(centre), 1.0) < LOW


def at_most(count: int, mean: float) -> float:
    """Return the probability of at most so many events where a mean is expected, by Poisson's law."""
    term = total = exp(-mean)
    for number in range(1, count + 1):
        term *= mean / number
        total += term
    return total


def spread(baseline: Baseline) -> float:
    """Return how much burstier than chance a client's hours are: the variance over the mean, at least 1.

    The middle one of the hours of the week that are known and not quiet, from the MAD, so that a few odd weeks do not
    count.
    """
    ratios = []
    for place in range(HOURS):
        known = baseline.weeks(place)
        centre = median(known) if len(known) >= FEWEST_WEEKS else 0
        if centre >= 1:
            ratios.append((MAD_SCALE * median(abs(week - centre) for week in known)) ** 2 / centre)
    return max(1.0, median_high(ratios)) if ratios else 1.0


def missed(baseline: Baseline, zone: str, last: datetime, now: datetime) -> float:
    """Return how many records should have come between the last one and now: the integral of the expected rate.

    Whole weeks bring what a week brings, so that a client who has been silent for months costs no more than others.
    """
    weeks = max(0, (now - last) // WEEK)
    last += weeks * WEEK
    return weeks * a_week(baseline) + sum(
        baseline.expected(place_of(hour, zone)) * (until - since) / HOUR for hour, since, until in _hours(last, now)
    )


def _hours(since: datetime, until: datetime) -> Iterator[tuple[int, datetime, datetime]]:
    for hour in range(hour_of(since), hour_of(until) + 1):
        begin = begin_of(hour)
        yield hour, max(begin, since), min(begin + HOUR, until)


def a_week(baseline: Baseline) -> float:
    """Return how many records a whole week brings."""
    return sum(baseline.expected(place) for place in range(HOURS))


def silence_limit(a_week: float, false_a_week: float) -> float:
    """Return how many missed records are no accident, where all clients together bring so many in a week.

    After each record, the gap to the next passes x expected records with probability exp(-x) by chance: with N records
    a week, N exp(-x) false alarms are expected, which is the budget at x = ln(N / budget). At least 9.2, the gap of one
    in 10,000.
    """
    return max(-log(CHANCE), log(max(a_week, 1.0) / false_a_week))


def final(counts: Mapping[int, int], baseline: Baseline, covered: datetime) -> Iterator[tuple[int, int]]:
    """Yield the hours that are over by what was read whole and are not in the baseline yet, each with its count."""
    for hour in range(baseline.until, hour_of(covered)):
        yield hour, counts.get(hour, 0)
