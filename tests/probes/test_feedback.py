"""What vendors tell moves the budget, downwards only; and whatever they tell, no limit is ever exceeded."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.store.codec import BALANCE
from probes.budget import (
    FLIGHT,
    Allowance,
    Balance,
    Purpose,
    Quota,
    QuotaNews,
    Told,
    Window,
    effective,
    landed,
    paces,
    rate,
    remaining,
    take,
)
from probes.feedback import LONGEST_BAN, SLOWEST, hastened, learn, slowed

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
POLITE = Quota(windows=(Window(limit=100, period=MINUTE),), share=0.2, production=0.5)


def told(balance: Balance, quota: Quota = POLITE, **said: object) -> Balance:
    news = QuotaNews(allowances=(Allowance(**said),))  # type: ignore[arg-type]  # each test says what it says
    return learn(quota, balance, news, START)


def granted(quota: Quota, balance: Balance, now: datetime = START) -> bool:
    return take(quota, balance, Purpose.CONFIRM, 1, now).granted


def test_the_part_that_is_production_s_is_never_touched() -> None:
    assert granted(POLITE, told(Balance(), limit=100, remaining=51))
    balance = told(Balance(), limit=100, remaining=50, reset=START + 40 * SECOND)
    assert not granted(POLITE, balance, START + 39 * SECOND)
    assert granted(POLITE, balance, START + 40 * SECOND)


def test_a_pool_that_says_no_reset_is_left_alone_for_a_period_or_an_hour() -> None:
    """OrgCheck #181, django-salesforce #317: tools that eat their client's daily allocation."""
    org = Quota(windows=(Window(limit=5000, period=DAY),), share=0.2, production=0.5)
    balance = told(Balance(), org, limit=5000, remaining=2500, period=DAY)
    assert take(org, balance, Purpose.CONFIRM, 1, START).wait == LONGEST_BAN
    assert take(POLITE, told(Balance(), remaining=0), Purpose.CONFIRM, 1, START).wait == MINUTE


def test_our_share_and_what_is_kept_for_production_are_both_caps() -> None:
    assert Quota(share=0.2, production=0.5).ours == 0.2
    assert Quota(share=0.8, production=0.5).ours == 0.5


def test_a_limit_that_the_vendor_tells_is_kept_beside_ours() -> None:
    """NangoHQ/nango PR 4428: several limits at once, obey each."""
    balance = told(Balance(), limit=10, period=SECOND)
    assert [window.limit for window in effective(POLITE, balance).windows] == [100, 10]
    assert rate(effective(POLITE, balance)) == pytest.approx(rate(POLITE))
    daily = told(balance, limit=1000, period=DAY)
    assert [window.limit for window in effective(POLITE, daily).windows] == [100, 10, 1000]
    assert rate(effective(POLITE, daily)) < 0.01 < rate(POLITE)


def test_a_limit_that_is_no_stricter_than_the_configured_one_adds_nothing() -> None:
    assert told(Balance(), limit=100, period=MINUTE) == told(Balance(), limit=500, period=MINUTE) == Balance()
    assert told(Balance(), limit=99, period=MINUTE).told == (Told(window=Window(limit=99, period=MINUTE)),)


def test_a_vendor_that_tells_another_limit_for_the_same_period_replaces_the_first_and_forgives_nothing() -> None:
    first = told(Balance(), limit=50, period=MINUTE)
    used = take(POLITE, first, Purpose.CONFIRM, 1, START).balance
    second = told(used, limit=60, period=MINUTE)
    assert [one.window.limit for one in second.told] == [60]
    assert second.told[0].tat == used.told[0].tat


def test_where_nobody_knew_the_limit_the_told_one_takes_the_place_of_the_modest_guess() -> None:
    unknown = Quota(share=0.2)
    used = take(unknown, Balance(), Purpose.ROUTINE, 1, START).balance
    known = told(used, unknown, limit=6000, period=MINUTE)
    assert [window.limit for window in effective(unknown, known).windows] == [6000]
    assert rate(effective(unknown, known)) > 10 > rate(unknown)
    assert remaining(unknown, known, START)[0] > 20


def test_a_limit_that_would_blind_us_is_not_believed() -> None:
    assert told(Balance(), limit=1, period=timedelta(days=366)) == Balance()
    assert told(Balance(), limit=0, period=MINUTE) == Balance()


def test_retry_after_wins_over_a_reset() -> None:
    allowance = Allowance(remaining=0, reset=START + MINUTE)
    balance = learn(POLITE, Balance(), QuotaNews(allowances=(allowance,), not_before=START + SECOND), START)
    assert balance.not_before == START + SECOND


def test_so_many_answers_of_one_span_halve_the_speed_once() -> None:
    balance = Balance()
    for millisecond in range(50):
        balance = slowed(POLITE, balance, START + timedelta(milliseconds=millisecond))
    assert balance.speed == 0.5
    assert slowed(POLITE, balance, START + MINUTE).speed == 0.25


def test_the_speed_grows_by_a_step_per_clean_span_and_never_beyond_our_share() -> None:
    balance = slowed(POLITE, Balance(), START)
    for second in range(1, 1200):
        balance = hastened(POLITE, balance, START + second * SECOND)
        assert balance.speed <= 0.5 + 0.05 * (second // 60) + 1e-9
    assert balance.speed == 1
    assert hastened(POLITE, Balance(), START) == Balance()


def test_however_often_a_vendor_refuses_it_is_asked_again_some_time() -> None:
    balance = Balance()
    for day in range(40):
        balance = slowed(POLITE, balance, START + day * DAY)
    assert balance.speed == SLOWEST
    assert take(POLITE, balance, Purpose.ROUTINE, 1, START + 40 * DAY).granted


def test_half_the_speed_is_half_the_rate() -> None:
    assert rate(POLITE, 0.5) == pytest.approx(rate(POLITE) / 2)
    (full,), (half,) = paces(POLITE), paces(POLITE, 0.5)
    assert (half.interval, half.tolerance) == (2 * full.interval, full.tolerance)


def test_slowing_down_grants_nothing_that_full_speed_would_not() -> None:
    quota = Quota(windows=(Window(limit=100, period=MINUTE),))
    balance = Balance()
    while (grant := take(quota, balance, Purpose.CONFIRM, 1, START)).granted:
        balance = grant.balance
    for slower in (slowed(quota, balance, START), replace(balance, speed=SLOWEST)):
        assert not granted(quota, slower, START + grant.wait - timedelta(microseconds=1))
        assert remaining(quota, slower, START) == (0,)


def test_requests_in_flight_are_counted_until_they_land() -> None:
    five = Quota(windows=(Window(limit=1000, period=SECOND),), concurrent=5, reserve=0.2)
    balance, routine = Balance(), 0
    while (grant := take(five, balance, Purpose.ROUTINE, 1, START + routine * SECOND)).granted:
        balance, routine = grant.balance, routine + 1
    assert routine == 4
    assert grant.wait == FLIGHT - 4 * SECOND
    assert take(five, balance, Purpose.CONFIRM, 1, START + 4 * SECOND).granted
    freed = landed(balance, START + 2 * SECOND)
    assert take(five, freed, Purpose.ROUTINE, 1, START + 4 * SECOND).granted
    assert landed(freed, START + 2 * SECOND) == freed


def test_a_request_that_never_came_back_frees_its_place_in_time() -> None:
    one = Quota(windows=(Window(limit=1000, period=SECOND),), concurrent=1)
    balance = take(one, Balance(), Purpose.CONFIRM, 1, START).balance
    assert not granted(one, balance, START + FLIGHT - SECOND)
    assert granted(one, balance, START + FLIGHT)


def test_a_share_of_what_may_be_in_flight_is_at_least_one() -> None:
    small = Quota(windows=(Window(limit=1000, period=SECOND),), concurrent=5, share=0.1)
    assert granted(small, Balance())
    assert not granted(small, take(small, Balance(), Purpose.CONFIRM, 1, START).balance)


def test_a_limit_in_flight_that_the_vendor_tells_is_kept_too() -> None:
    balance = told(Balance(), limit=1, concurrent=True)
    once = take(POLITE, balance, Purpose.CONFIRM, 1, START).balance
    assert not granted(POLITE, once, START + SECOND)


def test_nothing_in_flight_is_a_limit_that_is_refused() -> None:
    with pytest.raises(ValueError, match="in flight"):
        Quota(concurrent=0)
    with pytest.raises(ValueError, match="production from 0 to below 1"):
        Quota(production=1)


def test_a_balance_survives_the_store_and_one_of_the_first_version_still_loads() -> None:
    balance = slowed(POLITE, told(Balance(tats=(START,)), limit=10, remaining=5, period=SECOND), START)
    assert BALANCE.value(BALANCE.text(balance)) == balance
    old = '{"tats": ["2026-11-20T09:00:00Z", null], "not_before": null}'
    assert BALANCE.value(old) == Balance(tats=(START, None))


MOMENTS = st.integers(0, 400_000).map(lambda us: timedelta(microseconds=us))
COUNTS = st.none() | st.integers(0, 60)
LATER = st.none() | st.integers(-5, 9).map(lambda s: START + timedelta(seconds=s))
PERIODS = st.none() | st.sampled_from([timedelta(milliseconds=100), SECOND, 2 * SECOND])
SAID = st.builds(Allowance, limit=COUNTS, remaining=COUNTS, reset=LATER, period=PERIODS, concurrent=st.booleans())
NEWS = st.builds(QuotaNews, allowances=st.lists(SAID, max_size=2).map(tuple), not_before=LATER)
WINDOWS = st.lists(
    st.builds(
        Window, limit=st.integers(1, 40), period=st.integers(1, 4_000).map(lambda ms: timedelta(milliseconds=ms))
    ),
    min_size=1,
    max_size=3,
).map(tuple)
QUOTAS = st.builds(
    Quota,
    windows=WINDOWS,
    concurrent=st.none() | st.integers(1, 4),
    share=st.floats(0.1, 1),
    production=st.floats(0, 0.9),
)
STEPS = st.lists(st.tuples(MOMENTS, st.none() | NEWS, st.booleans(), st.booleans()), max_size=80)


@given(QUOTAS, STEPS)
def test_whatever_the_vendor_answers_no_window_ever_sees_more_than_our_share(
    quota: Quota, steps: list[tuple[timedelta, QuotaNews | None, bool, bool]]
) -> None:
    now, balance, sent = START, Balance(), list[datetime]()
    aloft = list[datetime]()
    for gap, news, throttled, lands in steps:
        now += gap
        grant = take(quota, balance, Purpose.CONFIRM, 1, now)
        balance = grant.balance
        if grant.granted:
            sent.append(now)
            aloft.append(now)
        if lands and aloft:
            balance = landed(balance, aloft.pop(0))
        if quota.concurrent is not None:
            assert len([at for at in aloft if now - at < FLIGHT]) <= max(1, quota.concurrent * quota.ours + 1e-6)
        if news is not None:
            balance = learn(quota, balance, news, now)
            balance = (slowed if throttled else hastened)(quota, balance, now)
    for window in quota.windows:
        most = max((sum(start <= at < start + window.period for at in sent) for start in sent), default=0)
        assert most <= max(1, window.limit * quota.ours + 1e-6)


@given(QUOTAS, st.lists(NEWS, max_size=5))
def test_what_a_vendor_tells_never_lets_us_ask_sooner(quota: Quota, several: list[QuotaNews]) -> None:
    balance = take(quota, Balance(), Purpose.CONFIRM, 1, START).balance
    waits = [take(quota, balance, Purpose.CONFIRM, 1, START).wait]
    for news in several:
        balance = learn(quota, balance, replace(news, allowances=tuple(map(_no_relief, news.allowances))), START)
        waits.append(take(quota, balance, Purpose.CONFIRM, 1, START).wait)
    assert all(later >= sooner for sooner, later in pairwise(waits))


def _no_relief(allowance: Allowance) -> Allowance:
    """A vendor may take back a limit that it told; what is left and when to come back only ever slow us."""
    return replace(allowance, limit=None, concurrent=False)
