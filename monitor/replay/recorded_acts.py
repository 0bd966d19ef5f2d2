"""What people did, out of the timelines of a database, as acts of a story. What followed from evidence is left out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from alerts.alert import IncidentId
from alerts.clocks import ClocksPaused, ClocksResumed, Mitigated
from alerts.override import Override
from alerts.steps import EscalationPaused
from alerts.timeline import (
    Acknowledged,
    Event,
    Reassigned,
    Reopened,
    Resolved,
    SeveritySet,
    SplitOff,
    TakenOver,
    Taking,
)
from monitor.changes import Entry

AS_ON_RECORD = "as on record"
"""What stands for a reason: people wrote it for each other, and a story may go to others."""

Words = Mapping[str, object]


def acts(entries: Sequence[Entry], start: datetime, end: datetime) -> Iterator[Words]:
    """Yield what people did; incidents have other numbers when they are played, so the newest is meant.

    A merge names both by where they stand among those on record: they are numbered so if all begin again.
    """
    ranks: dict[IncidentId, str] = {}
    for entry in entries:
        ranks.setdefault(entry.incident, f"INC-{len(ranks) + 1}")
    for entry in entries:
        event = entry.event
        said = _said(event, ranks, entry.incident) if start <= event.at < end else None
        if said is not None:
            reason = {} if isinstance(event, Acknowledged) else {"why": AS_ON_RECORD}
            yield {"at": stamp(event.at), "by": getattr(event, "by", ""), **said, **reason}


def _said(event: Event, ranks: Mapping[IncidentId, str], incident: IncidentId) -> Words | None:
    """Return what a person said by an event, None where nobody did."""
    if getattr(event, "by", None) is None:
        return None
    match event:
        case Acknowledged():
            held = {} if event.until is None else {"until": stamp(event.until)}
            return {"does": "acknowledge", **held}
        case Resolved():
            return {"does": "resolve"}
        case TakenOver() if event.how is Taking.MERGED and event.origin in ranks:
            return {"does": "merge", "incident": ranks[incident], "other": ranks[event.origin]}
        case _:
            return _ordered(event) or _of_clocks(event)


def _ordered(event: Event) -> Words | None:
    match event:
        case EscalationPaused():
            return {"does": "pause", "until": stamp(event.until)}
        case SplitOff():
            return {"does": "split", "alerts": list(event.alerts), "clients": list(event.clients)}
        case Reassigned():
            return {"does": "reassign", "to": event.owner.id}
        case SeveritySet():
            return {"does": "severity", "tier": event.tier}
        case Reopened():
            return {"does": "reopen"}
        case _:
            return None


def _of_clocks(event: Event) -> Words | None:
    match event:
        case ClocksPaused():
            since = stamp(event.since)
            return {"does": "pause_clocks", "clients": list(event.clients), "cause": event.cause.value, "since": since}
        case ClocksResumed():
            since = stamp(event.until)
            return {"does": "resume_clocks", "clients": list(event.clients), "cause": event.cause.value, "since": since}
        case Mitigated():
            return {"does": "mitigated", "since": stamp(event.since)}
        case _:
            return None


def overrides(known: Sequence[Override], start: datetime, end: datetime) -> Iterator[Words]:
    """Yield the overrides that were in force, until they were over or cancelled; of a swap both halves stand alone."""
    for one in sorted(known, key=lambda one: (one.created, one.id)):
        over = one.end if one.cancelled is None else min(one.end, one.cancelled)
        if one.created < end and one.start < end and over > max(start, one.start):
            who = {"person": one.person, "instead_of": one.instead_of}
            yield {
                "schedule": one.schedule,
                "by": one.by,
                **{name: person for name, person in who.items() if person is not None},
                "from": stamp(one.start),
                "until": stamp(over),
                **({"posted": stamp(one.created)} if one.created > start else {}),
            }


def stamp(at: datetime) -> str:
    """Return an instant as a story has it, in whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
