"""Watermarks: nothing lost, nothing told twice, and no step forward over what was not read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.catalog import ProbeId, SystemId
from probes.connector import FailureKind, Since
from probes.cursor import Cursor, advanced, since
from probes.failure import FailureClass, Outcome
from probes.observation import Observation, Record
from tests.probes.definitions import PAYMENTS

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
PROBE = ProbeId("billing.payments")
WINDOW = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NEW = Cursor(probe=PROBE)


def record(name: str, created: datetime, *, failed: bool | None = None) -> Record:
    return Record(id=name, client="acme", created=created, failed=failed)


def seen_at(sent: datetime, *records: Record, offset: timedelta | None = None, whole: bool = True) -> Observation:
    return Observation(
        probe=PROBE,
        system=SystemId("billing"),
        resource="payments",
        outcome=Outcome.GOOD if whole else Outcome.THROTTLED,
        failure=None if whole else FailureClass.THROTTLED,
        sent=sent,
        answered=sent + timedelta(milliseconds=80),
        records=records,
        whole=whole,
        clock_offset=offset,
    )


def ids(records: tuple[Record, ...]) -> list[str]:
    return [one.id for one in records]


def test_the_first_look_reaches_one_window_back_and_the_next_overlaps_the_last() -> None:
    assert since(NEW, PAYMENTS, WINDOW, START) == START - WINDOW
    cursor, _, _ = advanced(NEW, PAYMENTS, seen_at(START))
    assert since(cursor, PAYMENTS, WINDOW, START + MINUTE) == START - 5 * MINUTE
    assert since(NEW, replace(PAYMENTS, since=None), WINDOW, START) is None


def test_the_watermark_is_the_instant_of_asking_and_never_the_newest_record() -> None:
    cursor, _, _ = advanced(NEW, PAYMENTS, seen_at(START, record("p1", START - 40 * MINUTE)))
    assert cursor.watermark == START
    assert cursor.last_whole == START


def test_the_watermark_is_in_the_vendors_time_and_whole_seconds_are_asked_for() -> None:
    ahead = timedelta(hours=3, seconds=0.4)
    cursor, _, _ = advanced(NEW, PAYMENTS, seen_at(START, offset=ahead))
    assert cursor.watermark == START + ahead
    assert since(cursor, PAYMENTS, WINDOW, START) == START + timedelta(hours=3) - 5 * MINUTE
    assert cursor.last_whole == START


def test_a_look_that_was_not_whole_yields_its_records_once_and_does_not_advance() -> None:
    before, _, _ = advanced(NEW, PAYMENTS, seen_at(START))
    partial = seen_at(START + MINUTE, record("p1", START), whole=False)
    cursor, fresh, _ = advanced(before, PAYMENTS, partial)
    assert (cursor.watermark, cursor.last_whole, ids(fresh)) == (START, START, ["p1"])
    after, fresh, _ = advanced(cursor, PAYMENTS, seen_at(START + 2 * MINUTE, record("p1", START)))
    assert (after.watermark, fresh) == (START + 2 * MINUTE, ())


def test_a_record_is_news_again_when_it_changes_and_only_then() -> None:
    open_one = record("p1", START - MINUTE)
    cursor, fresh, _ = advanced(NEW, PAYMENTS, seen_at(START, open_one, open_one))
    assert fresh == (open_one,)
    failed = replace(open_one, failed=True)
    cursor, fresh, late = advanced(cursor, PAYMENTS, seen_at(START + MINUTE, failed))
    assert (fresh, late) == ((failed,), 0)
    assert advanced(cursor, PAYMENTS, seen_at(START + 2 * MINUTE, failed))[1] == ()


def test_a_record_that_fails_later_is_news_at_the_look_that_first_shows_it_so() -> None:
    open_one = replace(record("in1", START - 4 * MINUTE), fields={"number": "7"})
    cursor, (first,), _ = advanced(NEW, PAYMENTS, seen_at(START, open_one))
    assert first.happened == open_one.created
    exhausted = replace(open_one, kinds=(FailureKind.RETRIES_EXHAUSTED,))
    cursor, (again,), _ = advanced(cursor, PAYMENTS, seen_at(START + MINUTE, exhausted))
    assert again.happened == START + MINUTE + timedelta(milliseconds=80)
    assert advanced(cursor, PAYMENTS, seen_at(START + 2 * MINUTE, exhausted))[1] == ()
    updated = replace(exhausted, updated=START + 3 * MINUTE, fields={"number": "8"})
    assert advanced(cursor, PAYMENTS, seen_at(START + 4 * MINUTE, updated))[1][0].happened == START + 3 * MINUTE


def test_a_record_first_seen_inside_the_overlap_is_kept_and_counted_as_late() -> None:
    cursor, _, late = advanced(NEW, PAYMENTS, seen_at(START, record("p1", START - MINUTE)))
    assert late == 0
    hidden = record("p2", START - 2 * MINUTE)
    _, fresh, late = advanced(cursor, PAYMENTS, seen_at(START + MINUTE, hidden, record("p3", START + MINUTE)))
    assert (ids(fresh), late) == (["p2", "p3"], 1)


def test_a_record_of_the_second_in_which_the_list_was_asked_for_is_not_late() -> None:
    cursor, _, _ = advanced(NEW, PAYMENTS, seen_at(START + timedelta(seconds=0.7)))
    assert advanced(cursor, PAYMENTS, seen_at(START + MINUTE, record("p1", START)))[2] == 0


def test_what_is_shown_again_although_nobody_asked_for_it_is_not_new() -> None:
    old, new = record("p1", START - 6 * MINUTE), record("p2", START - MINUTE)
    cursor, _, _ = advanced(NEW, PAYMENTS, seen_at(START, old, new))
    _, fresh, late = advanced(cursor, PAYMENTS, seen_at(START + MINUTE, old, new))
    assert (fresh, late) == ((), 0)


def test_what_is_not_shown_any_more_is_forgotten() -> None:
    old, new = record("p1", START - 6 * MINUTE), record("p2", START - MINUTE)
    cursor, _, _ = advanced(NEW, PAYMENTS, seen_at(START, old, new))
    cursor, _, _ = advanced(cursor, PAYMENTS, seen_at(START + MINUTE, new))
    assert list(cursor.seen) == ["p2"]


def test_a_clock_that_jumps_back_does_not_pull_the_watermark_back() -> None:
    ahead, _, _ = advanced(NEW, PAYMENTS, seen_at(START, offset=timedelta(hours=3)))
    after, _, _ = advanced(ahead, PAYMENTS, seen_at(START + MINUTE))
    assert after.watermark == START + timedelta(hours=3)


OVERLAP = timedelta(seconds=20)
LIST = replace(PAYMENTS, since=Since(param="created[gte]", overlap=OVERLAP))
records_of_a_day = st.lists(
    st.tuples(st.integers(0, 120), st.integers(0, 18)), max_size=25
)  # created at second a, visible b seconds later
looks_of_a_day = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=12)


@given(records_of_a_day, looks_of_a_day, st.integers(-9000, 9000))
@pytest.mark.answers(
    "airbytehq/airbyte#85918",
    "airbytehq/airbyte#80152",
    "airbytehq/airbyte#21500",
    "airbytehq/airbyte#14732",
    "airbytehq/airbyte#10782",
    "dlt-hub/dlt#2269",
)
def test_every_record_that_shows_within_the_overlap_is_news_exactly_once(
    born: list[tuple[int, int]], looks: list[tuple[int, bool]], skew: int
) -> None:
    """A vendor with a clock of its own, records that show late, and looks that break off after the newest two."""
    offset = timedelta(seconds=skew)
    corrected = timedelta() if abs(skew) <= 5 else offset
    cursor, told, now = NEW, list[str](), START
    for gap, whole in [*looks, (1, True)]:
        now += timedelta(seconds=gap)
        start = since(cursor, LIST, WINDOW, now)
        assert start is not None
        listed = [
            record(f"r{n}", START + timedelta(seconds=at) + offset - corrected)
            for n, (at, hidden) in enumerate(born)
            if START + timedelta(seconds=at + hidden) <= now and START + timedelta(seconds=at) + offset >= start
        ]
        look = seen_at(now, *(listed if whole else listed[:2]), offset=offset, whole=whole)
        cursor, fresh, _ = advanced(cursor, LIST, look)
        told += ids(fresh)
    shown = [f"r{n}" for n, (at, hidden) in enumerate(born) if START + timedelta(seconds=at + hidden) <= now]
    assert len(told) == len(set(told))
    if skew > -3000:  # a clock further behind hides what is older than the first window reaches
        assert set(told) == set(shown)
