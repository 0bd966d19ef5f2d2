"""Durations, shares and rates as they are written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.units import LONGEST, duration, fraction, moment, rate, spelled
from probes.budget import Window


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30s", timedelta(seconds=30)),
        ("5m", timedelta(minutes=5)),
        ("1h30m", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
        ("1w2d3h4m5s", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
        ("90m", timedelta(minutes=90)),
        ("3650d", LONGEST),
    ],
)
def test_durations_are_written_with_their_units(text: str, expected: timedelta) -> None:
    assert duration(text) == expected


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "5",
        5,
        5.0,
        None,
        True,
        "5 m",
        "m",
        "1.5h",
        "-5m",
        "30m1h",
        "5M",
        "5ms",
        "0s",
        "3651d",
        "9" * 99 + "s",
        "٣m",
        [],
    ],
)
def test_anything_else_is_no_duration(junk: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        duration(junk)


@given(st.integers(1, int(LONGEST.total_seconds())))
def test_a_duration_that_is_spelled_is_read_back(seconds: int) -> None:
    assert duration(spelled(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("99.9%", 0.999), ("100%", 1.0), ("20%", 0.2), ("0.1 %", 0.001), (0.999, 0.999), (1, 1.0), ("99.95%", 0.9995)],
)
def test_shares_are_percentages_or_fractions(written: object, expected: float) -> None:
    assert fraction(written) == expected


@pytest.mark.parametrize(
    "junk",
    ["0%", "100.1%", "-1%", 0, 1.0001, 99.9, -0.5, float("nan"), float("inf"), 10**400, "0.5", "half", None, True, "%"],
)
def test_anything_else_is_no_share(junk: object) -> None:
    with pytest.raises(ValueError, match="must be"):
        fraction(junk)


@pytest.mark.parametrize(
    ("text", "limit", "period"),
    [
        ("10/s", 10, timedelta(seconds=1)),
        ("600/min", 600, timedelta(minutes=1)),
        ("5000/day", 5000, timedelta(days=1)),
        ("100 / 10s", 100, timedelta(seconds=10)),
        ("7/h", 7, timedelta(hours=1)),
        ("9/1h30m", 9, timedelta(minutes=90)),
    ],
)
def test_rates_are_a_number_per_period(text: str, limit: int, period: timedelta) -> None:
    assert rate(text) == Window(limit=limit, period=period)


@pytest.mark.parametrize("junk", ["10", 10, "10/", "/s", "0/s", "10/0s", "10/x", "1.5/s", "-1/s", "9999999999/s", None])
def test_anything_else_is_no_rate(junk: object) -> None:
    with pytest.raises(ValueError, match="must"):
        rate(junk)


@pytest.mark.parametrize(("written", "milliseconds"), [("500ms", 500), ("2s", 2000), ("60s", 60_000), ("1ms", 1)])
def test_a_moment_is_written_in_seconds_or_milliseconds(written: str, milliseconds: int) -> None:
    assert moment(written) == timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize("written", ["0ms", "61s", "1m", "2", 2, "-1s", "1.5s", None])
def test_what_is_no_moment_is_refused_with_how_to_write_it(written: object) -> None:
    with pytest.raises(ValueError, match=r"500ms or 2s|no longer than a minute"):
        moment(written)
