"""Instants of stories as people write them, on nights when clocks change too."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.replay.when import Frame, instant

EVENING = Frame(zone="Europe/Berlin", start=datetime(2026, 10, 24, 20, tzinfo=UTC))


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of October 2026."""
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-10-25T00:10Z", utc(25, 0, 10)),
        ("2026-10-25T02:10+01:00", utc(25, 1, 10)),
        ("2026-10-25 07:00", utc(25, 6)),
        ("23:00", utc(24, 21)),
        ("21:00", utc(25, 20)),
        ("20:10 America/New_York", utc(25, 0, 10)),
        ("+15m", utc(24, 20, 15)),
        ("+0s", utc(24, 20)),
    ],
)
def test_an_instant_may_be_absolute_on_a_wall_clock_or_counted_from_the_start(text: str, at: datetime) -> None:
    assert instant(text, EVENING) == at


def test_an_hour_that_comes_twice_is_meant_the_first_time_it_comes_after_the_start() -> None:
    later = Frame(zone="Europe/Berlin", start=utc(25, 0, 30))
    assert instant("02:10", EVENING) == utc(25, 0, 10)
    assert instant("02:10", later) == utc(25, 0, 10) + timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yesterday", "must be an instant"),
        ("25:00", "no date and time that exists"),
        ("2026-02-30 12:00", "no date and time that exists"),
        ("2026-03-29 02:30", "the clocks are put forward over it"),
        ("02:10 Europe/Atlantis", "does not have"),
        ("+ten", "must be a duration"),
    ],
)
def test_what_is_no_instant_is_said_with_how_to_write_one(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        instant(text, EVENING)


def test_a_start_has_a_day_and_counts_from_nothing() -> None:
    for text in ("22:00", "+5m"):
        with pytest.raises(ValueError, match="start"):
            instant(text, Frame(zone="UTC"))
