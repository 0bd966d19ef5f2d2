"""Who is on call: held against a walk through every minute on the wall, over clock changes of many zones."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.oncall import Board, PersonId, Rotation, Schedule, next_change, on_call
from tests.cast import ALBA, BRUNO, DAY, HOUR, MINUTE, NOBODY, NOON, WEEKLY
from tests.examples import examples

A, B, C = map(PersonId, "abc")

# A zone of each kind: no change, north, south, half an hour, across midnight, and one that has skipped a whole day.
ZONES = (
    "UTC",
    "Europe/Madrid",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Beirut",
    "Pacific/Apia",
    "Asia/Kolkata",
)
# The days of a clock change somewhere in 2026, and an ordinary one.
CHANGES = (
    date(2026, 3, 8),
    date(2026, 3, 29),
    date(2026, 4, 5),
    date(2026, 9, 6),
    date(2026, 10, 4),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2026, 6, 17),
)


def rotation(
    *people: PersonId,
    every: timedelta = DAY,
    handover: str = "09:00",
    timezone: str = "UTC",
    anchor: str = "2026-01-05",
) -> Rotation:
    weekly = not every % timedelta(weeks=1)
    return Rotation(
        people=people,
        timezone=timezone,
        handover=time.fromisoformat(handover),
        weekday=date.fromisoformat(anchor).weekday() if weekly else None,
        anchor=anchor,
        weeks=every // timedelta(weeks=1) if weekly else 0,
        days=0 if weekly else every.days,
    )


def schedule(*rotations: Rotation) -> Schedule:
    return Schedule(name="team", rotations=rotations)


# The brute force. It knows one thing: hands change at the first minute at which the clock on the wall shows the
# handover on a handover day, and where the clock jumps over it, when a clock that had not jumped would have shown it.
# Nothing of it is shared with the code that it checks but the rotation's own fields.


def wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def handovers(one: Rotation, start: datetime, end: datetime) -> Iterator[tuple[datetime, int]]:
    """Yield every handover between two instants with the number of the turn it begins, minute by minute."""
    zone, anchor = ZoneInfo(one.timezone), date.fromisoformat(one.anchor)
    length = one.weeks * 7 + one.days
    at, reached = start, wall(start - MINUTE, zone)
    while at <= end:
        now = wall(at, zone)
        reached_before, reached = reached, max(reached, now)
        day = reached_before.date()
        while day <= reached.date():
            hand = datetime.combine(day, one.handover)
            if reached_before < hand <= reached and (day - anchor).days % length == 0:
                skipped = hand - (reached_before + MINUTE) if hand < now else timedelta()
                yield at + skipped, (day - anchor).days // length
            day += timedelta(days=1)
        at += MINUTE


def brute_force(one: Rotation, instants: list[datetime]) -> list[PersonId]:
    """Return who is on call at each of the sorted instants."""
    lead = timedelta(days=one.weeks * 7 + one.days + 2)
    changes = list(handovers(one, instants[0].replace(second=0, microsecond=0) - lead, instants[-1]))
    turns = [max(change for change in changes if change[0] <= instant)[1] for instant in instants]
    return [one.people[turn % len(one.people)] for turn in turns]


@settings(max_examples=examples(40))
@given(
    st.sampled_from(ZONES),
    st.sampled_from(CHANGES),
    st.integers(min_value=0, max_value=24 * 60 - 1),
    st.sampled_from([1, 2, 3, 7]),
    st.lists(st.integers(min_value=0, max_value=40 * 60), min_size=1, max_size=30),
)
def test_who_is_on_call_is_what_a_walk_through_every_minute_says(
    timezone: str, day: date, hand: int, days: int, minutes: list[int]
) -> None:
    anchor = day - timedelta(days=days * 3)
    handover = f"{hand // 60:02}:{hand % 60:02}"
    one = rotation(A, B, C, every=days * DAY, handover=handover, timezone=timezone, anchor=anchor.isoformat())
    start = datetime.combine(day, time(), tzinfo=UTC) - 8 * HOUR
    instants = [start + minute * MINUTE for minute in sorted(minutes)]
    assert [on_call(schedule(one), Board(), instant) for instant in instants] == [
        (who,) for who in brute_force(one, instants)
    ]


@pytest.mark.parametrize("timezone", ZONES)
@pytest.mark.parametrize("handover", ["00:30", "02:00", "02:30", "03:00", "23:59"])
def test_every_hand_over_the_clock_changes_of_a_year_is_at_the_minute_on_the_wall(timezone: str, handover: str) -> None:
    one = rotation(A, B, C, handover=handover, timezone=timezone)
    for day in CHANGES:
        midnight = datetime.combine(day, time(), tzinfo=ZoneInfo(timezone)).astimezone(UTC)
        for at, turn in handovers(one, midnight - 2 * HOUR, midnight + 5 * HOUR):
            assert on_call(schedule(one), Board(), at) == (one.people[turn % 3],)
            assert on_call(schedule(one), Board(), at - timedelta(seconds=1)) == (one.people[(turn - 1) % 3],)
            assert next_change(schedule(one), Board(), at - timedelta(seconds=1)) == at


def test_a_rotation_that_began_in_a_skipped_hour_hands_over_at_its_own_time_on_all_other_days() -> None:
    one = rotation(A, B, handover="02:30", timezone="Europe/Madrid", anchor="2026-03-29")
    assert on_call(schedule(one), Board(), datetime(2026, 3, 29, 1, 29, tzinfo=UTC)) == (B,)
    assert on_call(schedule(one), Board(), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)) == (A,)
    assert next_change(schedule(one), Board(), datetime(2026, 3, 29, 12, 0, tzinfo=UTC)) == datetime(
        2026, 3, 30, 0, 30, tzinfo=UTC
    )


def test_a_handover_in_a_repeated_hour_happens_the_first_time_round() -> None:
    one = rotation(A, B, handover="02:30", timezone="Europe/Madrid", anchor="2026-10-25")
    assert on_call(schedule(one), Board(), datetime(2026, 10, 25, 0, 29, tzinfo=UTC)) == (B,)
    assert on_call(schedule(one), Board(), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == (A,)
    assert on_call(schedule(one), Board(), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == (A,)


def test_turns_before_the_anchor_go_round_backwards() -> None:
    one = rotation(A, B, C, anchor="2026-03-10")
    assert [on_call(schedule(one), Board(), datetime(2026, 3, day, 9, 0, tzinfo=UTC)) for day in (8, 9, 10, 11)] == [
        (B,),
        (C,),
        (A,),
        (B,),
    ]


def test_a_week_is_a_week_on_the_wall() -> None:
    assert on_call(WEEKLY, Board(), datetime(2026, 3, 9, 7, 59, tzinfo=UTC)) == (ALBA.id,)
    assert on_call(WEEKLY, Board(), datetime(2026, 3, 9, 8, 0, tzinfo=UTC)) == (BRUNO.id,)
    # Four weeks later the clock has changed, and nine o'clock in Madrid is an hour earlier.
    assert on_call(WEEKLY, Board(), datetime(2026, 4, 6, 6, 59, tzinfo=UTC)) == (ALBA.id,)
    assert on_call(WEEKLY, Board(), datetime(2026, 4, 6, 7, 0, tzinfo=UTC)) == (BRUNO.id,)


def test_the_people_of_several_rotations_are_on_call_together_each_once() -> None:
    both = schedule(rotation(A, B), rotation(C), rotation(A, B))
    assert on_call(both, Board(), NOON) in {(A, C), (B, C)}


def test_a_schedule_without_people_has_nobody_and_says_so() -> None:
    assert on_call(NOBODY, Board(), NOON) == ()
    assert on_call(schedule(rotation()), Board(), NOON) == ()
    assert next_change(schedule(rotation()), Board(), NOON) is None


def test_one_person_alone_never_hands_over() -> None:
    assert on_call(schedule(rotation(A)), Board(), NOON) == (A,)
    assert next_change(schedule(rotation(A)), Board(), NOON) is None


def test_the_next_handover_is_the_earliest_of_all_rotations() -> None:
    both = schedule(rotation(A, B, handover="18:00"), rotation(A, C, handover="13:00"))
    assert next_change(both, Board(), NOON) == NOON + HOUR
