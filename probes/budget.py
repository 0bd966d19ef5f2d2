"""API quotas as values: what may be asked of a vendor, and when (GCRA over several windows at once).

Pure arithmetic on instants. Who waits, and what happens to a look that may not be taken, is decided elsewhere.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most `limit` requests per `period`; `burst` of them may come at once (None: all of them)."""

    limit: int
    period: timedelta
    burst: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """A system's limits. We take at most `share` of each, and keep `reserve` of that share to confirm a suspicion."""

    windows: tuple[Window, ...] = ()
    share: float = 1.0
    reserve: float = 0.2
