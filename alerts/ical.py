"""Turns as iCalendar text (RFC 5545, RFC 7986): what a calendar program subscribes to. Pure text; nothing is decided.

Every event keeps its UID, its SEQUENCE and DTSTAMP are those of its last change, and one that was called off says so.
"""

from collections.abc import Iterable
from datetime import UTC, timedelta
from hashlib import sha256

from icalendar import Calendar, Event

from alerts.published import DutyEvent

AGAIN = timedelta(minutes=15)
"""How soon a calendar program is asked to look again."""

PRODUCT = "-//Tierwatch//On call//EN"


def calendar(name: str, events: Iterable[tuple[str, DutyEvent]], address: str) -> bytes:
    """Return the calendar of a person or a schedule; each event comes with the schedule that it belongs to."""
    made = Calendar()
    for key, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "PUBLISH"), ("name", name)):
        made.add(key, value)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT15M")
    for schedule, event in events:
        made.add_component(_event(schedule, event, address))
    return bytes(made.to_ical())


def _event(schedule: str, event: DutyEvent, address: str) -> Event:
    one = Event()
    one.add("uid", event.uid)
    one.add("dtstamp", event.changed.astimezone(UTC))
    one.add("last-modified", event.changed.astimezone(UTC))
    one.add("dtstart", event.start.astimezone(UTC))
    one.add("dtend", event.end.astimezone(UTC))
    one.add("sequence", event.sequence)
    one.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    one.add("summary", f"On call: {schedule} ({event.person})")
    one.add("categories", ["On call"])
    one.add("transp", "TRANSPARENT")
    one.add("url", address)
    return one


def tag_of(text: bytes) -> str:
    """Return an entity tag: the same for the same text, and for no other."""
    return f'"{sha256(text).hexdigest()[:32]}"'
