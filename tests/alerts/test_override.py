"""Layers, restricted hours, absences, overrides and swaps: who is on call, and until when."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from alerts.oncall import Board, Layer, PersonId, Rotation, Schedule, next_change, on_call, stretches
from alerts.override import Override, OverrideId, Shift, cancelled
from alerts.posting import PostingError, SwapTurn, Wish, posted, swapped
from alerts.restriction import Hours
from alerts.rotation import Absent, DaysOff, Leave, Mark
from tests.cast import ALBA, BRUNO, CARLA, DAY, DIEGO, HOUR, NOON, WEEKLY, roster_of

A, B, C, D = (one.id for one in (ALBA, BRUNO, CARLA, DIEGO))
OFFICE = Hours(weekdays=(0, 1, 2, 3, 4), start=time(8), end=time(20))
NOTHING = Board()


def always(*people: PersonId, **more: object) -> Rotation:
    values = {"people": people, "timezone": "Europe/Madrid", "handover": time(9), "weekday": 0, "anchor": "2026-03-02"}
    return Rotation(**{**values, "weeks": 1, **more})  # type: ignore[arg-type]


def team(*rotations: Rotation, over: tuple[Rotation, ...] = ()) -> Schedule:
    layers = tuple(Layer(name=str(number), rotations=(one,)) for number, one in enumerate(over))
    return Schedule(name="team", rotations=rotations, layers=layers)


def utc(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def override(number: int, person: PersonId | None, instead_of: PersonId | None, **more: object) -> Override:
    values = {"start": NOON, "end": NOON + HOUR, "created": NOON - number * HOUR, "schedule": "team"}
    values |= {"id": OverrideId(str(number)), "person": person, "instead_of": instead_of, "by": A, "why": ""}
    return Override(**{**values, **more})  # type: ignore[arg-type]


def test_a_layer_covers_the_one_below_wherever_it_has_somebody() -> None:
    both = team(always(A), over=(always(B, only=(OFFICE,)),))
    assert on_call(both, NOTHING, NOON) == (B,)
    assert next_change(both, NOTHING, NOON) == utc(4, 19)
    assert on_call(both, NOTHING, utc(4, 19)) == (A,)
    assert next_change(both, NOTHING, utc(4, 19)) == utc(5, 7)
    assert on_call(both, NOTHING, utc(7, 12)) == (A,), "no office on Saturday"


@pytest.mark.answers("grafana/oncall#5512", "grafana/oncall#558", "grafana/oncall#2781", "grafana/oncall#4752")
def test_hours_of_weekdays_are_those_of_the_rotations_own_zone_also_after_the_clock_has_changed() -> None:
    one = team(always(A, only=(OFFICE,)))
    assert (on_call(one, NOTHING, utc(27, 6, 59)), on_call(one, NOTHING, utc(27, 7))) == ((), (A,))
    assert (on_call(one, NOTHING, utc(30, 5, 59)), on_call(one, NOTHING, utc(30, 6))) == ((), (A,))
    assert next_change(one, NOTHING, utc(27, 19)) == utc(30, 6), "the weekend is nobody's"


def test_a_night_that_goes_on_past_midnight_belongs_to_the_day_on_which_it_began() -> None:
    night = team(always(A, only=(Hours(weekdays=(4,), start=time(22), end=time(6)),)))
    assert [on_call(night, NOTHING, at) for at in (utc(6, 20, 59), utc(6, 21), utc(7, 4, 59), utc(7, 5))] == [
        (),
        (A,),
        (A,),
        (),
    ]


@pytest.mark.answers("grafana/oncall#2817")
def test_three_zones_follow_the_sun_without_a_gap_or_an_overlap_while_only_some_clocks_change() -> None:
    places = (("Europe/Madrid", A), ("America/New_York", B), ("Australia/Sydney", C))
    day = Hours(weekdays=tuple(range(7)), start=time(8), end=time(18))
    sun = team(over=tuple(always(who, timezone=zone, only=(day,)) for zone, who in places))
    found = list(stretches(sun, NOTHING, utc(1, 0), utc(1, 0, month=5)))
    assert {len(one.people) for one in found} == {1}
    assert {who for one in found for who in one.people} == {A, B, C}
    assert sum((one.end - one.start for one in found), timedelta()) == utc(1, 0, month=5) - utc(1, 0)


@pytest.mark.answers("target/goalert#55", "grafana/oncall#4197")
def test_turns_of_working_days_do_not_move_on_over_the_weekend() -> None:
    marks = tuple(Mark(weekday=day, at=time(9)) for day in range(5))
    days = team(always(A, B, C, weeks=0, marks=marks))
    turns = [on_call(days, NOTHING, utc(day, 12))[0] for day in range(2, 11)]
    assert turns == [A, B, C, A, B, B, B, C, A]


@pytest.mark.answers("target/goalert#512")
def test_turns_of_hours_follow_real_time_so_that_none_is_longer_when_clocks_change() -> None:
    hourly = team(always(A, B, weekday=None, weeks=0, hours=12))
    found = list(stretches(hourly, NOTHING, utc(28, 8), utc(31, 20)))
    assert {one.end - one.start for one in found} == {12 * HOUR}
    daily = team(always(A, B, weekday=None, weeks=0, days=1))
    found = list(stretches(daily, NOTHING, utc(28, 8), utc(30, 7)))
    assert [one.end - one.start for one in found] == [23 * HOUR, DAY]


@pytest.mark.answers("grafana/oncall#3261", "grafana/oncall#4103", "grafana/oncall#5247", "grafana/oncall#5455")
def test_a_turn_begins_at_the_same_time_on_the_wall_before_and_after_the_clock_changes() -> None:
    week = team(always(A, B))
    ends = [one.end for one in stretches(week, NOTHING, utc(2, 8), utc(13, 7, month=4))]
    assert ends == [utc(9, 8), utc(16, 8), utc(23, 8), utc(30, 7), utc(6, 7, month=4), utc(13, 7, month=4)]


def test_of_somebody_who_is_away_the_next_in_turn_stands_in_and_the_order_stays_as_it_was() -> None:
    leave = Leave(person=A, timezone="Europe/Madrid", first="2026-03-03", last="2026-03-03")
    one = team(always(A, B, C, leaves=(leave,)))
    found = list(stretches(one, NOTHING, utc(2, 8), utc(16, 8)))
    assert [(stretch.people[0], stretch.start) for stretch in found] == [
        (A, utc(2, 8)),
        (B, utc(2, 23)),
        (A, utc(3, 23)),
        (B, utc(9, 8)),
    ]


def test_or_a_lower_layer_stands_in() -> None:
    leave = Leave(person=A, timezone="Europe/Madrid", first="2026-03-04", last="2026-03-05")
    away = always(A, B, leaves=(leave,), absent=Absent.LAYER)
    assert on_call(team(always(D), over=(away,)), NOTHING, NOON) == (D,)
    assert on_call(team(away), NOTHING, NOON) == (), "nobody, so that the catch-all is paged"


def test_holidays_of_a_country_empty_a_rotation_and_days_off_a_person() -> None:
    christmas = utc(25, 12, month=12)
    office, home = always(A, holidays="ES"), always(A, B, days_off=(DaysOff(person=A, timezone="UTC", country="ES"),))
    assert on_call(team(office), NOTHING, christmas) == ()
    assert next_change(team(office), NOTHING, christmas) == utc(25, 23, month=12)
    assert on_call(team(home), NOTHING, christmas) == (B,)
    assert on_call(team(home), NOTHING, christmas - 2 * DAY)[0] in (A, B)


def test_an_override_takes_the_place_of_one_or_of_all_and_the_later_of_two_counts() -> None:
    both = team(always(A), always(B))
    boards = {
        ((C, A),): (C, B),
        ((C, None),): (C,),
        ((None, A),): (B,),
        ((C, D),): (A, B),
        ((C, A), (D, C)): (D, B),
        ((B, A),): (B,),
    }
    for pairs, expected in boards.items():
        posted_now = tuple(override(10 - number, *pair) for number, pair in enumerate(pairs))
        assert on_call(both, Board(overrides=posted_now), NOON) == expected
        assert on_call(both, Board(overrides=posted_now), NOON + HOUR) == (A, B)
    gone = cancelled(override(1, C, None), "ana", NOON)
    assert on_call(both, Board(overrides=(gone,)), NOON) == (A, B)
    assert on_call(both, Board(overrides=(override(1, C, None, schedule="other"),)), NOON) == (A, B)


def test_what_changes_next_knows_of_overrides() -> None:
    board = Board(overrides=(override(1, C, A),))
    assert next_change(team(always(A)), board, NOON - HOUR) == NOON
    assert next_change(team(always(A)), board, NOON) == NOON + HOUR
    assert next_change(team(always(A)), board, NOON + HOUR) is None


def test_what_a_calendar_tells_covers_the_rotations_and_they_stand_in_where_it_tells_nothing() -> None:
    from alerts.oncall import Feed  # noqa: PLC0415
    from probes.catalog import SecretRef  # noqa: PLC0415

    feed = Feed(url=SecretRef("env:ROTA"), people=(("c@example.com", C),))
    one = Schedule(name="team", rotations=(always(A),), feed=feed)
    board = Board(shifts={"team": (Shift(person=C, start=NOON, end=NOON + HOUR),)})
    assert [on_call(one, board, at) for at in (NOON - HOUR, NOON, NOON + HOUR)] == [(A,), (C,), (A,)]
    assert on_call(team(always(A)), board, NOON) == (A,), "it has no calendar any more"


def wish(person: PersonId | None, instead_of: PersonId | None, **more: object) -> Wish:
    values = {"schedule": "weekly", "start": NOON, "end": NOON + HOUR, "by": "alba"}
    return Wish(**{**values, "person": person, "instead_of": instead_of, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (wish(C, A, schedule="weakly"), "there is no schedule weakly; there are: weekly"),
        (wish(PersonId("zoe"), A), "there is nobody called zoe"),
        (wish(None, None), "it would leave nobody on call; say who comes"),
        (wish(A, A), "the same person would come and go"),
        (wish(C, A, end=NOON), "it ends before it begins"),
        (wish(C, A, start=NOON - DAY, end=NOON - HOUR), "it is over already"),
        (wish(C, A, end=NOON + 400 * DAY), "it is longer than a year"),
        (wish(C, B), "bruno is not on call in weekly at any time in it"),
    ],
)
def test_what_cannot_be_posted_is_refused_with_the_reason(asked: Wish, said: str) -> None:
    with pytest.raises(PostingError, match=said):
        posted(asked, roster_of(), NOTHING, OverrideId("1"), NOON)


def test_a_swap_is_two_overrides_and_each_takes_the_others_turn() -> None:
    first = SwapTurn(person=A, start=utc(2, 8), end=utc(9, 8))
    second = SwapTurn(person=B, start=utc(9, 8), end=utc(16, 8))
    wishes = swapped("weekly", (first, second), roster_of(), NOTHING, utc(2, 9))
    board = Board(
        overrides=tuple(
            posted(one, roster_of(), NOTHING, OverrideId(str(number)), utc(2, 9)) for number, one in enumerate(wishes)
        )
    )
    assert [on_call(WEEKLY, board, at) for at in (utc(2, 8), utc(8, 12), utc(9, 8), utc(16, 8))] == [
        (B,),
        (B,),
        (A,),
        (A,),
    ]
    with pytest.raises(PostingError, match="overlap"):
        swapped("weekly", (first, SwapTurn(person=B, start=utc(3, 8), end=utc(9, 8))), roster_of(), NOTHING, NOON)
    with pytest.raises(PostingError, match="same person"):
        swapped("weekly", (first, first), roster_of(), NOTHING, NOON)


def test_a_day_that_a_zone_skipped_leaves_nobody_out() -> None:
    one = team(always(A, timezone="Pacific/Apia", only=(Hours(weekdays=tuple(range(7)), start=time(0), end=time(0)),)))
    start = datetime.combine(date(2011, 12, 28), time(), tzinfo=UTC)
    assert {stretch.people for stretch in stretches(one, NOTHING, start, start + 5 * DAY)} == {(A,)}
