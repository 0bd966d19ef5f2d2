"""Which ticks a change concerns: they are woken when it has been stored, and find out for themselves what to do."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from alerts.timeline import Told
from monitor.changes import Changes

MOMENT = timedelta(seconds=1)

CONCERNED: Mapping[str, tuple[str, ...]] = {
    "messages": ("delivery",),
    "entries": ("escalation", "promises", "guarding"),
    "dunning": ("guarding",),
    "silences": ("escalation", "promises"),
    "windows": ("escalation", "promises", "forewarning"),
    "runs": ("time",),
    "canaries": ("canaries",),
    "overrides": ("oncall", "escalation"),
    "notice_drafts": ("escalation",),
    "rotas": ("time", "oncall", "escalation"),
}


def concerned(changes: Changes) -> Iterator[str]:
    """Yield the names of the ticks to be woken."""
    for name, ticks in CONCERNED.items():
        if getattr(changes, name) and not (name == "entries" and only_told(changes)):
            yield from ticks


def only_told(changes: Changes) -> bool:
    """Return whether timelines say nothing but that messages arrived: thousands may, one by one, and none is urgent."""
    return all(isinstance(entry.event, Told) for entry in changes.entries)


def concerned_soon(changes: Changes) -> tuple[str, ...]:
    """Return the names of the ticks that are to come within a moment, for what arrived in it together."""
    return CONCERNED["entries"] if changes.entries and only_told(changes) else ()
