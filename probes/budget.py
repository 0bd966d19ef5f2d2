"""API quotas as values: what may be asked of a vendor, and when (GCRA over several windows at once).

Pure arithmetic on instants. Who waits, and what happens to a look that may not be taken, is decided elsewhere; reading
a vendor's headers into :class:`QuotaNews` is `headers`' work, and what follows from the news is `feedback`'s.

The formulas are those of the generic cell rate algorithm (ITU-T I.371) in its virtual-scheduling form: with emission
interval T and tolerance tau, a request of cost q is granted when max(now, TAT) + q*T - tau <= now.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import repeat

NEVER = timedelta.max
"""The wait for a request that costs more than a window ever grants at once."""

FLIGHT = timedelta(seconds=30)
"""How long a request that got no answer is taken to be in flight at the vendor, who may not know that we gave up."""


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
    """A system's limits: on requests per period, and on requests in flight (`concurrent`, None where there is none).

    We take at most `share` of each and keep `reserve` of that share to confirm a suspicion. The part `production` of
    each limit belongs to the vendor's client: we never touch it, even where our share would allow it.
    Raises ValueError unless 0 < share <= 1, 0 <= reserve < 1, 0 <= production < 1 and concurrent > 0.
    """

    windows: tuple[Window, ...] = ()
    concurrent: int | None = None
    share: float = 1.0
    reserve: float = 0.2
    production: float = 0.0

    def __post_init__(self) -> None:
        """Refuse fractions that are none."""
        if not (0 < self.share <= 1 and 0 <= self.reserve < 1 and 0 <= self.production < 1):
            raise ValueError(
                f"a quota needs a share above 0 up to 1, reserve and production from 0 to below 1, not {self}"
            )
        if self.concurrent is not None and self.concurrent < 1:
            raise ValueError(f"a quota needs at least one request in flight, not {self}")

    @property
    def ours(self) -> float:
        """The part of each limit that we may use."""
        return min(self.share, 1 - self.production)


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
class Told:
    """A limit that the vendor told beside its answers, and its theoretical arrival time."""

    window: Window
    tat: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What was used of a quota, and what its vendor taught us. It is storable.

    `tats` are the theoretical arrival times of the quota's own `windows` (None: untouched), which were configured when
    it was last used and may be others by now. `told` and `concurrent` are what
    the vendor said of its limits, `flights` until when each request without an answer counts as in flight. `speed` is
    the part of our share that we make use of (1: all of it), changed at `slowed` and `hastened`.
    """

    tats: tuple[datetime | None, ...] = ()
    windows: tuple[Window, ...] = ()
    not_before: datetime | None = None
    told: tuple[Told, ...] = ()
    concurrent: int | None = None
    flights: tuple[datetime, ...] = ()
    speed: float = 1.0
    slowed: datetime | None = None
    hastened: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The answer to "may I ask?": if not, `wait` says how long until the same request would be granted."""

    granted: bool
    wait: timedelta
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One window as GCRA sees it: the emission interval T, how many requests may come at once, the tolerance tau."""

    interval: timedelta
    burst: int
    tolerance: timedelta


def effective(quota: Quota, balance: Balance) -> Quota:
    """Return the quota with the limits that its vendor told beside its own; :data:`UNKNOWN`'s where nobody knows."""
    if quota.windows and not balance.told and balance.concurrent is None:
        return quota
    windows = (*quota.windows, *(one.window for one in balance.told))
    limits = [limit for limit in (quota.concurrent, balance.concurrent) if limit is not None]
    return replace(quota, windows=windows or UNKNOWN.windows, concurrent=min(limits, default=None))


@lru_cache(maxsize=4096)
def paces(quota: Quota, speed: float = 1.0) -> tuple[Pace, ...]:
    """Return our share of each window as a pace; for a quota without windows, that of :data:`UNKNOWN`.

    A lower speed lengthens T and leaves tau, unless T outgrows it: so whatever the speeds were, never more is granted
    than at full speed.
    """
    windows = quota.windows or UNKNOWN.windows
    return tuple(_paced(*(_bucket(w, quota.ours) if w.burst else _strict(w, quota.ours)), speed) for w in windows)


def _paced(interval: timedelta, burst: int, speed: float) -> Pace:
    slower = _divided(interval, speed)
    tolerance = max(burst * interval, slower)
    return Pace(interval=slower, burst=tolerance // slower, tolerance=tolerance)


def _strict(window: Window, share: float) -> tuple[timedelta, int]:
    """Split a limit L into burst b and rate so that no period P ever sees more than L.

    GCRA grants n requests within a half-open period P only if n*T - tau < P, that is n < P/T + b. With
    T = P / (L + 1 - b) the right side is L + 1, so n <= L. A burst of sqrt(L) leaves nearly all of L to the rate.
    """
    usable = window.limit * share
    limit = max(1, math.floor(usable + 1e-9))
    period = window.period if usable >= 1 else _divided(window.period, usable)
    burst = min(math.isqrt(limit - 1) + 1, (limit + 1) // 2)
    return _divided(period, limit + 1 - burst), burst


def _bucket(window: Window, share: float) -> tuple[timedelta, int]:
    """A token bucket as it is stated: T = P / L, with at most L + b - 1 requests in any period."""
    burst = max(1, math.floor((window.burst or 1) * share + 1e-9))
    return _divided(window.period, window.limit * share), burst


def _divided(period: timedelta, by: float) -> timedelta:
    """Divide upwards to the microsecond: an interval a little too long is safe, one too short is not."""
    return timedelta(microseconds=math.ceil(period / timedelta(microseconds=1) / by))


def rate(quota: Quota, speed: float = 1.0) -> float:
    """Return how many routine requests per second the tightest window sustains, the reserve left alone."""
    return (1 - quota.reserve) / max(pace.interval.total_seconds() for pace in paces(quota, speed))


def take(quota: Quota, balance: Balance, purpose: Purpose, cost: int, now: datetime) -> Grant:
    """Grant a request of `cost` only if every window allows it; a refusal takes nothing from any of them.

    A cost of 0 peeks. The wait is the longest of all windows' waits, :data:`NEVER` when the cost exceeds a burst. A
    granted request is in flight until it is :func:`landed`, or for :data:`FLIGHT`.
    """
    known = effective(quota, balance)
    asked = tuple(zip(paces(known, balance.speed), tats_of(quota, balance), strict=True))
    wait = max(_wait(pace, tat, cost, _kept(pace.burst, quota, purpose), now) for pace, tat in asked)
    wait = max(wait, _crowded(known, balance, purpose, now) if cost else timedelta())
    if balance.not_before is not None:
        wait = max(wait, balance.not_before - now)
    if wait > timedelta():
        return Grant(granted=False, wait=wait, balance=balance)
    tats = tuple(max(now, tat or now) + cost * pace.interval for pace, tat in asked)
    flying = () if known.concurrent is None else (*aloft(balance, now), *repeat(now + FLIGHT, cost))
    taken = replace(with_tats(quota, balance, tats), not_before=None, flights=flying)
    return Grant(granted=True, wait=timedelta(), balance=taken)


def tats_of(quota: Quota, balance: Balance) -> tuple[datetime | None, ...]:
    """Return the arrival times of the effective windows; one that was configured since is untouched.

    A window whose limit or whose share of ours was changed goes on from what was used: were it to begin anew, a reload
    in the middle of a period would grant that period twice.
    """
    return (*_owed(_own(quota, balance), balance), *(one.tat for one in balance.told))


def _own(quota: Quota, balance: Balance) -> tuple[Window, ...]:
    return quota.windows or (() if balance.told else UNKNOWN.windows)


def _owed(windows: tuple[Window, ...], balance: Balance) -> tuple[datetime | None, ...]:
    """The arrival times by period, the first with the first where several windows have one period.

    What an older version stored has no windows: it is taken for ours where there are as many of them.
    """
    known = balance.windows or (windows if len(balance.tats) == len(windows) else ())
    if windows == known and len(balance.tats) == len(windows):
        return balance.tats
    used = list(zip(known, balance.tats, strict=False))
    found: list[datetime | None] = []
    for window in windows:
        before = next((one for one in used if one[0].period == window.period), None)
        found.append(None if before is None else before[1])
        used = [one for one in used if one is not before]
    return tuple(found)


def with_tats(quota: Quota, balance: Balance, tats: tuple[datetime | None, ...]) -> Balance:
    """Return the balance with other arrival times, in the order of :func:`tats_of`."""
    windows = _own(quota, balance)
    told = tuple(replace(one, tat=tat) for one, tat in zip(balance.told, tats[len(windows) :], strict=True))
    return replace(balance, tats=tats[: len(windows)], windows=windows, told=told)


def shifted(balance: Balance, by: timedelta) -> Balance:
    """Return the balance on a clock that was put forward by so much, or put back by a negative length."""

    def moved(at: datetime | None) -> datetime | None:
        return None if at is None else at + by

    return replace(
        balance,
        tats=tuple(moved(at) for at in balance.tats),
        not_before=moved(balance.not_before),
        told=tuple(replace(one, tat=moved(one.tat)) for one in balance.told),
        flights=tuple(at + by for at in balance.flights),
        slowed=moved(balance.slowed),
        hastened=moved(balance.hastened),
    )


def landed(balance: Balance, sent: datetime) -> Balance:
    """Return the balance after the answer to a request that was granted at `sent`."""
    if sent + FLIGHT not in balance.flights:
        return balance
    flights = list(balance.flights)
    flights.remove(sent + FLIGHT)
    return replace(balance, flights=tuple(flights))


def aloft(balance: Balance, now: datetime) -> tuple[datetime, ...]:
    """Return until when each request in flight counts as such, the first to end first."""
    return tuple(sorted(end for end in balance.flights if end > now))


def seats(quota: Quota, purpose: Purpose) -> int | None:
    """Return how many of our requests may be in flight at once, at least one; None where nobody knows a limit."""
    if quota.concurrent is None:
        return None
    ours = max(1, math.floor(quota.concurrent * quota.ours + 1e-9))
    return ours - _kept(ours, quota, purpose)


def _crowded(quota: Quota, balance: Balance, purpose: Purpose, now: datetime) -> timedelta:
    """How long until one more request may be in flight, if none lands before."""
    free, flying = seats(quota, purpose), aloft(balance, now)
    return timedelta() if free is None or len(flying) < free else flying[len(flying) - free] - now


def _kept(burst: int, quota: Quota, purpose: Purpose) -> int:
    """How many requests of a burst must be left untouched; a routine request is never shut out altogether."""
    return 0 if purpose is Purpose.CONFIRM else min(burst - 1, math.ceil(burst * quota.reserve - 1e-9))


def _wait(pace: Pace, tat: datetime | None, cost: int, kept: int, now: datetime) -> timedelta:
    if cost > pace.burst - kept:
        return NEVER
    allowed_at = max(now, tat or now) + (cost + kept) * pace.interval - pace.tolerance
    return max(timedelta(), allowed_at - now) if cost else timedelta()


def remaining(quota: Quota, balance: Balance, now: datetime) -> tuple[int, ...]:
    """Return per effective window how many requests could be made at once, reserve included; zeros while banned."""
    known = paces(effective(quota, balance), balance.speed)
    asked = zip(known, tats_of(quota, balance), strict=True)
    banned = balance.not_before is not None and now < balance.not_before
    return tuple(0 if banned else max(0, (pace.tolerance - _debt(tat, now)) // pace.interval) for pace, tat in asked)


def _debt(tat: datetime | None, now: datetime) -> timedelta:
    return max(timedelta(), (tat or now) - now)
