"""Heartbeats: due by the clock on the wall, late, missed, failed, too long; and what does not count against anybody."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.catalog import SecretRef
from probes.heartbeat import (
    MOST_ABSENCES,
    Absence,
    Condition,
    Heartbeat,
    HeartbeatId,
    Runs,
    Signal,
    absent,
    expected,
    heard,
    next_change,
    watched,
)
from probes.timetable import Cron, Interval, NeverError, Timetable, check, next_turn
from tests.cast import DAY, HOUR, MINUTE, NOON, SECOND, after

MADRID = "Europe/Madrid"
NEW_YORK = "America/New_York"
NIGHTLY = Cron(expression="0 22 * * *", zone=MADRID, by=time(6))
QUARTERLY = Interval(every=15 * MINUTE)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def heartbeat(
    timetable: Timetable = QUARTERLY, grace: timedelta = 5 * MINUTE, longest_run: timedelta | None = None
) -> Heartbeat:
    return Heartbeat(
        id=HeartbeatId("run"),
        timetable=timetable,
        token=SecretRef("env:RUN"),
        grace=grace,
        longest_run=longest_run,
    )


def runs(timetable: Timetable = QUARTERLY, since: datetime = NOON) -> Runs:
    return Runs(timetable=timetable, since=since)


@pytest.mark.parametrize(
    ("last", "begins", "due"),
    [
        ("2026-03-27 04:00", "2026-03-27 21:00", "2026-03-28 05:00"),
        # The night in which clocks go forward is seven hours long, the one in which they go back nine.
        ("2026-03-28 04:00", "2026-03-28 21:00", "2026-03-29 04:00"),
        ("2026-03-29 03:00", "2026-03-29 20:00", "2026-03-30 04:00"),
        ("2026-10-24 03:00", "2026-10-24 20:00", "2026-10-25 05:00"),
    ],
)
def test_a_run_that_must_be_over_by_six_is_due_when_the_clock_on_the_wall_says_six(
    last: str, begins: str, due: str
) -> None:
    turn = next_turn(NIGHTLY, utc(last))
    assert (turn.begins, turn.due) == (utc(begins), utc(due))


@pytest.mark.parametrize(
    ("expression", "after", "found"),
    [
        # 02:30 is skipped: it happens as soon as the hour is over, once.
        ("30 2 * * *", "2026-03-28 12:00", ["2026-03-29 01:00", "2026-03-30 00:30"]),
        # 02:30 comes twice: it happens the first time, once.
        ("30 2 * * *", "2026-10-24 12:00", ["2026-10-25 00:30", "2026-10-26 01:30"]),
        # Between the first 02:30 and the second, the wall shows 02:20 again, and nothing more is expected today.
        ("30 2 * * *", "2026-10-25 01:20", ["2026-10-26 01:30"]),
        # Every half hour follows real time, through the skipped hour and through the repeated one.
        ("*/30 * * * *", "2026-03-29 00:20", ["2026-03-29 00:30", "2026-03-29 01:00", "2026-03-29 01:30"]),
        ("*/30 * * * *", "2026-10-25 00:20", ["2026-10-25 00:30", "2026-10-25 01:00", "2026-10-25 01:30"]),
        # On business days only: after Friday's comes Monday's.
        ("0 22 * * mon-fri", "2026-03-06 22:00", ["2026-03-09 21:00"]),
    ],
)
def test_cron_keeps_its_rules_where_clocks_change(expression: str, after: str, found: list[str]) -> None:
    cron, instant, seen = Cron(expression=expression, zone=MADRID), utc(after), []
    for _ in found:
        instant = next_turn(cron, instant).begins
        seen.append(instant)
    assert seen == [utc(one) for one in found]


def test_a_deadline_in_a_skipped_hour_is_later_and_in_a_repeated_hour_the_first() -> None:
    skipped = Cron(expression="0 1 * * *", zone=MADRID, by=time(2, 30))
    assert next_turn(skipped, utc("2026-03-28 12:00")).due == utc("2026-03-29 01:30")
    repeated = Cron(expression="0 1 * * *", zone=MADRID, by=time(2, 30))
    assert next_turn(repeated, utc("2026-10-24 12:00")).due == utc("2026-10-25 00:30")


@given(
    st.sampled_from([MADRID, NEW_YORK, "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    st.sampled_from(["*/20 * * * *", "30 2 * * *", "0 */3 * * *", "15 1,2 * * sun", "59 23 L * *"]),
    st.sampled_from([None, time(0), time(2, 30)]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis wants them naive
)
def test_a_turn_always_lies_after_the_success_before_it_and_is_due_within_a_day_of_its_beginning(
    zone: str, expression: str, by: time | None, last: datetime
) -> None:
    turn = next_turn(Cron(expression=expression, zone=zone, by=by), last)
    assert last < turn.begins <= turn.due <= turn.begins + DAY + HOUR


@pytest.mark.parametrize(
    "expression", ["", "* * * *", "0 0 0 * * *", "61 * * * *", "0 0 30 2 *", "hourly", "0 0 31 2,4 *"]
)
def test_an_expression_that_never_comes_is_refused(expression: str) -> None:
    with pytest.raises(NeverError):
        check(Cron(expression=expression), NOON)


def test_nothing_heard_yet_counts_from_when_the_watch_began() -> None:
    stands = expected(heartbeat(), runs(), NOON)
    assert (stands.condition, stands.due, stands.until) == (Condition.ON_TIME, after(minutes=15), after(minutes=20))


@pytest.mark.answers("louislam/uptime-kuma#1747", "louislam/uptime-kuma#6053", "healthchecks/healthchecks#377")
def test_within_its_grace_a_run_is_late_and_only_after_it_missed() -> None:
    known = heard(runs(), Signal.SUCCESS, after(minutes=1))
    assert expected(heartbeat(), known, after(minutes=16) - SECOND).condition is Condition.ON_TIME
    late = expected(heartbeat(), known, after(minutes=16))
    assert (late.condition, late.onset) == (Condition.LATE, after(minutes=16))
    missed = expected(heartbeat(), known, after(minutes=21))
    assert (missed.condition, missed.onset) == (Condition.MISSED, after(minutes=16))


def test_a_start_does_not_answer_for_a_success() -> None:
    known = heard(runs(), Signal.START, after(minutes=14))
    assert expected(heartbeat(), known, after(minutes=20)).condition is Condition.MISSED


def test_an_early_success_of_tonight_does_not_make_tonight_be_expected_again() -> None:
    known = heard(runs(NIGHTLY, utc("2026-03-04 12:00")), Signal.SUCCESS, utc("2026-03-04 23:00"))
    assert expected(heartbeat(NIGHTLY), known, utc("2026-03-05 05:30")).condition is Condition.ON_TIME
    assert expected(heartbeat(NIGHTLY), known, utc("2026-03-06 05:05")).condition is Condition.MISSED


def test_a_success_by_day_does_not_answer_for_the_coming_night() -> None:
    known = heard(runs(NIGHTLY, utc("2026-03-04 12:00")), Signal.SUCCESS, utc("2026-03-05 10:00"))
    assert expected(heartbeat(NIGHTLY), known, utc("2026-03-05 20:00")).due == utc("2026-03-06 05:00")


def test_a_sender_whose_clock_is_a_little_ahead_answers_its_own_turn() -> None:
    hourly = Cron(expression="0 * * * *")
    known = heard(runs(hourly), Signal.SUCCESS, after(hours=1) - SECOND)
    assert expected(heartbeat(hourly), known, after(hours=1, minutes=30)).condition is Condition.ON_TIME


def test_a_run_that_takes_too_long_is_seen_before_its_success_is_due() -> None:
    one = heartbeat(NIGHTLY, longest_run=HOUR)
    known = heard(runs(NIGHTLY, utc("2026-03-04 12:00")), Signal.START, utc("2026-03-04 21:00"))
    assert expected(one, known, utc("2026-03-04 21:59")).condition is Condition.ON_TIME
    assert expected(one, known, utc("2026-03-04 22:00")).condition is Condition.OVERRUN


def test_how_long_a_run_takes_and_the_grace_are_two_things() -> None:
    # healthchecks#547: a run of four minutes within a grace of one.
    one = heartbeat(Cron(expression="0 * * * *"), grace=MINUTE, longest_run=10 * MINUTE)
    known = heard(runs(one.timetable), Signal.SUCCESS, after(minutes=5))
    known = heard(known, Signal.START, after(hours=1) - MINUTE)
    assert expected(one, known, after(hours=1) + 30 * SECOND).condition is Condition.LATE
    assert heard(known, Signal.SUCCESS, after(hours=1, minutes=3)).took == 4 * MINUTE


@pytest.mark.answers("healthchecks/healthchecks#1044")
def test_a_feed_that_is_busy_by_day_is_not_missed_by_night_nor_at_the_weekend() -> None:
    # healthchecks#1044: every quarter of an hour from eight to seven on business days. Friday's last is at 18:45.
    busy = Cron(expression="*/15 8-18 * * mon-fri", zone=MADRID)
    known = heard(runs(busy, utc("2026-03-06 12:00")), Signal.SUCCESS, utc("2026-03-06 17:46"))
    assert expected(heartbeat(busy), known, utc("2026-03-09 06:59")).condition is Condition.ON_TIME
    assert expected(heartbeat(busy), known, utc("2026-03-09 07:05")).condition is Condition.MISSED


def test_a_failure_is_said_at_once_and_only_a_success_ends_it() -> None:
    known = heard(runs(), Signal.FAIL, after(minutes=2))
    for signal, minute in ((Signal.START, 3), (Signal.FAIL, 4), (Signal.START, 5)):
        known = heard(known, signal, after(minutes=minute))
        stands = expected(heartbeat(), known, after(minutes=6))
        assert (stands.condition, stands.onset) == (Condition.FAILED, after(minutes=2))
    known = heard(known, Signal.SUCCESS, after(minutes=7))
    assert expected(heartbeat(), known, after(minutes=8)).condition is Condition.ON_TIME


@pytest.mark.answers("louislam/uptime-kuma#2401")
def test_time_in_which_we_did_not_run_does_not_count_against_the_sender() -> None:
    away = Absence(start=after(minutes=10), end=after(minutes=40))
    known = absent(runs(), away)
    assert expected(heartbeat(), known, after(minutes=45) - SECOND).condition is Condition.ON_TIME
    missed = expected(heartbeat(), known, after(minutes=50))
    assert (missed.condition, missed.onset, missed.absence) == (Condition.MISSED, after(minutes=45), 30 * MINUTE)


def test_time_away_before_a_turn_began_is_none_of_its_time() -> None:
    known = absent(
        runs(NIGHTLY, utc("2026-03-04 12:00")),
        Absence(start=utc("2026-03-04 13:00"), end=utc("2026-03-04 21:30")),
    )
    assert expected(heartbeat(NIGHTLY), known, utc("2026-03-04 22:00")).due == utc("2026-03-05 05:30")


def test_a_run_that_was_missed_before_we_went_away_is_still_missed_when_we_are_back() -> None:
    known = absent(runs(), Absence(start=after(minutes=30), end=after(hours=9)))
    assert expected(heartbeat(), known, after(hours=9)).condition is Condition.MISSED


@given(st.lists(st.integers(1, 600), max_size=2 * MOST_ABSENCES))
def test_absences_never_pile_up(lengths: list[int]) -> None:
    known, at = runs(), NOON
    for length in lengths:
        known = absent(known, Absence(start=at, end=at + length * SECOND))
        at += (length + 1) * SECOND
    assert len(known.absences) == min(len(lengths), MOST_ABSENCES)
    assert heard(known, Signal.SUCCESS, at).absences == ()


def test_another_timetable_begins_the_watch_anew_and_the_same_one_goes_on() -> None:
    known = heard(runs(), Signal.SUCCESS, after(minutes=1))
    assert watched(heartbeat(), known, after(hours=1)) is known
    assert watched(heartbeat(NIGHTLY), known, after(hours=1)) == runs(NIGHTLY, after(hours=1))


def test_what_was_heard_in_the_future_is_from_a_clock_that_was_put_back() -> None:
    known = heard(runs(), Signal.SUCCESS, after(days=300))
    assert watched(heartbeat(), known, after(minutes=1)) == runs(since=after(minutes=1))


def test_the_next_change_is_the_due_instant_then_the_end_of_the_grace_then_nothing() -> None:
    def change(now: datetime) -> datetime | None:
        return next_change(expected(heartbeat(), runs(), now), now)

    assert change(NOON) == after(minutes=15)
    assert change(after(minutes=15)) == after(minutes=20)
    assert change(after(minutes=20)) is None
