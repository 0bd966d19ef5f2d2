"""A calendar is read as shifts: repeated, moved, left out, over clock changes; what is too much is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.oncall import Feed, PersonId
from alerts.rota_text import RotaError, read_rota
from probes.catalog import SecretRef

ANA, BEN = PersonId("ana"), PersonId("ben")
PEOPLE = (("Ana@example.com", ANA), ("ben@example.com", BEN), ("Ben on call", BEN))
FEED = Feed(url=SecretRef("env:ROTA"), people=PEOPLE, timezone="Europe/Madrid")
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def shifts(*events: str) -> list[tuple[str, str, str]]:
    text = "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *map(event, events), "END:VCALENDAR", ""))
    found = read_rota(text.encode(), FEED, START, END).shifts
    return [(one.person, f"{one.start:%m-%d %H:%M}", f"{one.end:%m-%d %H:%M}") for one in found]


def event(lines: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", *lines.split("|"), "END:VEVENT"))


MADRID = "DTSTART;TZID=Europe/Madrid:20260316T090000|DTEND;TZID=Europe/Madrid:20260323T090000"
ANAS = "ATTENDEE;CN=Ana:mailto:ana@example.com"


def test_people_are_meant_by_an_attendees_address_or_by_the_summary() -> None:
    assert shifts(f"UID:1|SUMMARY:whatever|{ANAS}|{MADRID}") == [(ANA, "03-16 08:00", "03-23 08:00")]
    assert shifts(f"UID:1|SUMMARY:ben ON call|{MADRID}") == [(BEN, "03-16 08:00", "03-23 08:00")]
    assert shifts(f"UID:1|SUMMARY:x|ATTENDEE;PARTSTAT=DECLINED:mailto:ana@example.com|{MADRID}") == []
    both = shifts(f"UID:1|{ANAS}|ATTENDEE:mailto:ben@example.com|{MADRID}")
    assert [one[0] for one in both] == [ANA, BEN]


def test_whole_days_are_those_of_the_feeds_zone() -> None:
    days = "UID:1|SUMMARY:Ben on call|DTSTART;VALUE=DATE:20260328|DTEND;VALUE=DATE:20260330"
    assert shifts(days) == [(BEN, "03-27 23:00", "03-29 22:00")]


def test_a_weekly_shift_stays_at_its_time_on_the_wall_when_clocks_change() -> None:
    found = shifts(f"UID:1|{ANAS}|RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20260414T000000Z|{MADRID}")
    assert found == [
        (ANA, "03-16 08:00", "03-23 08:00"),
        (ANA, "03-30 07:00", "04-06 07:00"),
        (ANA, "04-13 07:00", "04-20 07:00"),
    ]


def at(day: int, hour: int) -> str:
    return f"TZID=Europe/Madrid:202603{day:02}T{hour:02}0000"


def test_occurrences_are_left_out_added_moved_and_called_off() -> None:
    daily = f"DTSTART;{at(27, 9)}|DTEND;{at(27, 17)}|RRULE:FREQ=DAILY;COUNT=5|EXDATE;{at(28, 9)}"
    added = "RDATE;TZID=Europe/Madrid:20260405T090000"
    moved = f"UID:1|{ANAS}|RECURRENCE-ID;{at(29, 9)}|DTSTART;{at(29, 12)}|DURATION:PT2H"
    gone = f"UID:1|{ANAS}|RECURRENCE-ID;{at(30, 9)}|STATUS:CANCELLED|DTSTART;{at(30, 9)}|DURATION:PT8H"
    assert shifts(f"UID:1|{ANAS}|{daily}|{added}", moved, gone) == [
        (ANA, "03-27 08:00", "03-27 16:00"),
        (ANA, "03-29 10:00", "03-29 12:00"),
        (ANA, "03-31 07:00", "03-31 15:00"),
        (ANA, "04-05 07:00", "04-05 15:00"),
    ]


def test_summaries_by_which_nobody_is_meant_are_told_and_nothing_else_of_the_event() -> None:
    zoe = event(f"UID:1|SUMMARY:Zoe|ATTENDEE:mailto:zoe@example.com|{MADRID}")
    text = f"BEGIN:VCALENDAR\r\n{zoe}\r\nEND:VCALENDAR\r\n"
    assert read_rota(text.encode(), FEED, START, END).unknown == ("Zoe",)


@pytest.mark.parametrize("text", [b"", b"<html>", b"BEGIN:VCALENDAR\r\n", b"\xff\xfe", b"{}"])
def test_what_is_no_calendar_is_refused(text: bytes) -> None:
    with pytest.raises(RotaError, match="no iCalendar text"):
        read_rota(text, FEED, START, END)


@pytest.mark.parametrize("rule", ["FREQ=HOURLY", "FREQ=SECONDLY;INTERVAL=1"])
def test_what_repeats_too_often_is_refused(rule: str) -> None:
    with pytest.raises(RotaError, match="more often than daily"):
        shifts(f"UID:1|{ANAS}|RRULE:{rule}|{MADRID}")


def test_an_endless_rule_is_expanded_only_as_far_as_it_is_looked_at() -> None:
    found = shifts(f"UID:1|{ANAS}|RRULE:FREQ=DAILY|DTSTART:20200101T080000Z|DURATION:PT1H")
    assert len(found) == (END - START) // timedelta(days=1)
