"""An incident's timeline in sentences, newest first; receipts that follow each other are told as one line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from alerts.mute import DebtsWaived, KeptBack
from alerts.timeline import (
    AlertsCleared,
    AlertsJoined,
    CauseFound,
    ClientsHurt,
    ClientsRecovered,
    EvidenceAdded,
    MergedInto,
    NoticesQueued,
    Opened,
    PagesHeld,
    Reassigned,
    Reopened,
    Resolved,
    SeveritySet,
    SplitOff,
    TakenOver,
    Taking,
    Told,
)
from monitor.changes import Entry
from monitor.web.measure import count
from monitor.web.view import clocked, drafted, stepping
from monitor.web.view.health import Tone
from monitor.web.view.names import Names, everyone, listed


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
    return Tone.BAD, f"{count(len(clients), 'client')} hurt: {listed(clients, known)}", everyone(clients, known)


def _clients_recovered(event: ClientsRecovered, names: Names) -> Telling:
    clients = [one.client for one in event.recovered]
    return Tone.GOOD, f"{count(len(clients), 'client')} recovered: {listed(clients, names)}", everyone(clients, names)


def _severity_set(event: SeveritySet, names: Names) -> Telling:
    del names
    why = f": {event.why}" if event.why else ""
    text = f"Severity {event.tier}{f' by {event.by}' if event.by else ''}; escalation {event.policy.name}{why}"
    return Tone.WARN if why else Tone.CALM, text, ()


def _notices_queued(event: NoticesQueued, names: Names) -> Telling:
    text = f"Notice '{event.stage}' written for {count(len(event.clients), 'client')}"
    return Tone.CALM, text, everyone(event.clients, names)


def _told(event: Told, names: Names) -> Telling:
    if event.client is None:
        return Tone.GOOD, f"Page accepted for {event.recipient} ({event.stage})", ()
    whose = f"{event.recipient} of {names.get(event.client, event.client)}"
    return Tone.GOOD, f"Notice accepted for {whose} ({event.stage})", ()


def _resolved(event: Resolved, names: Names) -> Telling:
    del names
    word = "Retracted as a false alarm" if event.false_alarm else "Resolved"
    return Tone.GOOD, f"{word}{f' by {event.by}' if event.by else ''}: {event.why}", ()


def _reopened(event: Reopened, names: Names) -> Telling:
    del names
    return Tone.BAD, f"Reopened{f' by {event.by}' if event.by else ''}: {event.why}", ()


def _cause_found(event: CauseFound, names: Names) -> Telling:
    del names
    return Tone.WARN, f"Cause found, {', '.join(sorted(event.nodes))}: {event.why}", ()


def _evidence_added(event: EvidenceAdded, names: Names) -> Telling:
    del names
    sentences = list(event.evidence.values())
    return Tone.WARN, f"Evidence: {'; '.join(sentences[:1])}", sentences[1:]


def _taken_over(event: TakenOver, names: Names) -> Telling:
    del names
    what = f"{count(len(event.alerts), 'alert')} and {count(len(event.impacts), 'client')}"
    word = "Merged with" if event.how is Taking.MERGED else "Split off from"
    return Tone.WARN, f"{word} {event.origin}{_by(event.by)}, {what}: {event.why}", event.alerts.values()


def _merged_into(event: MergedInto, names: Names) -> Telling:
    del names
    return Tone.WARN, f"Merged into {event.into}{_by(event.by)}: {event.why}", ()


def _split_off(event: SplitOff, names: Names) -> Telling:
    what = f"{count(len(event.alerts), 'alert')} and {count(len(event.clients), 'client')}"
    details = (*event.alerts, *(names.get(client, client) for client in event.clients))
    return Tone.WARN, f"{what} split off to {event.into}{_by(event.by)}: {event.why}", details


def _reassigned(event: Reassigned, names: Names) -> Telling:
    del names
    return Tone.WARN, f"Given to {event.owner.id}{_by(event.by)}: {event.why}", ()


def _pages_held(event: PagesHeld, names: Names) -> Telling:
    del names
    return Tone.CALM, f"Nobody is paged before {event.until:%H:%M:%S} UTC: {event.why}", ()


def _kept_back(event: KeptBack, names: Names) -> Telling:
    what = "The page" if event.pages else f"Notices to {count(len(event.clients), 'client')}"
    until = max((mute.until for mute in event.mutes if mute.until is not None), default=None)
    ends = f" (until {until:%Y-%m-%d %H:%M} UTC)" if until is not None else ""
    whose = [names.get(client, client) for client in event.clients]
    return Tone.WARN, f"{what} kept back: {'; '.join(one.why for one in event.mutes)}{ends}", whose


def _debts_waived(event: DebtsWaived, names: Names) -> Telling:
    del names
    return Tone.WARN, f"Who was not told the end need not be told any more, says {event.by}: {event.why}", ()


def _by(person: str | None) -> str:
    return f" by {person}" if person else ""


TELLERS: Mapping[str, Callable[[Any, Names], Telling]] = {
    "opened": _opened,
    "alerts_joined": _alerts_joined,
    "alerts_cleared": _alerts_cleared,
    "clients_hurt": _clients_hurt,
    "clients_recovered": _clients_recovered,
    "severity_set": _severity_set,
    "policy_taken": stepping.policy_taken,
    "paged": stepping.paged,
    "owners_paged": stepping.owners_paged,
    "step_moved": stepping.step_moved,
    "escalation_paused": stepping.escalation_paused,
    "notices_queued": _notices_queued,
    "told": _told,
    "acknowledged": stepping.acknowledged,
    "resolved": _resolved,
    "reopened": _reopened,
    "cause_found": _cause_found,
    "evidence_added": _evidence_added,
    "taken_over": _taken_over,
    "merged_into": _merged_into,
    "split_off": _split_off,
    "reassigned": _reassigned,
    "pages_held": _pages_held,
    **clocked.TELLERS,
    **drafted.TELLERS,
    "kept_back": _kept_back,
    "debts_waived": _debts_waived,
}
