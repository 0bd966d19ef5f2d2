"""What a vendor's answer does to the balance of its quota: less than our share, never more.

Pure arithmetic on what `headers` has read, and on how often a vendor refused. How the looks are spread over what is
left is for `plan`.
"""

import math
from dataclasses import replace
from datetime import datetime, timedelta

from probes.budget import Allowance, Balance, Quota, QuotaNews, Told, Window, effective, paces, tats_of, with_tats

LONGEST_BAN = timedelta(hours=1)
"""How long a vendor may bar us, and how far apart a limit may put our requests: an absurd header must not blind us."""

MOST_TOLD = 8
"""Limits of a vendor that are kept in mind beside the configured ones."""

STEP = 0.05
SLOWEST = 1 / 64
SHORTEST_SPAN, LONGEST_SPAN = timedelta(seconds=10), timedelta(minutes=10)


def learn(quota: Quota, balance: Balance, news: QuotaNews, now: datetime) -> Balance:
    """Return the balance after what a vendor told of its limits.

    A limit that is stricter than ours is kept from then on. With r requests left for us, TAT := max(TAT, now + tau -
    r*T); the part of a limit that is production's is not for us. `not_before`, or without it a limit of which nothing
    is left for us, bars the whole account, for at most :data:`LONGEST_BAN`.
    """
    bans = [news.not_before]
    for allowance in news.allowances:
        balance = _bounded(quota, balance, allowance)
        if allowance.remaining is not None and not allowance.concurrent:
            left = _left(quota, balance, allowance, now)
            balance = _lowered(quota, balance, _concerned(quota, balance, allowance, now), left, now)
            if left <= 0 and news.not_before is None:
                bans.append(_until(quota, balance, allowance, now))
    told = [min(ban, now + LONGEST_BAN) for ban in bans if ban is not None and ban > now]
    return replace(balance, not_before=max([*told, *filter(None, [balance.not_before])], default=None))


def _bounded(quota: Quota, balance: Balance, allowance: Allowance) -> Balance:
    """Keep a limit in mind that the vendor told, in place of what it told before of the same period."""
    if not allowance.limit:
        return balance
    if allowance.concurrent:
        return replace(balance, concurrent=allowance.limit)
    if allowance.period is None or any(_as_strict(window, allowance) for window in quota.windows):
        return balance
    window = Window(limit=allowance.limit, period=allowance.period)
    (pace,) = paces(replace(quota, windows=(window,)))
    if pace.interval > LONGEST_BAN:
        return balance
    before = next((one.tat for one in balance.told if one.window.period == window.period), None)
    others = tuple(one for one in balance.told if one.window.period != window.period)
    return replace(balance, told=(*others, Told(window=window, tat=before))[-MOST_TOLD:])


def _as_strict(window: Window, allowance: Allowance) -> bool:
    return window.period == allowance.period and allowance.limit is not None and window.limit <= allowance.limit


def _left(quota: Quota, balance: Balance, allowance: Allowance, now: datetime) -> int:
    """How many of the requests that the vendor says are left are ours: not those that are kept for production."""
    limit = allowance.limit
    if limit is None:
        windows = effective(quota, balance).windows
        limit = windows[_concerned(quota, balance, allowance, now)].limit
    return (allowance.remaining or 0) - math.ceil(limit * quota.production - 1e-9)


def _lowered(quota: Quota, balance: Balance, which: int, left: int, now: datetime) -> Balance:
    pace = paces(effective(quota, balance))[which]
    tats = list(tats_of(quota, balance))
    floor = now + pace.tolerance - min(max(0, left), pace.burst) * pace.interval
    tats[which] = max(floor, tats[which] or floor)
    return with_tats(quota, balance, tuple(tats))


def _until(quota: Quota, balance: Balance, allowance: Allowance, now: datetime) -> datetime:
    """When to ask again where nothing is left: at the reset, and where none is told after one period."""
    window = effective(quota, balance).windows[_concerned(quota, balance, allowance, now)]
    return allowance.reset or now + (allowance.period or window.period)


def _concerned(quota: Quota, balance: Balance, allowance: Allowance, now: datetime) -> int:
    """The window that is meant: the one of that period, with that limit, or the shortest that reaches the reset."""
    windows = effective(quota, balance).windows
    horizon = timedelta() if allowance.reset is None else allowance.reset - now

    def unlikeness(index: int) -> tuple[bool, bool, bool, timedelta]:
        window = windows[index]
        period, limit = window.period != allowance.period, window.limit != allowance.limit
        return period, limit, window.period < horizon, window.period

    return min(range(len(windows)), key=unlikeness)


def slowed(quota: Quota, balance: Balance, now: datetime) -> Balance:
    """Return the balance after the vendor throttled us: half the speed, once per span however many answers say so.

    Additive increase, multiplicative decrease (Chiu and Jain, 1989): tools that share an account without knowing of
    each other come to equal parts of it.
    """
    if balance.slowed is not None and now - balance.slowed < span(quota, balance):
        return balance
    return replace(balance, speed=max(SLOWEST, balance.speed / 2), slowed=now)


def hastened(quota: Quota, balance: Balance, now: datetime) -> Balance:
    """Return the balance after an answer that was not throttled: a step faster, once per span without a change."""
    changes = [at for at in (balance.slowed, balance.hastened) if at is not None]
    if balance.speed >= 1 or (changes and now - max(changes) < span(quota, balance)):
        return balance
    return replace(balance, speed=min(1.0, balance.speed + STEP), hastened=now)


def span(quota: Quota, balance: Balance) -> timedelta:
    """Return the span of one change of speed: the shortest window, within what is long enough and short enough."""
    shortest = min(window.period for window in effective(quota, balance).windows)
    return min(max(SHORTEST_SPAN, shortest), LONGEST_SPAN)
