"""When probes look: evenly spread, a little uneven, the same in every process."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.catalog import ProbeId
from probes.schedule import confirmations, next_due

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@given(st.text(min_size=1, max_size=12), st.integers(1000, 900_000), st.integers(0, 99), st.integers(0, 10**9))
def test_looks_are_four_to_six_fifths_of_the_interval_apart(name: str, ms: int, seed: int, offset: int) -> None:
    interval = timedelta(milliseconds=ms)
    after = START + timedelta(milliseconds=offset)
    first = next_due(ProbeId(name), interval, seed, after)
    second = next_due(ProbeId(name), interval, seed, first)
    grain = timedelta(microseconds=10)
    assert after < first <= after + interval * 1.2 + grain
    assert interval * 0.8 - grain <= second - first <= interval * 1.2 + grain


def test_no_instant_is_left_out_whenever_one_asks() -> None:
    grid = [START]
    while grid[-1] < START + 50 * MINUTE:
        grid.append(next_due(ProbeId("a"), MINUTE, 7, grid[-1]))
    for second in range(3000):
        after = START + timedelta(seconds=second)
        assert next_due(ProbeId("a"), MINUTE, 7, after) == min(due for due in grid[1:] if due > after)


def test_the_grid_does_not_drift_when_looks_take_long() -> None:
    prompt = at = START
    for _ in range(100):
        prompt = next_due(ProbeId("a"), MINUTE, 7, prompt)
    while at < prompt:
        at = next_due(ProbeId("a"), MINUTE, 7, at + timedelta(seconds=25))
    assert at == prompt


def test_the_instants_depend_on_probe_and_seed_and_on_nothing_else() -> None:
    due = next_due(ProbeId("billing.invoices"), MINUTE, 7, START)
    assert due == next_due(ProbeId("billing.invoices"), MINUTE, 7, START)
    assert due != next_due(ProbeId("billing.charges"), MINUTE, 7, START)
    assert due != next_due(ProbeId("billing.invoices"), MINUTE, 8, START)
    assert due == datetime(2026, 11, 20, 9, 0, 45, 325916, tzinfo=UTC)


@pytest.mark.answers("TwiN/gatus#1355", "louislam/uptime-kuma#7565")
def test_a_thousand_probes_do_not_look_in_the_same_second() -> None:
    due = [next_due(ProbeId(f"system-{n}.list"), MINUTE, 1, START) for n in range(1000)]
    per_second = Counter((at - START) // timedelta(seconds=1) for at in due)
    assert max(per_second.values()) < 40


def test_a_first_failure_is_confirmed_by_three_looks_a_second_apart() -> None:
    assert [(at - START).total_seconds() for at in confirmations(START, MINUTE)] == [1, 2, 3]


def test_who_is_looked_at_every_second_has_a_failure_confirmed_in_a_fifth_of_one() -> None:
    second = timedelta(seconds=1)
    assert [(at - START).total_seconds() for at in confirmations(START, second)] == [0.1, 0.2, 0.3]
    assert confirmations(START, 10 * second) == confirmations(START, MINUTE)


def test_a_longer_row_is_confirmed_in_the_same_two_seconds() -> None:
    assert [(at - START).total_seconds() for at in confirmations(START, MINUTE, 5)] == [0.5, 1, 1.5, 2, 2.5]
