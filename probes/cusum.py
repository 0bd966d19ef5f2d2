"""Failures in a row, and a Bernoulli CUSUM beside them: how many looks each takes to alarm, exactly.

The CUSUM is that of Reynolds and Stoumbos (1999, doi 10.1080/00224065.1999.11979900) in its integer form: its level
rises by `STEP` on a failure, falls by 1 on a success and never below 0, and alarms at `level`. A total outage is found
by the failures in a row, a part that fails by the CUSUM, many times sooner than by any row. Both together make no more
false alarms than a budget for all checks allows. What follows from an alarm is for the rules of the room above.
"""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from math import inf

CHANCE_FAILURES = 0.01
"""The share of looks that may fail by chance, one as likely as the other, without anything being wrong."""

STEP = 14
"""ln(p1/p0) / ln((1-p0)/(1-p1)) for 1 % against 20 %: so many successes weigh as much as one failure."""

SHORTEST_ROW = 3
LEAST_RUN = 500_000.0
"""However few looks are made, a false alarm is at least so many looks away: patience costs little there."""

ROWS_PART = 0.8
"""The part of the budget that failures in a row may use up at the most; the rest is the CUSUM's."""

CONFIRMING = 0.05
"""The most by which confirming looks add to the looks that are planned, at chance failures."""

WEEK = timedelta(days=7)
HIGHEST = 1_000


def row_length(failing: float, row: int) -> float:
    """Return the expected number of looks until so many failures in a row, where looks fail at a rate above 0."""
    if failing >= 1:
        return float(row)
    often = failing**row
    return (1 - often) / ((1 - failing) * often)


@lru_cache(maxsize=4096)
def run_length(failing: float, level: int, step: int = STEP) -> float:
    """Return the expected number of looks until a CUSUM alarms from 0, where looks fail at a rate above 0.

    The exact mean of its Markov chain. From the top down, the looks left at a level are a + b times those left one
    below, because it only falls by one at a time; sums of positive terms only, so that nothing cancels out.
    """
    above: deque[tuple[float, float]] = deque(maxlen=step)
    for _ in range(level - 1):
        constant, lost = _climbed(above, step)
        rest = 1 - failing * (1 - lost)
        above.appendleft(((1 + failing * constant) / rest, failing * lost / rest))
    constant, lost = _climbed(above, step)
    return (1 + failing * constant) / (failing * lost) if failing * lost > 0 else inf


def _climbed(above: deque[tuple[float, float]], step: int) -> tuple[float, float]:
    """Of the looks left a step higher: the constant, and what is lost of those left here, 1 beyond the alarm."""
    if len(above) < step:
        return 0.0, 1.0
    constant, lost = 0.0, 0.0
    for more, loss in above:
        # Composed from the lowest level up: what is left there stands for what is left here.
        constant, lost = more + (1 - loss) * constant, lost + (1 - lost) * loss
    return constant, lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """When looks at one system alarm: at so many failures in a row, or at this level of the CUSUM.

    `length` is the expected number of looks until a false alarm by either.
    """

    row: int = SHORTEST_ROW
    level: int = 53
    length: float = LEAST_RUN


@lru_cache(maxsize=64)
def thresholds(looks: float, false_alarms: float) -> Thresholds:
    """Return the thresholds at which so many looks give no more than so many false alarms at chance failures.

    Each look may alarm falsely with the probability `false_alarms / looks`. The row is as short as the budget bears,
    and the CUSUM has what the row leaves of it; the two together alarm at most as often as their sum.
    """
    length = max(LEAST_RUN, looks * (1 + CONFIRMING) / false_alarms)
    row = SHORTEST_ROW
    while row_length(CHANCE_FAILURES, row) * ROWS_PART < length:
        row += 1
    left = 1 / (1 / length - 1 / row_length(CHANCE_FAILURES, row))
    low, high = 1, HIGHEST
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if run_length(CHANCE_FAILURES, middle) >= left else (middle + 1, high)
    return Thresholds(row=row, level=low, length=length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cusum:
    """What looks have added up to: two integers that decide, and what explains them.

    `good` and `bad` are the looks since the level last left 0, at `first_bad`, the most likely onset of what fails in
    part; `good_before` is the good look before it, `last_good` the latest of all. `row_since` is the first of the
    failures in a row. While an alarm is `held`, looks are counted on until it is over, however low the level is.
    """

    level: int = 0
    row: int = 0
    good: int = 0
    bad: int = 0
    last_good: datetime | None = None
    good_before: datetime | None = None
    first_bad: datetime | None = None
    row_since: datetime | None = None
    held: bool = False

    def alarmed(self, limits: Thresholds) -> bool:
        """Whether the look just counted failed, and such failures are no accident."""
        return self.row > 0 and (self.row >= limits.row or self.level >= limits.level)


def looked(before: Cusum, *, bad: bool, confirming: bool, at: datetime) -> Cusum:
    """Return what looks add up to after one more.

    A confirming look counts for the row alone. A burst looks several times at what may be one short disturbance: its
    looks do not fail independently of each other, so all of it is one look to the CUSUM, the one that called for it.
    """
    planned = 0 if confirming else 1
    if bad:
        begun = before.first_bad is not None
        return replace(
            before,
            level=before.level + STEP * planned,
            row=before.row + 1,
            bad=before.bad + 1,
            first_bad=before.first_bad if begun else at,
            good_before=before.good_before if begun else before.last_good,
            row_since=before.row_since or at,
        )
    level = max(0, before.level - planned)
    if level == 0 and not before.held:
        return Cusum(last_good=at)
    return replace(before, level=level, row=0, row_since=None, good=before.good + 1, last_good=at)
