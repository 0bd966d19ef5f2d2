"""What runs usually carry, and the rate at which records arrive: plain arithmetic on tallies."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.batch import Batch, Run, Windowed, last_run
from probes.progress import REMEMBERED_RUNS, carried, usual
from probes.sli import Tally, counted
from probes.stagnation import RATE_AT_LEAST, RATE_OVER, rate

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NIGHTLY = Windowed(batch=Batch(begins=time(1), finished_by=time(6)), zone="Europe/Berlin")
# On the 29th the clocks go forward: six in Berlin is an hour sooner in UTC from then on.
TODAY = last_run(NIGHTLY, datetime(2026, 4, 3, 12, tzinfo=UTC))
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def runs_before(run: Run, numbers: list[int]) -> Tally:
    """Return a tally of the runs before one, the last number being that of the night before."""
    tally = Tally(over=REMEMBERED_RUNS)
    for number, count in enumerate(reversed(numbers), start=1):
        earlier = last_run(NIGHTLY, run.due - number * DAY + DAY / 2)
        tally = counted(tally, good=count, bad=0, at=earlier.due)
    return tally


@given(st.lists(st.integers(0, 500), max_size=25))
def test_each_run_of_a_month_has_a_cell_of_its_own_also_where_clocks_change(numbers: list[int]) -> None:
    tally = runs_before(TODAY, numbers)
    assert len(tally.cells) == len(numbers)
    assert [good for _, (good, _) in sorted(tally.cells.items())] == numbers
    assert carried(tally, TODAY) == (0, 0)


@given(st.lists(st.integers(0, 500), max_size=25))
def test_what_is_usual_is_the_median_and_never_said_of_few(numbers: list[int]) -> None:
    found = usual(runs_before(TODAY, numbers), TODAY)
    if found is not None:
        assert found in numbers
        assert len(numbers) >= 3
        assert 2 * sum(number >= found for number in numbers) >= len(numbers)
        assert found > 9.2


@pytest.mark.parametrize("ago", [7, 14, 21])
def test_a_weekday_that_had_none_is_known_over_a_change_of_the_clocks(ago: int) -> None:
    numbers = [40] * 25
    assert usual(runs_before(TODAY, numbers), TODAY) == 40
    numbers[-ago] = 0
    assert usual(runs_before(TODAY, numbers), TODAY) is None
    numbers[-ago], numbers[-ago + 1] = 40, 0
    assert usual(runs_before(TODAY, numbers), TODAY) == 40


@given(st.lists(st.timedeltas(timedelta(0), 3 * RATE_OVER), min_size=1, max_size=200))
def test_a_rate_is_never_more_than_what_arrived_in_ten_minutes_and_never_nothing(since: list[timedelta]) -> None:
    tally = Tally(over=RATE_OVER)
    for one in sorted(since):
        tally = counted(tally, good=1, bad=0, at=NOON + one)
    found = rate(tally, NOON + max(since))
    assert 0 < found <= len(since) / RATE_AT_LEAST.total_seconds()


def test_a_steady_rate_is_told_as_it_is_however_long_nothing_has_come_since() -> None:
    tally = Tally(over=RATE_OVER)
    for number in range(2000):
        tally = counted(tally, good=1, bad=0, at=NOON + number * 5 * SECOND)
    assert rate(tally, NOON + 9995 * SECOND) == pytest.approx(0.2, rel=0.02)
