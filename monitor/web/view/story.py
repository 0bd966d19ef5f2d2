"""An incident's timeline in sentences, newest first; receipts that follow each other are told as one line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from alerts.escalation import PageReason
from alerts.timeline import (
    Acknowledged,
    AlertsCleared,
    AlertsJoined,
    ClientsHurt,
    ClientsRecovered,
    NoticesQueued,
    Opened,
    Paged,
    Resolved,
    SeveritySet,
    Told,
)
from monitor.changes import Entry
from monitor.web.measure import count
from monitor.web.view.health import Tone
from probes.catalog import ClientId

NAMED = 4

REASONS = {
    PageReason.FIRST: "first on call",
    PageReason.NOT_ACKNOWLEDGED: "nobody had acknowledged",
    PageReason.NOBODY_ON_CALL: "catch-all: nobody is on call",
    PageReason.EXHAUSTED: "catch-all: no escalation step is left",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a timeline; `details` are its particulars, `until` the last instant of a line told for several."""

    sequence: int
    at: datetime
    kind: str
    text: str
    tone: Tone = Tone.CALM
    details: tuple[str, ...] = ()
    until: datetime | None = None


Names = Mapping[ClientId, str]


def story(entries: Iterable[Entry], names: Names) -> tuple[Line, ...]:
    """Return the lines of a timeline, newest first; `names` are the clients' names, an id stands for an unknown one."""
    grouped = groupby(sorted(entries, key=lambda entry: entry.sequence), key=_receipt)
    lines = [line for receipt, group in grouped for line in _lines(receipt, list(group), names)]
    return tuple(reversed(lines))


def line(entry: Entry, names: Names) -> Line:
    """Return one event as one line."""
    tone, text, details = TELLERS[entry.event.kind](entry.event, names)
    event = entry.event
    return Line(sequence=entry.sequence, at=event.at, kind=event.kind, text=text, tone=tone, details=tuple(details))


def _receipt(entry: Entry) -> tuple[str, bool] | int:
    """What receipts have in common that are told as one; every other event stands alone."""
    event = entry.event
    return (event.stage, event.client is None) if isinstance(event, Told) else entry.sequence


def _lines(receipt: tuple[str, bool] | int, group: list[Entry], names: Names) -> Iterable[Line]:
    if isinstance(receipt, int) or len(group) == 1:
        return [line(entry, names) for entry in group]
    stage, page = receipt
    what = count(len(group), "page" if page else "notice")
    return [
        Line(
            sequence=group[0].sequence,
            at=group[0].event.at,
            until=group[-1].event.at,
            kind="told",
            tone=Tone.GOOD,
            text=f"{what} accepted by the receivers ({stage})",
            details=tuple(line(entry, names).text for entry in group),
        )
    ]


Telling = tuple[Tone, str, Iterable[str]]


def _listed(clients: Iterable[ClientId], names: Names) -> str:
    known = [names.get(client, client) for client in clients]
    more = len(known) - NAMED
    return ", ".join(known[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _all(clients: Iterable[ClientId], names: Names) -> list[str]:
    known = [names.get(client, client) for client in clients]
    return known if len(known) > NAMED else []


def _opened(event: Opened, names: Names) -> Telling:
    del names
    return Tone.BAD, "Incident opened" + (": we cannot see whether anybody is hurt" if event.blind else ""), ()


def _alerts_joined(event: AlertsJoined, names: Names) -> Telling:
    del names
    sentences = list(event.alerts.values())
    first = f": {sentences[0]}" if sentences else ""
    return Tone.BAD, f"{count(len(sentences), 'alert')} joined{first}", sentences[1:]


def _alerts_cleared(event: AlertsCleared, names: Names) -> Telling:
    del names
    ended = f"{count(len(event.alerts), 'alert')} ended on evidence"
    if event.answered is not None:
        ended = f"{ended}; the systems answer again since {event.answered:%H:%M:%S} UTC, what waited has still to drain"
    return Tone.GOOD, ended, event.alerts


def _clients_hurt(event: ClientsHurt, names: Names) -> Telling:
    known = {**names, **{hurt.terms.client: hurt.terms.name for hurt in event.hurt}}
    clients = [hurt.terms.client for hurt in event.hurt]
    return Tone.BAD, f"{count(len(clients), 'client')} hurt: {_listed(clients, known)}", _all(clients, known)


def _clients_recovered(event: ClientsRecovered, names: Names) -> Telling:
    clients = [one.client for one in event.recovered]
    return Tone.GOOD, f"{count(len(clients), 'client')} recovered: {_listed(clients, names)}", _all(clients, names)


def _severity_set(event: SeveritySet, names: Names) -> Telling:
    del names
    why = f": {event.why}" if event.why else ""
    return Tone.WARN if why else Tone.CALM, f"Severity {event.tier}; escalation {event.policy.name}{why}", ()


def _paged(event: Paged, names: Names) -> Telling:
    del names
    return Tone.WARN, f"{', '.join(event.people)} paged ({REASONS[event.reason]})", ()


def _notices_queued(event: NoticesQueued, names: Names) -> Telling:
    text = f"Notice '{event.stage}' written for {count(len(event.clients), 'client')}"
    return Tone.CALM, text, _all(event.clients, names)


def _told(event: Told, names: Names) -> Telling:
    if event.client is None:
        return Tone.GOOD, f"Page accepted for {event.recipient} ({event.stage})", ()
    whose = f"{event.recipient} of {names.get(event.client, event.client)}"
    return Tone.GOOD, f"Notice accepted for {whose} ({event.stage})", ()


def _acknowledged(event: Acknowledged, names: Names) -> Telling:
    del names
    return Tone.GOOD, f"Acknowledged by {event.by}: nobody else is paged", ()


def _resolved(event: Resolved, names: Names) -> Telling:
    del names
    return Tone.GOOD, f"Resolved{f' by {event.by}' if event.by else ''}: {event.why}", ()


TELLERS: Mapping[str, Callable[[Any, Names], Telling]] = {
    "opened": _opened,
    "alerts_joined": _alerts_joined,
    "alerts_cleared": _alerts_cleared,
    "clients_hurt": _clients_hurt,
    "clients_recovered": _clients_recovered,
    "severity_set": _severity_set,
    "paged": _paged,
    "notices_queued": _notices_queued,
    "told": _told,
    "acknowledged": _acknowledged,
    "resolved": _resolved,
}
