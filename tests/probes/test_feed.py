"""What a list does over time: empty against what was in it, empty and frozen against its own weeks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.catalog import ProbeId
from probes.feed import CONTRADICTIONS, SILENT, Feed, Habit, Hour, Shown, fed, frozen_for, hour_of_week

LIST = ProbeId("billing.charges")
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
SECOND, MINUTE, HOUR, WEEK = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(weeks=1),
)
OVERLAP = 5 * MINUTE


class Listed:
    """A list that is looked at: what came when, and what is known of it."""

    def __init__(self, start: datetime = MONDAY, habit: Habit | None = None) -> None:
        self.now = start
        self.feed = Feed(probe=LIST)
        self.habit = habit or Habit(probe=LIST)
        self.records: list[datetime] = []

    def look(self, *, empty: bool = False, transient: bool = False) -> None:
        """Look once."""
        since = self.now - OVERLAP
        listed = () if empty else tuple(at for at in self.records if at >= since)[-5:]
        shown = Shown(at=self.now, listed=listed, since=since, apart=OVERLAP, transient=transient)
        self.feed, self.habit = fed(self.feed, self.habit, shown)

    def goes_on(self, length: timedelta, *, every: timedelta = MINUTE, new: bool = True) -> None:
        """Look every so often, with something new each time or with nothing new."""
        end = self.now + length
        while self.now < end:
            self.now += every
            if new:
                self.records = [*self.records[-50:], self.now]
            self.look()


def test_three_empty_answers_that_lack_what_was_there_are_a_contradiction() -> None:
    one = Listed()
    one.goes_on(10 * MINUTE)
    for count in range(CONTRADICTIONS):
        assert not one.feed.empty_against_all
        one.now += 5 * SECOND
        one.look(empty=True)
        assert one.feed.lacking == count + 1
    assert one.feed.empty_against_all
    one.goes_on(MINUTE)
    assert not one.feed.empty_against_all


def test_a_list_that_runs_empty_because_nothing_comes_is_none() -> None:
    one = Listed()
    one.goes_on(10 * MINUTE)
    one.goes_on(HOUR, new=False)
    assert one.feed.emptied is not None
    assert not one.feed.empty_against_all


def test_records_that_leave_a_transient_list_are_not_lacking() -> None:
    one = Listed()
    one.goes_on(10 * MINUTE)
    for _ in range(5):
        one.now += 5 * SECOND
        one.look(empty=True, transient=True)
    assert not one.feed.empty_against_all


def after_a_week() -> Listed:
    """A list that is busy from eight to nine on Mondays and Tuesdays, and rests at all other times."""
    one = Listed(MONDAY)
    for day in range(2):
        one.now = MONDAY + timedelta(days=day, hours=7, minutes=30)
        one.goes_on(30 * MINUTE, new=False)
        one.goes_on(HOUR)
        one.goes_on(HOUR, new=False)
    one.now = MONDAY + WEEK + 7 * HOUR + 30 * MINUTE
    return one


def test_a_list_is_held_against_the_same_hour_of_the_week_before() -> None:
    one = after_a_week()
    one.goes_on(30 * MINUTE, new=False)
    assert not one.feed.empty_against_all, "half past seven is a quiet time"
    one.goes_on(59 * MINUTE, new=False)
    assert one.feed.empty_against_all, "it is eight o'clock on a Monday, and nothing comes"


def test_an_hour_of_which_nothing_is_known_raises_no_suspicion() -> None:
    one = after_a_week()
    one.now = MONDAY + WEEK + timedelta(days=3, hours=8)
    one.goes_on(10 * MINUTE)
    one.goes_on(5 * HOUR, new=False)
    assert not one.feed.empty_against_all
    assert frozen_for(one.feed, one.habit) is None


def frozen(one: Listed, length: timedelta) -> None:
    """Answer with what is there now, whatever is asked for."""
    end, copy = one.now + length, tuple(one.records[-5:])
    while one.now < end:
        one.now += 10 * SECOND
        one.feed, one.habit = fed(one.feed, one.habit, Shown(at=one.now, listed=copy, since=None, apart=OVERLAP))


def test_a_list_that_never_changes_is_frozen_once_fourteen_records_are_missing() -> None:
    usual = Hour(watched=HOUR, moves=60, slots=12, longest=3 * MINUTE)
    one = Listed(MONDAY, Habit(probe=LIST, hours={0: usual}))
    one.goes_on(5 * MINUTE)
    frozen(one, 13 * MINUTE)
    assert frozen_for(one.feed, one.habit) is None
    frozen(one, 1 * MINUTE)
    lasted = frozen_for(one.feed, one.habit)
    assert lasted is not None
    assert one.feed.expected == pytest.approx(SILENT, abs=0.5)
    one.goes_on(MINUTE)
    assert frozen_for(one.feed, one.habit) is None


def test_a_pause_that_this_hour_has_had_before_is_no_freeze() -> None:
    usual = Hour(watched=HOUR, moves=60, slots=12, longest=20 * MINUTE)
    one = Listed(MONDAY, Habit(probe=LIST, hours={0: usual}))
    one.goes_on(5 * MINUTE)
    frozen(one, 30 * MINUTE)
    assert frozen_for(one.feed, one.habit) is None
    frozen(one, 15 * MINUTE)
    assert frozen_for(one.feed, one.habit) is not None


def test_time_in_which_nobody_looked_is_not_counted() -> None:
    usual = Hour(watched=HOUR, moves=60)
    one = Listed(MONDAY, Habit(probe=LIST, hours={0: usual}))
    one.goes_on(5 * MINUTE)
    one.now += 40 * MINUTE
    frozen(one, 10 * SECOND)
    assert one.feed.expected < 1


def test_an_hour_is_remembered_when_the_next_begins_and_old_ones_fade() -> None:
    one = Listed(MONDAY + 30 * MINUTE)
    one.goes_on(45 * MINUTE)
    assert one.habit.hours.keys() == {0}
    known = one.habit.hours[0]
    assert known.moves == pytest.approx(known.watched / MINUTE, abs=2)
    assert known.empty == 0


@given(
    hours=st.integers(0, 8000),
    steps=st.lists(st.tuples(st.integers(-5, 4000), st.booleans(), st.booleans()), max_size=60),
)
def test_whatever_comes_nothing_raises_and_counts_stay_sane(hours: int, steps: list[tuple[int, bool, bool]]) -> None:
    one = Listed(MONDAY + hours * HOUR)
    for seconds, new, empty in steps:
        one.now += seconds * SECOND
        if new:
            one.records.append(one.now)
        one.look(empty=empty)
        assert one.feed.expected >= 0
        assert one.feed.surprise >= 0
        assert 0 <= one.feed.number < 168 == 24 * 7
        assert one.feed.number == hour_of_week(one.now)
        frozen_for(one.feed, one.habit)
    for hour in one.habit.hours.values():
        assert hour.empty <= hour.slots
        assert hour.watched >= timedelta()
