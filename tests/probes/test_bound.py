"""Within what time a problem is certain to be found, and how many looks show a target."""

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.adapters.look import Look
from probes.bound import TIMEOUT, detection_bound, interval_within, looks_needed
from probes.catalog import ProbeId
from probes.cusum import Cusum, Thresholds, looked
from probes.schedule import APART, next_due

START = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.mark.parametrize("row", [3, 4, 5])
def test_as_many_failures_alarm_as_the_bound_reckons_with(row: int) -> None:
    known, failures = Cusum(), 0
    while not known.alarmed(Thresholds(row=row)):
        known, failures = looked(known, bad=True, confirming=failures > 0, at=START), failures + 1
    assert detection_bound(timedelta(), row) == failures * TIMEOUT + 2 * APART


def test_the_bound_reckons_with_the_patience_of_a_look() -> None:
    assert inspect.signature(Look).parameters["timeout"].default == TIMEOUT


@given(st.integers(1, 3600), st.integers(0, 2**32), st.integers(0, 10**6))
def test_no_outage_is_found_later_than_the_bound_says(interval: int, seed: int, moment: int) -> None:
    length = timedelta(seconds=interval)
    good = next_due(ProbeId("p"), length, seed, START + timedelta(seconds=moment))
    first = next_due(ProbeId("p"), length, seed, good) + TIMEOUT
    third = first + APART + TIMEOUT + APART + TIMEOUT
    assert third - good <= detection_bound(length)


@given(st.integers(1, 10**6))
def test_an_interval_and_its_bound_belong_together(seconds: int) -> None:
    interval = timedelta(seconds=seconds)
    assert interval_within(detection_bound(interval)) == pytest.approx(interval, abs=timedelta(microseconds=2))


@pytest.mark.parametrize(
    ("target", "looks"), [(0.999, 2995), (0.9995, 5990), (0.9999, 29956), (0.95, 59), (1, float("inf"))]
)
def test_the_rule_of_three_says_how_many_looks_show_a_target(target: float, looks: float) -> None:
    assert looks_needed(target) == looks
