"""API quotas as values: what may be asked of a vendor, and when (GCRA over several windows at once).

Pure arithmetic on instants. Who waits, and what happens to a look that may not be taken, is decided elsewhere; reading
a vendor's headers into :class:`QuotaNews` is `headers`' work, and what follows from the news is `feedback`'s.

The formulas are those of the generic cell rate algorithm (ITU-T I.371) in its virtual-scheduling form: with emission
interval T and tolerance tau = burst * T, a request of cost q is granted when max(now, TAT) + q*T - tau <= now.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import repeat

NEVER = timedelta.max
"""The wait for a request that costs more than a window ever grants at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A vendor's limit on requests.

    Without `burst`: never more than `limit` requests within any `period`. With `burst`: `limit` per `period` in the
    long run, and up to `burst` at once after a quiet time, as vendors with a token bucket state it.
    Raises ValueError for a limit, period or burst that would never let a request through.
    """

    limit: int
    period: timedelta
    burst: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be a limit."""
        if self.limit < 1 or self.period <= timedelta() or (self.burst is not None and self.burst < 1):
            raise ValueError(f"a quota window needs a limit, period and burst above zero, not {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """A system's limits. We take at most `share` of each, and keep `reserve` of that share to confirm a suspicion.

    Raises ValueError unless 0 < share <= 1 and 0 <= reserve < 1.
    """

    windows: tuple[Window, ...] = ()
    share: float = 1.0
    reserve: float = 0.2

    def __post_init__(self) -> None:
        """Refuse fractions that are none."""
        if not (0 < self.share <= 1 and 0 <= self.reserve < 1):
            raise ValueError(f"a quota needs a share above 0 up to 1 and a reserve from 0 to below 1, not {self}")


UNKNOWN = Quota(windows=(Window(limit=1, period=timedelta(seconds=1), burst=10),))
"""What is used where nobody knows the vendor's limit: modest, for the vendor's own clients need it more than we do."""


class Purpose(StrEnum):
    """What a request is for: only a confirming one may use the reserve."""

    ROUTINE = "routine"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What an answer said of one of the vendor's limits; None where it said nothing. The instant is on our clock.

    `concurrent` says that it is one on requests in flight, which has no period.
    """

    limit: int | None = None
    remaining: int | None = None
    reset: datetime | None = None
    period: timedelta | None = None
    concurrent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaNews:
    """What an answer said about the vendor's limits, and until when nothing may be asked, on our clock.

    `unread` counts rate-limit headers that were present but could not be parsed: they are ignored, and counted.
    """

    allowances: tuple[Allowance, ...] = ()
    not_before: datetime | None = None
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Each window's theoretical arrival time (None: untouched), and until when nothing may be asked. It is storable."""

    tats: tuple[datetime | None, ...] = ()
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The answer to "may I ask?": if not, `wait` says how long until the same request would be granted."""

    granted: bool
    wait: timedelta
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One window as GCRA sees it: the emission interval T, and how many requests may come at once."""

    interval: timedelta
    burst: int

    @property
    def tolerance(self) -> timedelta:
        """The tolerance tau = burst * T."""
        return self.burst * self.interval


def paces(quota: Quota) -> tuple[Pace, ...]:
    """Return our share of each window as a pace; for a quota without windows, that of :data:`UNKNOWN`."""
    known = quota if quota.windows else UNKNOWN
    return tuple(_bucket(w, known.share) if w.burst else _strict(w, known.share) for w in known.windows)


def _strict(window: Window, share: float) -> Pace:
    """Split a limit L into burst b and rate so that no period P ever sees more than L.

    GCRA grants n requests within a half-open period P only if n*T - tau < P, that is n < P/T + b. With
    T = P / (L + 1 - b) the right side is L + 1, so n <= L. Half of the limit may come at once.
    """
    usable = window.limit * share
    limit = max(1, math.floor(usable + 1e-9))
    period = window.period if usable >= 1 else _divided(window.period, usable)
    burst = (limit + 1) // 2
    return Pace(interval=_divided(period, limit + 1 - burst), burst=burst)


def _bucket(window: Window, share: float) -> Pace:
    """A token bucket as it is stated: T = P / L, with at most L + b - 1 requests in any period."""
    burst = max(1, math.floor((window.burst or 1) * share + 1e-9))
    return Pace(interval=_divided(window.period, window.limit * share), burst=burst)


def _divided(period: timedelta, by: float) -> timedelta:
    """Divide upwards to the microsecond: an interval a little too long is safe, one too short is not."""
    return timedelta(microseconds=math.ceil(period / timedelta(microseconds=1) / by))


def rate(quota: Quota) -> float:
    """Return how many routine requests per second the tightest window sustains, the reserve left alone."""
    return (1 - quota.reserve) / max(pace.interval.total_seconds() for pace in paces(quota))


def take(quota: Quota, balance: Balance, purpose: Purpose, cost: int, now: datetime) -> Grant:
    """Grant a request of `cost` only if every window allows it; a refusal takes nothing from any of them.

    A cost of 0 peeks. The wait is the longest of all windows' waits, :data:`NEVER` when the cost exceeds a burst.
    """
    asked = tuple(zip(paces(quota), tats_of(quota, balance), strict=True))
    wait = max(_wait(pace, tat, cost, _kept(pace, quota, purpose), now) for pace, tat in asked)
    if balance.not_before is not None:
        wait = max(wait, balance.not_before - now)
    if wait > timedelta():
        return Grant(granted=False, wait=wait, balance=balance)
    tats = tuple(_arrival(pace, tat, now) + cost * pace.interval for pace, tat in asked)
    return Grant(granted=True, wait=timedelta(), balance=Balance(tats=tats))


def tats_of(quota: Quota, balance: Balance) -> tuple[datetime | None, ...]:
    """Return the balance's arrival times, or untouched ones when the windows are not those that it was made for."""
    expected = len(quota.windows) or len(UNKNOWN.windows)
    return balance.tats if len(balance.tats) == expected else tuple(repeat(None, expected))


def _kept(pace: Pace, quota: Quota, purpose: Purpose) -> int:
    """How many requests of a burst must be left untouched; a routine request is never shut out altogether."""
    return 0 if purpose is Purpose.CONFIRM else min(pace.burst - 1, math.ceil(pace.burst * quota.reserve - 1e-9))


def _wait(pace: Pace, tat: datetime | None, cost: int, kept: int, now: datetime) -> timedelta:
    if cost > pace.burst - kept:
        return NEVER
    allowed_at = _arrival(pace, tat, now) + (cost + kept) * pace.interval - pace.tolerance
    return max(timedelta(), allowed_at - now) if cost else timedelta()


def _arrival(pace: Pace, tat: datetime | None, now: datetime) -> datetime:
    """No request makes an arrival time later than the tolerance from now; one that is comes of a clock put back."""
    return min(max(now, tat or now), now + pace.tolerance)


def remaining(quota: Quota, balance: Balance, now: datetime) -> tuple[int, ...]:
    """Return per window how many requests could be made at once, the reserve included; zeros while we are banned."""
    asked = zip(paces(quota), tats_of(quota, balance), strict=True)
    banned = balance.not_before is not None and now < balance.not_before
    return tuple(0 if banned else max(0, (pace.tolerance - _debt(tat, now)) // pace.interval) for pace, tat in asked)


def _debt(tat: datetime | None, now: datetime) -> timedelta:
    return max(timedelta(), (tat or now) - now)
