"""How a reader wants to be told, and how long before a maintenance a tier is: hours, digests, lead times as values.

Times of day stand on the reader's own clock. What follows from them for a message is for the room above.
"""

from dataclasses import dataclass
from datetime import time, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From one time of day to another, at or before which it ends on the next day."""

    begins: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Notices are gathered into one message: once so often, or once a day `at` a time of day. One of both is set."""

    every: timedelta | None = None
    at: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceNotice:
    """How long before it begins a maintenance is announced, and how long before somebody is reminded of it.

    Where `remind` is None nobody is.
    """

    lead: timedelta
    remind: timedelta | None = None
