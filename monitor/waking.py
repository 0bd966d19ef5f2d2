"""Which ticks a change concerns: they are woken when it has been stored, and find out for themselves what to do."""

from collections.abc import Iterator, Mapping

from monitor.changes import Changes

CONCERNED: Mapping[str, tuple[str, ...]] = {
    "messages": ("delivery",),
    "entries": ("escalation", "promises", "guarding"),
    "dunning": ("guarding",),
    "silences": ("escalation", "promises"),
    "windows": ("escalation", "promises", "forewarning"),
    "runs": ("time",),
    "overrides": ("oncall", "escalation"),
    "notice_drafts": ("escalation",),
    "rotas": ("time", "oncall", "escalation"),
}


def concerned(changes: Changes) -> Iterator[str]:
    """Yield the names of the ticks to be woken."""
    for name, ticks in CONCERNED.items():
        if getattr(changes, name):
            yield from ticks
