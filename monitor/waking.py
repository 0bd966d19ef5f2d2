"""Which ticks a change concerns: they are woken when it has been stored, and find out for themselves what to do."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from alerts.timeline import NoticesQueued, Told
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
    """Return whether timelines say nothing but that notices were written, or that messages arrived.

    Thousands may, one by one, and none is urgent: what is written to the next of them waits a moment, in which those
    before them are told.
    """
    return all(isinstance(entry.event, Told | NoticesQueued) for entry in changes.entries)


def concerned_soon(changes: Changes) -> tuple[str, ...]:
    """Return the names of the ticks that are to come within a moment, for what arrived in it together."""
    return CONCERNED["entries"] if changes.entries and only_told(changes) else ()
