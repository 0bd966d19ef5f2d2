"""Maintenance as iCalendar text (RFC 5545, RFC 7986): one calendar that a client subscribes to, of all of it.

An event keeps its UID. Its SEQUENCE grows when it is moved, and what is called off says so and is never dropped.
"""

from datetime import UTC
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from alerts.beheld import Say
from alerts.client_view import ClientView, Work
from alerts.ical import AGAIN
from alerts.message import Stage

PRODUCT = "-//Tierwatch//Maintenance//EN"
STATUSES = {Stage.CANCELLED: "CANCELLED"}


def maintenance_calendar(view: ClientView, address: str, say: Say) -> bytes:
    """Return the calendar of a reader's maintenance."""
    made, name = Calendar(), f"{view.title}: {say('Maintenance')}"
    for key, value in (("prodid", PRODUCT), ("version", "2.0"), ("method", "PUBLISH"), ("name", name)):
        made.add(key, value)
    made.add("x-wr-calname", name)
    made.add("last-modified", view.changed.astimezone(UTC))
    made.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT15M")
    for work in reversed(view.works):
        made.add_component(_event(view, work, address, say))
    return bytes(made.to_ical())


def _event(view: ClientView, work: Work, address: str, say: Say) -> Event:
    one, named = Event(), ", ".join(view.named(work.services))
    one.add("uid", f"maint-{work.id}@{urlsplit(address).hostname or 'tierwatch.invalid'}")
    one.add("dtstamp", work.changed.astimezone(UTC))
    one.add("last-modified", work.changed.astimezone(UTC))
    one.add("created", work.told.astimezone(UTC))
    one.add("dtstart", work.starts.astimezone(UTC))
    one.add("dtend", work.ends.astimezone(UTC))
    one.add("sequence", work.sequence)
    one.add("status", STATUSES.get(work.stage, "CONFIRMED"))
    one.add("summary", work.title)
    one.add("description", "\n\n".join(filter(None, (work.text, *(post.body for post in work.posts)))) or named)
    one.add("categories", [say("Maintenance")])
    one.add("transp", "TRANSPARENT")
    one.add("url", f"{address}maintenance/{work.id}")
    return one
