"""The quota arithmetic: never more than the vendor allows, never less than promised, and told what it learns."""

from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.budget import (
    NEVER,
    Allowance,
    Balance,
    Grant,
    Purpose,
    Quota,
    QuotaNews,
    Window,
    paces,
    rate,
    remaining,
    shifted,
    take,
)
from probes.feedback import LONGEST_BAN, learn

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BUCKET = Quota(windows=(Window(limit=1, period=SECOND, burst=5),), reserve=0)


# The vectors that redis-cell checks itself with (burst of 5, one per second): at, cost, then what is expected:
# remaining, reset after, retry after (None: granted, or never possible), limited.
VECTORS = [
    (0.0, 6, 5, 0.0, None, True),
    (0.0, 1, 4, 1.0, None, False),
    (0.0, 1, 3, 2.0, None, False),
    (0.0, 1, 2, 3.0, None, False),
    (0.0, 1, 1, 4.0, None, False),
    (0.0, 1, 0, 5.0, None, False),
    (0.0, 1, 0, 5.0, 1.0, True),
    (3.0, 1, 2, 3.0, None, False),
    (3.1, 1, 1, 3.9, None, False),
    (4.0, 1, 1, 4.0, None, False),
    (8.0, 1, 4, 1.0, None, False),
    (9.5, 1, 4, 1.0, None, False),
    (9.5, 0, 4, 1.0, None, False),
    (9.5, 2, 2, 3.0, None, False),
    (9.5, 5, 2, 3.0, 3.0, True),
]


def test_the_fifteen_vectors_of_redis_cell_come_out() -> None:
    balance = Balance()
    for number, (at, cost, left, reset, retry, limited) in enumerate(VECTORS):
        now = START + timedelta(seconds=at)
        grant = take(BUCKET, balance, Purpose.ROUTINE, cost, now)
        balance = grant.balance
        tat = balance.tats[0] if balance.tats else None
        never = grant.wait == NEVER
        waited = None if grant.granted or never else grant.wait.total_seconds()
        seen = (remaining(BUCKET, balance, now)[0], ((tat or now) - now).total_seconds(), waited, not grant.granted)
        assert seen == (left, reset, retry, limited), f"vector {number}"
        assert never is (cost == 6)


def told(remaining: int, limit: int | None = None, reset: datetime | None = None) -> QuotaNews:
    """The news that an answer says what is left."""
    return QuotaNews(allowances=(Allowance(limit=limit, remaining=remaining, reset=reset),))


def spend(quota: Quota, instants: list[datetime], purpose: Purpose = Purpose.CONFIRM) -> list[datetime]:
    """Ask at each instant and return those at which the request was granted."""
    balance, granted = Balance(), []
    for now in instants:
        grant = take(quota, balance, purpose, 1, now)
        balance = grant.balance
        granted += [now] if grant.granted else []
    return granted


def most_within(period: timedelta, granted: list[datetime]) -> int:
    """The largest number of grants in any half-open stretch of that length."""
    return max((sum(start <= at < start + period for at in granted) for start in granted), default=0)


gaps = st.lists(st.integers(min_value=0, max_value=400_000), min_size=1, max_size=120)
strict_windows = st.builds(
    Window, limit=st.integers(1, 40), period=st.integers(1, 4_000_000).map(lambda us: timedelta(microseconds=us))
)


def instants(gaps_us: list[int]) -> list[datetime]:
    return [START + timedelta(microseconds=us) for us in accumulate(gaps_us)]


@given(st.lists(strict_windows, min_size=1, max_size=3), st.floats(0.05, 1), gaps)
def test_no_period_ever_sees_more_than_our_share_of_the_limit(
    windows: list[Window], share: float, gaps_us: list[int]
) -> None:
    granted = spend(Quota(windows=tuple(windows), share=share), instants(gaps_us))
    for window in windows:
        assert most_within(window.period, granted) <= max(1, window.limit * share + 1e-6)


@given(st.integers(1, 20), st.integers(1, 40), gaps)
def test_a_token_bucket_lets_no_period_see_limit_and_burst_together(limit: int, burst: int, gaps_us: list[int]) -> None:
    window = Window(limit=limit, period=SECOND, burst=burst)
    granted = spend(Quota(windows=(window,)), instants(gaps_us))
    assert most_within(SECOND, granted) <= limit + burst - 1


@pytest.mark.parametrize("limit", range(1, 30))
def test_a_greedy_asker_gets_the_whole_limit_in_the_first_period_and_no_more(limit: int) -> None:
    window = Window(limit=limit, period=SECOND)
    greedy = [START + timedelta(milliseconds=ms) for ms in range(1000) for _ in range(1 if ms else 40)]
    assert len(spend(Quota(windows=(window,)), greedy)) == limit


@pytest.mark.parametrize("limit", range(1, 12))
def test_a_limit_that_does_not_divide_its_period_is_kept_too(limit: int) -> None:
    window = Window(limit=limit, period=timedelta(microseconds=10))
    greedy = [START + timedelta(microseconds=us) for us in range(60) for _ in range(12)]
    granted = spend(Quota(windows=(window,)), greedy)
    assert most_within(window.period, granted) <= limit


@given(strict_windows, st.floats(0.05, 1), st.integers(0, 60), st.sampled_from(Purpose))
def test_asking_again_after_the_wait_is_granted_and_a_moment_earlier_is_not(
    window: Window, share: float, taken: int, purpose: Purpose
) -> None:
    quota = Quota(windows=(window,), share=share)
    balance = Balance()
    for _ in range(taken):
        balance = take(quota, balance, purpose, 1, START).balance
    refused = take(quota, balance, purpose, 1, START)
    if not refused.granted:
        assert take(quota, balance, purpose, 1, START + refused.wait).granted
        assert not take(quota, balance, purpose, 1, START + refused.wait - timedelta(microseconds=1)).granted


def test_a_refusal_by_one_window_takes_nothing_from_the_others() -> None:
    quota = Quota(windows=(Window(limit=100, period=SECOND, burst=100), Window(limit=2, period=60 * SECOND, burst=2)))
    balance = Balance()
    for _ in range(5):
        balance = take(quota, balance, Purpose.CONFIRM, 1, START).balance
    assert remaining(quota, balance, START) == (98, 0)


def test_the_wait_is_the_longest_of_all_windows() -> None:
    quota = Quota(windows=(Window(limit=1, period=SECOND, burst=1), Window(limit=1, period=60 * SECOND, burst=1)))
    balance = take(quota, Balance(), Purpose.CONFIRM, 1, START).balance
    assert take(quota, balance, Purpose.CONFIRM, 1, START).wait == timedelta(seconds=60)


def test_the_reserve_is_there_for_confirming_looks_only() -> None:
    quota = Quota(windows=(Window(limit=1, period=SECOND, burst=10),), reserve=0.2)
    balance = Balance()
    routine = 0
    while (grant := take(quota, balance, Purpose.ROUTINE, 1, START)).granted:
        balance, routine = grant.balance, routine + 1
    assert routine == 8
    assert remaining(quota, balance, START) == (2,)
    first = take(quota, balance, Purpose.CONFIRM, 1, START)
    second = take(quota, first.balance, Purpose.CONFIRM, 1, START)
    assert (first.granted, second.granted) == (True, True)
    assert not take(quota, second.balance, Purpose.CONFIRM, 1, START).granted


def test_a_reserve_never_shuts_routine_looks_out_of_a_tiny_quota() -> None:
    quota = Quota(windows=(Window(limit=1, period=timedelta(hours=1)),), reserve=0.9)
    assert take(quota, Balance(), Purpose.ROUTINE, 1, START).granted


def test_an_unknown_limit_is_used_modestly() -> None:
    quota = Quota()
    granted = spend(quota, [START] * 100, Purpose.ROUTINE)
    assert len(granted) == 8
    assert 0.5 <= rate(quota) <= 1


def test_a_share_below_one_request_per_period_stretches_the_period() -> None:
    quota = Quota(windows=(Window(limit=10, period=SECOND),), share=0.05)
    assert paces(quota)[0].interval == timedelta(seconds=2)


def test_fewer_requests_left_at_the_vendor_slow_us_down_and_more_do_not_speed_us_up() -> None:
    window = Window(limit=10, period=10 * SECOND, burst=10)
    quota = Quota(windows=(window,), reserve=0)
    few = learn(quota, Balance(), told(remaining=3), START)
    assert remaining(quota, few, START) == (3,)
    assert remaining(quota, learn(quota, few, told(remaining=9), START), START) == (3,)
    assert remaining(quota, few, START + 4 * SECOND) == (7,)


def test_nothing_left_bars_the_account_until_the_reset() -> None:
    reset = START + timedelta(seconds=90)
    balance = learn(BUCKET, Balance(), told(remaining=0, reset=reset), START)
    refused = take(BUCKET, balance, Purpose.CONFIRM, 1, START)
    assert refused == Grant(granted=False, wait=timedelta(seconds=90), balance=balance)
    assert remaining(BUCKET, balance, START) == (0,)
    assert take(BUCKET, balance, Purpose.CONFIRM, 1, reset).granted


def test_retry_after_bars_the_account_for_an_hour_at_the_most() -> None:
    balance = learn(BUCKET, Balance(), QuotaNews(not_before=START + timedelta(days=400)), START)
    assert balance.not_before == START + LONGEST_BAN
    assert not take(BUCKET, balance, Purpose.CONFIRM, 1, START + LONGEST_BAN - SECOND).granted
    assert take(BUCKET, balance, Purpose.CONFIRM, 1, START + LONGEST_BAN).granted


def test_a_shorter_ban_does_not_lift_a_longer_one() -> None:
    long = learn(BUCKET, Balance(), QuotaNews(not_before=START + 60 * SECOND), START)
    assert learn(BUCKET, long, QuotaNews(not_before=START + SECOND), START).not_before == START + 60 * SECOND
    assert learn(BUCKET, long, told(remaining=5), START).not_before == START + 60 * SECOND


def test_news_is_laid_to_the_window_that_it_speaks_of() -> None:
    quota = Quota(
        windows=(Window(limit=10, period=SECOND, burst=10), Window(limit=5000, period=timedelta(days=1), burst=50))
    )
    by_limit = learn(quota, Balance(), told(limit=5000, remaining=7), START)
    assert remaining(quota, by_limit, START) == (10, 7)
    by_reset = learn(quota, Balance(), told(remaining=7, reset=START + timedelta(hours=3)), START)
    assert remaining(quota, by_reset, START) == (10, 7)
    by_default = learn(quota, Balance(), told(remaining=7), START)
    assert remaining(quota, by_default, START) == (7, 50)


def test_a_balance_made_for_other_windows_is_not_misread() -> None:
    stale = Balance(tats=(START + timedelta(days=9), START))
    assert take(BUCKET, stale, Purpose.ROUTINE, 1, START).granted


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_lets_nothing_through_is_refused(limit: int) -> None:
    with pytest.raises(ValueError, match="above zero"):
        Window(limit=limit, period=SECOND)
    with pytest.raises(ValueError, match="share above 0"):
        Quota(share=limit)


@given(st.permutations([SECOND, 60 * SECOND, 3600 * SECOND]), st.integers(1, 3))
def test_a_reload_in_another_order_or_with_a_window_less_grants_no_period_twice(
    periods: list[timedelta], kept: int
) -> None:
    before = Quota(windows=tuple(Window(limit=10, period=one) for one in (SECOND, 60 * SECOND, 3600 * SECOND)))
    after = Quota(windows=tuple(Window(limit=8, period=one) for one in periods[:kept]))
    balance = Balance()
    while (grant := take(before, balance, Purpose.CONFIRM, 1, START)).granted:
        balance = grant.balance
    assert not take(after, balance, Purpose.CONFIRM, 1, START).granted


def test_a_clock_that_is_put_back_takes_what_is_owed_along() -> None:
    quota, balance, hour = Quota(windows=(Window(limit=10, period=60 * SECOND),)), Balance(), timedelta(hours=1)
    while (grant := take(quota, balance, Purpose.CONFIRM, 1, START)).granted:
        balance = grant.balance
    back = shifted(balance, -hour)
    assert take(quota, back, Purpose.CONFIRM, 1, START - hour).wait == grant.wait
    banned = learn(quota, balance, QuotaNews(not_before=START + hour), START)
    assert take(quota, shifted(banned, -hour), Purpose.CONFIRM, 1, START - hour).wait == hour
