"""Turns as calendar events: what keeps its UID, what grows, what is called off, and the text of it."""

from dataclasses import replace
from datetime import timedelta

from icalendar import Calendar

from alerts.ical import calendar, tag_of
from alerts.oncall import Board
from alerts.override import Override, OverrideId, cancelled
from alerts.published import DutyEvent, Published, published, turns
from tests.cast import ALBA, BRUNO, CARLA, DAY, HOUR, NOON, WEEKLY

NONE = Published(schedule="weekly")
MONDAY = NOON + timedelta(days=5) - 4 * HOUR


def override(start: timedelta, end: timedelta) -> Override:
    return Override(
        id=OverrideId("1"),
        schedule="weekly",
        start=MONDAY + start,
        end=MONDAY + end,
        person=CARLA.id,
        instead_of=BRUNO.id,
        by="alba",
        why="",
        created=NOON,
    )


def first() -> Published:
    return published(NONE, turns(WEEKLY, Board(), NOON), NOON)


def of(one: Published, person: str) -> list[DutyEvent]:
    return [event for event in one.events if event.person == person and event.end > MONDAY - DAY]


def test_turns_are_published_whole_from_five_weeks_back_to_half_a_year_ahead() -> None:
    events = first().events
    assert {event.end - event.start for event in events} <= {7 * DAY, 7 * DAY - HOUR, 7 * DAY + HOUR}
    assert events[0].end > NOON - 35 * DAY
    assert NOON + 173 * DAY < events[-1].start <= NOON + 180 * DAY
    assert len({event.uid for event in events}) == len(events)


def test_nothing_changes_while_nothing_has_changed_also_weeks_later() -> None:
    later = published(first(), turns(WEEKLY, Board(), NOON + 20 * DAY), NOON + 20 * DAY)
    assert all(event.sequence == 0 and not event.cancelled for event in later.events)
    assert {event.uid for event in first().events} <= {event.uid for event in later.events}


def test_an_override_changes_the_turn_that_it_takes_from_and_cancelling_changes_it_back() -> None:
    before, one = first(), override(DAY, 2 * DAY)
    during = published(before, turns(WEEKLY, Board(overrides=(one,)), NOON + HOUR), NOON + HOUR)
    whole, rest = of(during, BRUNO.id)[:2]
    assert (whole.uid, whole.sequence, whole.end) == (of(before, BRUNO.id)[0].uid, 1, MONDAY + DAY)
    assert (rest.sequence, rest.start, rest.end) == (0, MONDAY + 2 * DAY, MONDAY + 7 * DAY)
    assert whole.changed == NOON + HOUR
    (brought,) = of(during, CARLA.id)
    gone = cancelled(one, "alba", NOON + 2 * HOUR)
    after = published(during, turns(WEEKLY, Board(overrides=(gone,)), NOON + 2 * HOUR), NOON + 2 * HOUR)
    by_uid = {event.uid: event for event in after.events}
    assert (by_uid[whole.uid].sequence, by_uid[whole.uid].end) == (2, MONDAY + 7 * DAY)
    assert [(by_uid[uid].cancelled, by_uid[uid].sequence) for uid in (rest.uid, brought.uid)] == [(True, 1), (True, 1)]


def test_a_turn_that_another_configuration_does_away_with_is_called_off_and_what_is_past_stays() -> None:
    other = replace(WEEKLY, rotations=(replace(WEEKLY.rotations[0], people=(CARLA.id, BRUNO.id)),))
    after = published(first(), turns(other, Board(), NOON), NOON)
    assert all(event.cancelled for event in after.events if event.person == ALBA.id)
    assert not any(event.cancelled for event in after.events if event.person == BRUNO.id)


def test_the_text_is_read_again_by_a_calendar_program_as_it_was_meant() -> None:
    event = DutyEvent(uid="u@x", person=ALBA.id, start=NOON, end=NOON + DAY, changed=NOON, sequence=3, cancelled=True)
    text = calendar("On call: a very, very; long\\name " + "x" * 80, [("weekly", event)], "https://w.example/oncall")
    assert b"\r\n" in text
    assert max(map(len, text.split(b"\r\n"))) <= 75
    read = Calendar.from_ical(text)
    assert str(read["NAME"]).startswith("On call: a very, very; long\\name")
    assert str(read["METHOD"]) == "PUBLISH"
    (one,) = read.walk("VEVENT")
    assert (str(one["UID"]), one["SEQUENCE"], str(one["STATUS"])) == ("u@x", 3, "CANCELLED")
    assert [one.decoded(name) for name in ("dtstart", "dtend", "dtstamp")] == [NOON, NOON + DAY, NOON]
    assert tag_of(text) == tag_of(
        calendar("On call: a very, very; long\\name " + "x" * 80, [("weekly", event)], "https://w.example/oncall")
    )
