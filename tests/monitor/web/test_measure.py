"""Quantities are written with their units, short enough for a phone and exact enough to act on."""

from datetime import timedelta

import pytest

from monitor.web import measure
from probes.budget import Window
from probes.catalog import SecretRef
from tests.monitor.web.town import NOW, seconds


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (0, "0 ms"),
        (0.45, "450 ms"),
        (2.44, "2.4 s"),
        (42, "42 s"),
        (245, "4 min 05 s"),
        (3599.9, "59 min 59 s"),
        (7500, "2 h 05 min"),
        (273_600, "3 d 4 h"),
        (-3, "0 ms"),
    ],
)
def test_a_length_is_written_with_its_two_largest_units(length: float, text: str) -> None:
    assert measure.duration(seconds(length)) == text


@pytest.mark.parametrize(
    ("length", "text"), [(20, "20 s"), (300, "5 min"), (5400, "1 h 30 min"), (86400, "1 d"), (0.5, "500 ms")]
)
def test_a_promised_length_has_no_empty_units(length: float, text: str) -> None:
    assert measure.target(seconds(length)) == text


def test_a_due_instant_is_so_far_off_or_so_late() -> None:
    assert measure.left(NOW + seconds(65), NOW) == "1 min 05 s left"
    assert measure.left(NOW, NOW) == "0 s left"
    assert measure.left(NOW - seconds(12), NOW) == "12 s late"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0, "0 %"),
        (1, "100 %"),
        (0.999, "99.9 %"),
        (0.99995, "99.995 %"),
        (0.02, "2 %"),
        (0.0005, "0.05 %"),
    ],
)
def test_a_share_has_the_digits_that_it_needs(value: float | None, text: str) -> None:
    assert measure.share(value) == text


@pytest.mark.parametrize(
    ("window", "text"),
    [
        (Window(limit=10, period=seconds(1), burst=20), "10 per s, 20 at once"),
        (Window(limit=100, period=seconds(10)), "100 per 10 s"),
        (Window(limit=5000, period=timedelta(days=1)), "5,000 per d"),
    ],
)
def test_a_quota_is_written_as_it_is_spoken_of(window: Window, text: str) -> None:
    assert measure.rate(window) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(12.5, "12.5 requests/s"), (0.5, "30 requests/min"), (0.001, "3.6 requests/h")]
)
def test_a_rate_of_requests_has_a_readable_unit(rate: float, text: str) -> None:
    assert measure.per_second(rate) == text


def test_a_count_has_its_noun() -> None:
    assert [measure.count(n, "client") for n in (0, 1, 5000)] == ["0 clients", "1 client", "5,000 clients"]
    assert measure.count(2, "person", "people") == "2 people"


def test_a_reference_names_no_folder() -> None:
    assert measure.reference(SecretRef("env:ACME_DESK")) == "env:ACME_DESK"
    assert measure.reference(SecretRef("file:/home/sarah.connor/acme-desk")) == "file:acme-desk"


def test_an_instant_carries_its_zone_and_its_date_unless_it_is_todays() -> None:
    assert measure.clock_time(NOW, NOW) == "03:02:19 UTC"
    assert measure.clock_time(NOW - timedelta(days=1), NOW) == "Fri 20 Nov 2026, 03:02:19 UTC"
