"""What a contract promises of our conduct in an incident: how soon what is done, and in which hours that counts.

What came of a promise is for `sla` in the room above.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from probes.hours import ALWAYS, Calendar


class ClockStart(StrEnum):
    """From when the first-notice and repair timers run."""

    OPENING = "opening"
    ONSET = "onset"


class Tell(StrEnum):
    """How the people of an incident learn that a promise is about to break."""

    NOBODY = "nobody"
    MESSAGE = "message"
    PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningLevel:
    """Once this `share` (0 to 1) of a promise's time has passed, it is recorded, and people are told so."""

    share: float
    tell: Tell


WARNINGS = (
    WarningLevel(share=0.5, tell=Tell.NOBODY),
    WarningLevel(share=0.75, tell=Tell.MESSAGE),
    WarningLevel(share=0.9, tell=Tell.MESSAGE),
    WarningLevel(share=1.0, tell=Tell.PAGE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """What is promised of our conduct in an incident; None where nothing is.

    Promises count in `hours`, whose name is `calendar`; those named in `own` (by the name of their field here) in one
    of their own. With `exclude_vendor`, mitigation and repair do not count while a vendor is the cause.
    """

    acknowledge: timedelta | None = None
    first_notice: timedelta | None = None
    update_every: timedelta | None = None
    repair: timedelta | None = None
    starts: ClockStart = ClockStart.OPENING
    calendar: str = "always"
    detect: timedelta | None = None
    mitigate: timedelta | None = None
    hours: Calendar = ALWAYS
    own: tuple[tuple[str, Calendar], ...] = ()
    warnings: tuple[WarningLevel, ...] = WARNINGS
    exclude_vendor: bool = False

    def hours_of(self, promise: str) -> Calendar:
        """Return the calendar in which a promise counts."""
        return next((calendar for name, calendar in self.own if name == promise), self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorPromise:
    """What a vendor promises of its own system; None where it promises nothing.

    `availability` is a share (0 to 1), `response` how soon it answers a report, `repair` how soon it mends a fault.
    """

    availability: float | None = None
    response: timedelta | None = None
    repair: timedelta | None = None
