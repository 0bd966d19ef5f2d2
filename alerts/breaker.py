"""A circuit breaker as a value: whether an endpoint is worth trying, by how the last attempts there ended.

`closed` while it works. After five failures in a row it is `open` and nothing is tried; when its time is over it is
`half open`: one attempt finds out, and closes it or opens it again for twice as long. What counts as a failure of the
endpoint, rather than of one message, stands in `reason`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.reason import UNWELL, WELL, ReasonClass

FAILURES = 5
"""So many in a row open it."""

FIRST_OPEN = timedelta(seconds=15)
LONGEST_OPEN = timedelta(minutes=5)


class Circuit(StrEnum):
    """Whether an endpoint may be tried."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """What is known of one endpoint: failures in a row, how often it opened since it last worked, and until when."""

    failures: int = 0
    openings: int = 0
    until: datetime | None = None

    def circuit(self, now: datetime) -> Circuit:
        """Return where it stands at an instant."""
        if self.until is None:
            return Circuit.CLOSED
        return Circuit.OPEN if now < self.until else Circuit.HALF_OPEN

    def after(self, why: ReasonClass, now: datetime) -> "Breaker":
        """Return what it is after an attempt that ended at an instant."""
        if why in WELL:
            return Breaker()
        if why not in UNWELL:
            return self
        failures = self.failures + 1
        if failures < FAILURES or self.circuit(now) is Circuit.OPEN:
            # What was under way when it opened says nothing new.
            return replace(self, failures=failures)
        span = min(LONGEST_OPEN, FIRST_OPEN * 2.0 ** min(self.openings, 10))
        return Breaker(failures=failures, openings=self.openings + 1, until=now + span)
