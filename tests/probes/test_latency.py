"""How long records take: percentiles that a stall does not improve, and what is usual."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.latency import (
    REMEMBERED,
    UNKNOWN,
    Pace,
    Quantile,
    ages,
    cell,
    edge,
    longest_usual,
    paced,
    quantile,
    recent,
    slow,
)
from tests.cast import HOUR, MINUTE, NOON, SECOND

CELLS = st.dictionaries(st.integers(-20, 60), st.integers(1, 50))
LENGTHS = st.timedeltas(timedelta(seconds=0.2), timedelta(days=30))


def arrived(*seconds: float) -> Pace:
    return paced(Pace(), (SECOND * one for one in seconds), NOON)


@given(LENGTHS)
def test_a_cell_ends_at_most_nine_percent_above_what_falls_into_it(took: timedelta) -> None:
    assert took <= edge(cell(took)) * (1 + 1e-9)
    assert edge(cell(took)) <= took * 1.091


def test_without_anything_under_way_a_quantile_is_that_of_the_arrivals() -> None:
    cells = arrived(*range(1, 101)).usual
    half, most = quantile(cells, {}, 0.5), quantile(cells, {}, 0.95)
    assert half is not None
    assert most is not None
    assert 50 * SECOND <= half.value <= 55 * SECOND
    assert 95 * SECOND <= most.value <= 104 * SECOND
    assert not half.censored


def test_a_stall_raises_the_percentile_although_only_quick_records_have_arrived() -> None:
    """A lag of what was delivered reads healthy while nothing is."""
    came = arrived(*[10] * 95).usual
    stuck = ages((NOON - 5 * MINUTE for _ in range(30)), NOON)
    half, most = quantile(came, stuck, 0.5), quantile(came, stuck, 0.95)
    assert half is not None
    assert not half.censored
    assert most == Quantile(value=edge(cell(5 * MINUTE)), censored=True), "at least: nobody can know more"


def test_the_estimate_is_that_of_kaplan_and_meier() -> None:
    """Worked by hand: of 10, 4 arrive at 1 s, 2 have waited for 2 s, 3 arrive at 4 s: S = 6/10, then 6/10 x 1/4."""
    came = {cell(SECOND): 4, cell(4 * SECOND): 3}
    waiting = {cell(2 * SECOND): 2, cell(8 * SECOND): 1}
    assert quantile(came, waiting, 0.4) == Quantile(value=SECOND)
    assert quantile(came, waiting, 0.85) == Quantile(value=4 * SECOND)
    assert quantile(came, waiting, 0.86) == Quantile(value=8 * SECOND, censored=True)
    assert quantile({}, {}, 0.5) is None


@given(
    st.dictionaries(st.integers(-20, 60), st.integers(1, 50)), st.dictionaries(st.integers(-20, 60), st.integers(1, 50))
)
def test_what_is_on_its_way_never_makes_a_quantile_smaller(came: dict[int, int], waiting: dict[int, int]) -> None:
    alone, beside = quantile(came, {}, 0.9), quantile(came, waiting, 0.9)
    if alone is not None and beside is not None and not beside.censored:
        assert beside.value >= alone.value


@pytest.mark.parametrize(
    ("seconds", "usual"),
    [((), UNKNOWN), ((4.0,) * 29, UNKNOWN), ((4.0,) * 999, 8 * SECOND), ((4.0,) * 1000, 4 * SECOND)],
)
def test_what_is_usual_is_not_claimed_before_enough_has_arrived(seconds: tuple[float, ...], usual: timedelta) -> None:
    assert longest_usual(arrived(*seconds)) == usual


def test_one_in_a_thousand_may_be_slower_than_usual() -> None:
    seconds = [4.0] * 2_000
    assert longest_usual(arrived(*seconds, 512.0, 512.0)) == 4 * SECOND
    assert longest_usual(arrived(*seconds, *[512.0] * 3)) == 512 * SECOND


def test_what_was_long_ago_is_forgotten_by_halves() -> None:
    pace = arrived(*[64.0] * 10)
    for _ in range(24):
        pace = paced(pace, [4 * SECOND] * 10_000, NOON)
    assert sum(pace.usual.values()) <= REMEMBERED + 10_000
    assert slow(pace) == 4 * SECOND
    assert cell(64 * SECOND) not in pace.usual


def test_recent_is_the_last_quarter_of_an_hour() -> None:
    pace = paced(arrived(4.0), [8 * SECOND], NOON + 10 * MINUTE, entire=[HOUR])
    assert recent(pace.recent, NOON + 10 * MINUTE) == {cell(4 * SECOND): 1, cell(8 * SECOND): 1}
    assert recent(pace.recent, NOON + 20 * MINUTE) == {cell(8 * SECOND): 1}
    assert recent(pace.entire, NOON + 20 * MINUTE) == {cell(HOUR): 1}
