"""Sequential tests: when failures are no accident, when they have ended, and when they began.

Pure arithmetic on a few numbers per indicator, so that a restart goes on where it stopped. What follows from an alarm
is for the rules of the room above.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from math import exp, log

FALSE_ALARM = 1e-5
"""Of a sequential test: at 1 % chance failures a look in 600,000 alarms falsely, and three in a row still alarm."""

FALSE_CLEAR = 1e-2
CHANCE = 1e-4
"""What is less likely than this is no accident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """The two worlds that a test tells apart: failures at rate `healthy` against failures at rate `sick` (0 to 1).

    Steps and thresholds are those of Wald's sequential probability ratio test with errors `FALSE_ALARM` and
    `FALSE_CLEAR`: at 1 % against 50 %, three failures in a row alarm and seven successes in a row clear.
    """

    healthy: float = 0.01
    sick: float = 0.5

    @property
    def on_bad(self) -> float:
        """The log-likelihood ratio of one failure, positive."""
        return log(self.sick / self.healthy)

    @property
    def on_good(self) -> float:
        """The log-likelihood ratio of one success, negative."""
        return log((1 - self.sick) / (1 - self.healthy))

    @property
    def alarm(self) -> float:
        """The level at which failures are no accident."""
        return log((1 - FALSE_CLEAR) / FALSE_ALARM)

    @property
    def clear(self) -> float:
        """The level, negative, at which successes show that it is over."""
        return log(FALSE_CLEAR / (1 - FALSE_ALARM))


LARGEST_SHARE = 0.75
"""A share of failures is never taken to be more: even after an outage of everything seven successes must follow."""


def over_with(good: int, bad: int, successes: int) -> bool:
    """Return whether the latest successes in a row, of (good, bad) in a window, show that its failures have ended.

    With failures at the share that they had before those successes, so many in a row would be less likely than 1e-4:
    seven after an outage of everything, fourteen where half had failed, 88 where a tenth had.
    """
    before = max(bad, good + bad - successes)
    share = min(LARGEST_SHARE, bad / before) if before else LARGEST_SHARE
    return (1 - share) ** successes < CHANCE


def suspect_for(allowed: float) -> Suspect:
    """Return the test for an allowed failure ratio: against one half, or midway to one where that much is allowed."""
    healthy = min(max(allowed, 1e-4), 0.9)
    return Suspect(healthy=healthy, sick=max(0.5, (1 + healthy) / 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the distinct looks so far say.

    `suspicion` rises to the alarm (a CUSUM: never below 0), `calm` falls to the clearing level (never above 0).
    `first_bad` is where suspicion last left 0: the most likely onset. `good_since` is the first success after the last
    failure: the instant of recovery if it holds, `successes` how many there were since then.
    """

    suspicion: float = 0.0
    calm: float = 0.0
    first_bad: datetime | None = None
    last_bad: datetime | None = None
    good_since: datetime | None = None
    successes: int = 0

    def alarmed(self, test: Suspect) -> bool:
        """Whether the failures are no accident."""
        return self.suspicion >= test.alarm

    def cleared(self, test: Suspect) -> bool:
        """Whether the successes show that it is over."""
        return self.calm <= test.clear

    def settled(self, test: Suspect) -> bool:
        """Whether one more success would change nothing but their number."""
        return self.suspicion <= 0 and self.first_bad is None and self.calm <= 2 * test.clear


def weighed(evidence: Evidence, test: Suspect, *, bad: bool, at: datetime) -> Evidence:
    """Return the evidence after one more distinct look or record at an instant of the data."""
    if bad:
        return Evidence(
            suspicion=min(2 * test.alarm, evidence.suspicion + test.on_bad),
            calm=min(0.0, evidence.calm + test.on_bad),
            first_bad=evidence.first_bad or at,
            last_bad=at,
        )
    suspicion = max(0.0, evidence.suspicion + test.on_good)
    return replace(
        evidence,
        suspicion=suspicion,
        calm=max(2 * test.clear, evidence.calm + test.on_good),
        first_bad=evidence.first_bad if suspicion > 0 else None,
        good_since=evidence.good_since or at,
        successes=evidence.successes + 1,
    )


def rearmed(evidence: Evidence) -> Evidence:
    """Return the evidence at the start of an alarm: what was calm before it does not count towards its end."""
    return replace(evidence, calm=0.0)


@lru_cache(maxsize=65536)
def no_accident(total: int, allowed: float) -> int:
    """Return how many failures among `total` are too many to be chance at the allowed ratio.

    The smallest k with P(Binomial(total, allowed) >= k) < 1e-4, so that a strict objective that is looked at seldom is
    not missed on one failed look. It may be more than `total`: so few say nothing.
    """
    if not 0 < allowed < 1:
        return 1 if allowed <= 0 else total + 1
    # Logarithms, because the coefficients for a busy client are beyond any float.
    odds, term, tail = log(allowed / (1 - allowed)), total * log(1 - allowed), 1.0
    for k in range(total + 1):
        if tail < CHANCE:
            return k
        tail -= exp(term)
        term += log((total - k) / (k + 1)) + odds if k < total else 0.0
    return total + 1
