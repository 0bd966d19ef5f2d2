"""How far a vendor's clock is off ours, by the dates of its answers, and within what bound that is known.

Pure arithmetic. A `Date` header is cut to whole seconds and was written at some moment between our sending and its
coming back: half a second, and half the round trip, is what nobody can know.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

HALF_A_SECOND = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """A vendor's clock minus ours, give or take `bound`."""

    offset: timedelta
    bound: timedelta

    @property
    def least(self) -> timedelta:
        """How far it is off for certain, 0 where it may be right."""
        return max(timedelta(), abs(self.offset) - self.bound)


def skew_of(clock_offset: timedelta | None, sent: datetime, answered: datetime) -> Skew | None:
    """Return the skew by an answer's date less the instant at which it came; None where it had no date.

    Its date stands for the middle of its second, and is held against the middle between sending and coming back.
    """
    if clock_offset is None:
        return None
    half = max(timedelta(), answered - sent) / 2
    return Skew(offset=clock_offset + HALF_A_SECOND + half, bound=half + HALF_A_SECOND)


def tells_more(known: Skew | None, now: Skew | None) -> bool:
    """Return whether a skew says something else than the one that is known: it contradicts it, or is much sharper."""
    if now is None:
        return False
    if known is None:
        return True
    return abs(now.offset - known.offset) > now.bound + known.bound or now.bound < known.bound / 2
