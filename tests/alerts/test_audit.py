"""What an audit of the record finds overdue, and what it says of it."""

from dataclasses import replace

import pytest

from alerts.alert import AlertState, IncidentId
from alerts.audit import AGAIN, Overdue, What, message, overdue
from alerts.mute import Mute, MuteCause
from tests.alerts.shift import Shift
from tests.cast import ACME, BOSS, LINKS, NOON, SECOND, after, late, news


@pytest.fixture
def shift() -> Shift:
    return Shift()


def found(shift: Shift, minutes: float) -> list[What]:
    return [one.what for one in overdue([shift.only], after(minutes=minutes))]


def test_a_step_that_was_due_and_is_on_no_timeline_is_overdue(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    assert What.STEP not in found(shift, 3.2), "a tick may come some seconds late"
    (one,) = [one for one in overdue([shift.only], after(minutes=3.5)) if one.what is What.STEP]
    assert (one.incident, one.due) == ("INC-1", after(minutes=3))


def test_an_update_that_was_promised_and_not_written_is_overdue(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    shift.acknowledges(after(minutes=1))
    assert found(shift, 60) == [], "without news nothing goes out by itself"
    shift.sees(after(minutes=1), news(ACME))
    assert found(shift, 2.2) == []
    assert found(shift, 2.5) == [What.UPDATE]


def test_what_has_ended_or_is_kept_back_is_not_overdue(shift: Shift) -> None:
    shift.sees(NOON, late(ACME))
    mute = Mute(cause=MuteCause.MAINTENANCE, by="a window", why="planned")
    kept = replace(shift.only, muted=(mute,), unnotified={ACME: (mute,)})
    assert list(overdue([kept], after(minutes=60))) == []
    shift.sees(after(minutes=1), late(ACME, AlertState.RESOLVED, after(minutes=1)))
    assert found(shift, 60) == []


def test_what_was_kept_back_is_overdue_once_what_kept_it_back_is_over(shift: Shift) -> None:
    """An escalation that fails at the end of a silence writes nothing down: the record says until when it held."""
    shift.sees(NOON, late(ACME))
    shift.sees(NOON, news(ACME))
    mute = Mute(cause=MuteCause.SILENCE, by="a silence", why="quiet", until=after(minutes=30))
    kept = replace(shift.only, muted=(mute,), unnotified={ACME: (mute,)})
    assert list(overdue([kept], after(minutes=29))) == []
    assert [one.what for one in overdue([kept], after(minutes=31))] == [What.STEP, What.UPDATE]


def test_the_page_of_it_goes_before_all_others_and_names_no_client() -> None:
    one = Overdue(what=What.STEP, due=NOON, incident=IncidentId("INC-1"))
    page = message(one, BOSS, LINKS, after(minutes=5))
    assert page.weight > 1000
    assert "was due at 2026-03-04 12:00:00 UTC, 5 min ago" in page.body
    assert "https://watch.example.com/incidents/INC-1" in page.body
    assert "https://watch.example.com/readyz" in page.body


def test_it_is_told_once_an_hour_and_not_at_every_look() -> None:
    one = Overdue(what=What.STEP, due=NOON, incident=IncidentId("INC-1"))
    keys = {message(one, BOSS, LINKS, NOON + minutes * 60 * SECOND).key for minutes in range(1, 59)}
    assert len(keys) == 1
    assert message(one, BOSS, LINKS, NOON + AGAIN).key not in keys
