"""What the owner knows to be weaker than promised, and has taken upon himself until a day: said, not forgotten."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Who accepts a finding, why, and until the end of which day (in UTC)."""

    reason: str
    by: str
    until: date

    def holds(self, now: datetime) -> bool:
        """Return whether it has not ended."""
        return now.date() <= self.until

    def __str__(self) -> str:
        """Return `accepted by ana until 2027-01-31: why`."""
        return f"accepted by {self.by} until {self.until}: {self.reason}"
