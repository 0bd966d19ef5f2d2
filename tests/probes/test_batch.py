"""When the runs of batch flows are due: wall clocks, business days, holidays, and nights in which clocks change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whenever import Instant

from probes.batch import (
    BUSINESS,
    Batch,
    Windowed,
    due,
    last_run,
    next_run,
    on_business,
    run_of,
)
from probes.holiday import known_country

NIGHTLY = Batch(begins=time(1), finished_by=time(6), days=BUSINESS, holidays="DE")
BERLIN = Windowed(batch=NIGHTLY, zone="Europe/Berlin")
NEW_YORK = Windowed(batch=NIGHTLY, zone="America/New_York")
DAILY = Batch(begins=time(22), finished_by=time(2, 30))
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_length_runs_from_the_creation() -> None:
    assert due(timedelta(minutes=5), at("2026-03-04 08:00")) == at("2026-03-04 08:05")


def test_a_record_is_due_at_the_end_of_the_first_run_whose_cut_comes_after_it() -> None:
    # One in Berlin is midnight UTC; what is created at the cut itself waits for the next run.
    assert due(BERLIN, at("2026-03-03 23:59:59")) == at("2026-03-04 05:00")
    assert due(BERLIN, at("2026-03-04 00:00")) == at("2026-03-05 05:00")
    assert due(NEW_YORK, at("2026-03-04 00:00")) == at("2026-03-04 11:00")


def test_over_a_weekend_and_a_holiday_nothing_is_due_and_the_next_business_day_carries_it_all() -> None:
    friday_evening = at("2026-04-02 20:00")
    # Friday and Monday are holidays in Germany; on Sunday in between the clocks have already changed.
    assert due(BERLIN, friday_evening) == at("2026-04-07 04:00")
    assert due(NEW_YORK, at("2026-03-06 23:00")) == at("2026-03-09 10:00")
    assert run_of(BERLIN, at("2026-04-05 09:00")) == run_of(BERLIN, friday_evening)


def test_without_holidays_easter_monday_is_a_business_day() -> None:
    plain = Windowed(batch=Batch(begins=time(1), finished_by=time(6), days=BUSINESS), zone="Europe/Berlin")
    assert due(plain, at("2026-04-05 20:00")) == at("2026-04-06 04:00")


def test_a_holiday_of_one_part_of_a_country_is_none_elsewhere() -> None:
    corpus_christi = date(2026, 6, 4)
    assert on_business(NIGHTLY, corpus_christi)
    assert not on_business(Batch(begins=time(1), finished_by=time(6), days=BUSINESS, holidays="DE-BY"), corpus_christi)
    assert [known_country(code) for code in ("DE", "DE-BY", "XX", "DE-QQ", "Germany", "")] == [True, True] + 4 * [False]


def test_a_run_over_midnight_belongs_to_the_day_on_which_it_ends() -> None:
    over = Windowed(batch=Batch(begins=time(22), finished_by=time(6), days=BUSINESS), zone="UTC")
    run = run_of(over, at("2026-03-06 12:00"))
    # Saturday is no business day, so Friday's records are owed by Monday, by a run that begins on Sunday.
    assert (run.begins, run.due) == (at("2026-03-08 22:00"), at("2026-03-09 06:00"))


def test_a_cut_of_its_own_comes_at_or_before_the_beginning() -> None:
    midnight = Windowed(batch=Batch(cut=time(0), begins=time(1), finished_by=time(6)), zone="UTC")
    evening = Windowed(batch=Batch(cut=time(20), begins=time(1), finished_by=time(6)), zone="UTC")
    assert run_of(midnight, at("2026-03-03 23:59")).cut == at("2026-03-04 00:00")
    assert due(midnight, at("2026-03-04 00:30")) == at("2026-03-05 06:00")
    assert run_of(evening, at("2026-03-03 19:59")).cut == at("2026-03-03 20:00")
    assert due(evening, at("2026-03-03 20:00")) == at("2026-03-05 06:00")


@pytest.mark.parametrize(
    ("zone", "day", "ends"),
    [
        # Half past two is skipped, and the run ends when the clocks show half past three.
        ("America/New_York", "2026-03-08", "2026-03-08 07:30"),
        # Half past two happens twice, and the first counts.
        ("Europe/Berlin", "2026-10-25", "2026-10-25 00:30"),
        ("Europe/Berlin", "2026-10-26", "2026-10-26 01:30"),
    ],
)
def test_in_a_night_in_which_clocks_change_a_run_ends_when_the_wall_says_so(zone: str, day: str, ends: str) -> None:
    limit = Windowed(batch=DAILY, zone=zone)
    assert due(limit, at(day) - timedelta(hours=10)) == at(ends)


def test_a_run_in_the_skipped_hour_is_not_over_before_it_begins() -> None:
    limit = Windowed(batch=Batch(begins=time(2, 15), finished_by=time(3)), zone="America/New_York")
    run = run_of(limit, at("2026-03-08 00:00"))
    assert run.begins == run.due == at("2026-03-08 07:15")


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
WALLS = st.times().map(lambda wall: wall.replace(second=0, microsecond=0))
INSTANTS = st.timedeltas(timedelta(0), 4 * 365 * DAY).map(lambda since: at("2024-01-01") + since)


@st.composite
def windows(draw: st.DrawFn) -> Windowed:
    begins = draw(WALLS)
    ends = draw(WALLS.filter(lambda wall: wall != begins))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    batch = Batch(begins=begins, finished_by=ends, cut=draw(st.none() | WALLS), days=days, holidays="US")
    return Windowed(batch=batch, zone=draw(ZONES))


@given(windows(), INSTANTS)
def test_every_record_is_owed_by_a_run_that_is_cut_after_it_and_ends_on_a_day_of_runs(
    limit: Windowed, created: datetime
) -> None:
    run = run_of(limit, created)
    ends = Instant(run.due).to_tz(limit.zone).to_stdlib()
    assert created < run.cut <= run.begins
    assert run.begins <= run.due == due(limit, created)
    assert on_business(limit.batch, ends.date())


@given(windows(), INSTANTS, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_later_record_is_never_due_sooner(limit: Windowed, created: datetime, later: timedelta) -> None:
    assert due(limit, created) <= due(limit, created + later)


@given(windows(), INSTANTS)
def test_the_last_run_and_the_next_lie_on_both_sides_of_now_with_none_between(limit: Windowed, now: datetime) -> None:
    last, following = last_run(limit, now), next_run(limit, now)
    assert last.due <= now < following.due
    assert next_run(limit, last.due) == following
    assert last_run(limit, following.due - timedelta(minutes=1)) == last
