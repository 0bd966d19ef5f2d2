"""The ladder says who was paged, who comes next and when, with the hours and the people of that instant."""

from dataclasses import replace

import pytest

from alerts.ladder import RungState, ladder
from alerts.override import NOTHING_POSTED
from tests.alerts.shift import FIRST, Shift
from tests.alerts.test_escalation_hours import OFFICE
from tests.cast import ACME, CONTEXT, DUNE, FIRST_LINE, NOON, SECOND_LINE, after, late, roster_of


@pytest.fixture
def shift() -> Shift:
    return Shift()


def told(shift: Shift, minutes: float) -> list[tuple[str, list[str], float]]:
    """State, people and minutes after noon of each rung."""
    rungs = ladder(shift.only, shift.timelines[FIRST], NOTHING_POSTED, after(minutes=minutes))
    return [(one.state.value, list(one.people), (one.at - NOON).total_seconds() / 60) for one in rungs]


def test_it_tells_who_was_paged_who_is_next_and_who_then(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    assert told(shift, 1) == [("done", ["alba"], 0), ("next", ["carla"], 3), ("later", ["boss"], 5)]
    shift.waits(after(minutes=3))
    assert told(shift, 4) == [("done", ["alba"], 0), ("done", ["carla"], 3), ("next", ["boss"], 5)]


def test_nobody_comes_after_an_acknowledgement_and_somebody_after_one_for_a_while(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.acknowledges(after(minutes=1))
    assert told(shift, 2) == [("done", ["alba"], 0)]
    shift.acknowledges(after(minutes=2), length=after(minutes=30) - NOON)
    assert told(shift, 3)[1:] == [("next", ["carla"], 32), ("later", ["boss"], 34)]


def test_what_waits_for_its_hours_is_told_with_when_they_begin(shift: Shift) -> None:
    shift.context = replace(CONTEXT, roster=roster_of(FIRST_LINE, replace(SECOND_LINE, hours=OFFICE)))
    night = after(hours=10)
    shift.sees(night, late(DUNE, at=night))
    assert told(shift, 601)[0] == ("next", ["diego"], 20 * 60)


def test_where_the_next_person_is_their_zone_is_told(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    (_, upcoming, _) = ladder(shift.only, shift.timelines[FIRST], NOTHING_POSTED, after(minutes=1))
    assert (upcoming.state, upcoming.zones) == (RungState.NEXT, ("Europe/Madrid",))


def test_what_is_over_has_only_what_was(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.resolves(after(minutes=1))
    assert told(shift, 2) == [("done", ["alba"], 0)]
