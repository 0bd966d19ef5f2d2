"""Folding: a sliding window counts what was good and bad in it, whatever the order, and nothing else."""

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.catalog import ClientId
from probes.sli import CELLS, IndicatorKey, IndicatorKind, Tally, counted, ratio
from tests.cast import HOUR, MINUTE, NOON, SECOND

EMPTY = Tally(over=HOUR)
Moments = list[tuple[datetime, bool]]

MOMENTS = st.lists(
    st.tuples(st.integers(min_value=-7_200, max_value=0), st.booleans()).map(
        lambda one: (NOON + one[0] * SECOND, one[1])
    ),
    max_size=40,
)


def tally_of(*seconds: float, over: timedelta = HOUR) -> Tally:
    """Count something bad at each of these seconds after noon."""
    tally = Tally(over=over)
    for at in seconds:
        tally = counted(tally, good=0, bad=1, at=NOON + at * SECOND)
    return tally


def test_what_is_counted_now_is_in_the_window_and_leaves_it_after_its_length() -> None:
    tally = tally_of(0)
    assert tally.totals(NOON) == (0, 1)
    assert tally.totals(NOON + HOUR - 2 * MINUTE) == (0, 1)
    assert tally.totals(NOON + HOUR + MINUTE) == (0, 0)


def test_good_and_bad_of_one_cell_add_up() -> None:
    tally = counted(counted(EMPTY, good=3, bad=1, at=NOON), good=2, bad=0, at=NOON + SECOND)
    assert tally.totals(NOON + SECOND) == (5, 1)


@given(MOMENTS)
def test_the_window_is_exact_to_the_width_of_a_cell(moments: Moments) -> None:
    tally = EMPTY
    for at, bad in sorted(moments):
        tally = counted(tally, good=int(not bad), bad=int(bad), at=at)
    good_seen, bad_seen = tally.totals(NOON)
    certain = [one for one in moments if one[0] > NOON - HOUR + tally.width]
    possible = [one for one in moments if one[0] >= NOON - HOUR]
    assert len(certain) <= good_seen + bad_seen <= len(possible)
    assert sum(bad for _, bad in certain) <= bad_seen <= sum(bad for _, bad in possible)


@given(MOMENTS, st.randoms(use_true_random=False))
def test_the_order_of_counting_does_not_matter(moments: Moments, chance: Random) -> None:
    shuffled = list(moments)
    chance.shuffle(shuffled)
    tallies = []
    for order in (moments, shuffled):
        tally = EMPTY
        for at, bad in order:
            tally = counted(tally, good=int(not bad), bad=int(bad), at=at)
        tallies.append(tally.totals(NOON))
    assert tallies[0] == tallies[1]


def test_a_tally_never_keeps_more_than_its_window() -> None:
    tally = tally_of(*range(0, 5 * 3_600, 7))
    assert len(tally.cells) <= CELLS + 2


@pytest.mark.parametrize("seconds", [1, 20, 59, 60, 61, 900])
def test_windows_shorter_than_a_minute_have_cells_of_a_second(seconds: int) -> None:
    tally = tally_of(0, over=seconds * SECOND)
    assert tally.width >= SECOND
    assert tally.totals(NOON) == (0, 1)
    assert tally.totals(NOON + 2 * seconds * SECOND) == (0, 0)


def test_a_share_of_nothing_is_unknown_and_not_zero() -> None:
    assert ratio(0, 0) is None
    assert ratio(3, 1) == 0.25
    assert ratio(5, 0) == 0


def test_an_indicator_of_everybody_has_no_client_in_its_name() -> None:
    assert str(IndicatorKey(kind=IndicatorKind.AVAILABILITY, subject="erp")) == "availability/erp"
    one = IndicatorKey(kind=IndicatorKind.FAILURE_RATIO, subject="gateway", client=ClientId("acme"))
    assert str(one) == "failure_ratio/gateway/acme"


LOOKS = st.lists(st.tuples(st.integers(0, 4_000), st.booleans()), max_size=80)


@given(LOOKS, st.integers(0, 8_000), st.integers(0, 3_600))
def test_any_part_of_a_window_adds_up_as_a_walk_over_its_cells_does(
    looks: list[tuple[int, bool]], now: int, span: int
) -> None:
    tally = Tally(over=timedelta(hours=1))
    for second, bad in looks:
        tally = counted(tally, good=int(not bad), bad=int(bad), at=NOON + timedelta(seconds=second))
    start = NOON + timedelta(seconds=now - span)
    later = [counts for cell, counts in tally.cells.items() if cell > tally.cell(start)]
    assert tally.since(start) == (sum(good for good, _ in later), sum(bad for _, bad in later))
    assert list(tally.cells) == sorted(tally.cells)
