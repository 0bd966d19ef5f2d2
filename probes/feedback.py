"""What a vendor's answer does to the balance of its quota: it can only ever make us slower, never faster.

Pure arithmetic on what `headers` has read. How often a throttled vendor is asked from then on is for `plan`.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from probes.budget import UNKNOWN, Allowance, Balance, Quota, QuotaNews, paces, tats_of

LONGEST_BAN = timedelta(hours=1)
"""How long a vendor may bar us: one absurd header must not blind us for days."""


def learn(quota: Quota, balance: Balance, news: QuotaNews, now: datetime) -> Balance:
    """Return the balance after a vendor's answer.

    With r requests left, TAT := max(TAT, now + tau - r*T). `not_before`, or without it the reset of a limit of which
    nothing is left, bars the whole account, for at most :data:`LONGEST_BAN`.
    """
    for allowance in news.allowances:
        balance = _lowered(quota, balance, allowance, now)
    resets = [one.reset for one in news.allowances if one.remaining == 0 and not one.concurrent]
    told = resets if news.not_before is None else [news.not_before]
    bans = [min(ban, now + LONGEST_BAN) for ban in told if ban is not None and ban > now]
    return replace(balance, not_before=max([*bans, *filter(None, [balance.not_before])], default=None))


def _lowered(quota: Quota, balance: Balance, allowance: Allowance, now: datetime) -> Balance:
    if allowance.remaining is None or allowance.concurrent:
        return balance
    tats = list(tats_of(quota, balance))
    which = _concerned(quota, allowance, now)
    pace = paces(quota)[which]
    floor = now + pace.tolerance - min(allowance.remaining, pace.burst) * pace.interval
    tats[which] = max(floor, tats[which] or floor)
    return replace(balance, tats=tuple(tats))


def _concerned(quota: Quota, allowance: Allowance, now: datetime) -> int:
    """The window that is meant: the one of that period, with that limit, or the shortest that reaches the reset."""
    windows = quota.windows or UNKNOWN.windows
    horizon = timedelta() if allowance.reset is None else allowance.reset - now

    def unlikeness(index: int) -> tuple[bool, bool, bool, timedelta]:
        window = windows[index]
        period, limit = window.period != allowance.period, window.limit != allowance.limit
        return period, limit, window.period < horizon, window.period

    return min(range(len(windows)), key=unlikeness)
