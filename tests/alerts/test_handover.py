"""The note to who comes on: once for each handover, with what is open, what happened before, and until when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.handover import Affairs, Handed, handed, note, notes
from alerts.message import Lane, MessageKind
from alerts.oncall import Board
from alerts.override import Override, OverrideId
from tests.cast import ALBA, BRUNO, CARLA, DAY, HOUR, LINKS, MINUTE, NOON, PEOPLE, WEEKLY

MONDAY = NOON + timedelta(days=5) - 4 * HOUR
BOARD = Board(people={person.id: person for person in PEOPLE})
QUIET = Affairs(incidents=(), silences=(), board=BOARD, links=LINKS)
BEFORE = Handed(schedule="weekly", people=(ALBA.id,), since=MONDAY - 7 * DAY)


def test_nothing_is_handed_over_while_the_same_people_are_on_call() -> None:
    first = handed(WEEKLY, None, BOARD, NOON)
    assert first == Handed(schedule="weekly", people=(ALBA.id,), since=NOON)
    assert handed(WEEKLY, first, BOARD, NOON + DAY) is first


@pytest.mark.answers("target/goalert#583", "target/goalert#4190")
def test_who_comes_on_is_sent_one_note_that_can_wait() -> None:
    after = handed(WEEKLY, BEFORE, BOARD, MONDAY + 10 * MINUTE)
    assert after == Handed(schedule="weekly", people=(BRUNO.id,), since=MONDAY), "the turn began when it began"
    (message,) = notes(WEEKLY, BEFORE, after, QUIET, MONDAY + 10 * MINUTE)
    assert (message.kind, message.lane, message.recipient) == (MessageKind.NOTE, Lane.NORMAL, BRUNO.id)
    assert message.channels == BRUNO.channels
    assert message.body.splitlines() == [
        "You are on call for weekly from Mon 2026-03-09 09:00 CET until Mon 2026-03-16 09:00 CET, then alba.",
        "Before you: alba, since Mon 2026-03-02 09:00 CET.",
        "",
        "No incident is open.",
        "In the turn before (168 h 0 min): 0 opened, 0 resolved, 0 pages.",
        "Schedule: https://watch.example.com/oncall",
    ]
    (again,) = notes(WEEKLY, BEFORE, handed(WEEKLY, BEFORE, BOARD, MONDAY + HOUR), QUIET, MONDAY + HOUR)
    assert again.key == message.key, "the outbox takes it once"


def test_who_an_override_brings_is_told_and_who_stays_is_not() -> None:
    one = Override(
        id=OverrideId("1"),
        schedule="weekly",
        start=NOON,
        end=NOON + DAY,
        person=CARLA.id,
        instead_of=ALBA.id,
        by="alba",
        why="",
        created=NOON,
    )
    board = replace(BOARD, overrides=(one,))
    after = handed(WEEKLY, BEFORE, board, NOON)
    told = list(notes(WEEKLY, BEFORE, after, replace(QUIET, board=board), NOON))
    assert [message.recipient for message in told] == [CARLA.id]
    assert "until Thu 2026-03-05 13:00 CET, then alba" in told[0].body


def test_a_note_says_that_nobody_follows() -> None:
    gone = replace(WEEKLY, rotations=(replace(WEEKLY.rotations[0], people=(ALBA.id,)),))
    assert "You are on call for weekly from Wed 2026-03-04 13:00 CET." in note(gone, ALBA, BEFORE, QUIET, NOON)
