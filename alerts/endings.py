"""Judges what became of a flow's records: missing, mismatched, orphans. How late they are is for `assess`.

What is missing or mismatched hurts the client that it belongs to, and pages; an orphan hurts nobody yet. Each ends with
evidence alone: the record was seen where it was missing, both ends say the same, its source was found.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.alert import AlertKey, AlertKind, Move
from alerts.correlate import flow_nodes
from alerts.evaluate import About, Verdict, span
from alerts.weigh import Assessment
from probes.book import Book
from probes.catalog import Catalog, ClientId, Flow, FlowId
from probes.compare import differences
from probes.ending import ended
from probes.latency import longest_usual
from probes.tracked import Ending, Tracked

ENDINGS = (AlertKind.RECORDS_MISSING, AlertKind.RECORDS_MISMATCHED, AlertKind.RECORDS_ORPHANED)


def judge_endings(assessment: Assessment, flow: Flow, now: datetime) -> None:
    """Find the records of a flow that are missing, mismatched or orphans, and judge what each client has of them."""
    assessment.change(ended(assessment.book(flow.id), now))
    usual, found = longest_usual(assessment.book(flow.id).pace), _in_trouble(assessment.book(flow.id))
    for kind, (ending, tell) in KINDS.items():
        here = {client for client, known in found if known is ending}
        # Of what goes on nothing new is said: its records may be thousands.
        for client in here ^ _alarmed(assessment, flow, kind):
            key = AlertKey(kind=kind, subject=flow.id, client=client)
            about = About(key=key, nodes=flow_nodes(flow), flow=flow.id)
            verdict = Verdict(move=Move.CLEAR, cleared=now)
            if client in here:
                records = sorted(found[client, ending], key=lambda one: one.created)
                text = tell(flow, client, records, usual)
                verdict = Verdict(move=Move.CONFIRM, explanation=text, onset=records[0].created)
            assessment.move(about, verdict, now)


def _in_trouble(book: Book) -> dict[tuple[ClientId | None, Ending], list[Tracked]]:
    """Records by whom they hurt and what became of them; an orphan hurts nobody."""
    found: dict[tuple[ClientId | None, Ending], list[Tracked]] = {}
    for one in book.doubtful():
        if one.ending is not None:
            whose = None if one.ending is Ending.ORPHAN else one.client
            found.setdefault((whose, one.ending), []).append(one)
    return found


def still_kept(catalog: Catalog, key: AlertKey) -> bool:
    """Return whether an alert's flow is still configured, and its client still there."""
    return FlowId(key.subject) in catalog.flows and (key.client is None or key.client in catalog.clients)


def with_stage(flow: Flow, book: Book, verdict: Verdict, now: datetime) -> Verdict:
    """Return a verdict on the latency of a hop with where on its way everybody's late records are stuck."""
    if flow.hop is None or not verdict.explanation:
        return verdict
    stuck = [one for client in book.overdue() for one in book.open(client) if one.late and one.ending is None]
    if not stuck:
        return verdict
    number = f"{len(stuck):,} {'record is' if len(stuck) == 1 else 'records are'}"
    oldest = span(now - min(one.created for one in stuck))
    where = f"between {flow.source.system} and {flow.destination.system}"
    text = f"{number} stuck {where} on the way {flow.hop.chain}, the oldest for {oldest}; {verdict.explanation}"
    return replace(verdict, explanation=text)


def _alarmed(assessment: Assessment, flow: Flow, kind: AlertKind) -> set[ClientId | None]:
    alerts = (one for one in assessment.alerts.values() if one.key.kind is kind and one.flow == flow.id)
    return {one.key.client for one in alerts if one.active}


def _missing(flow: Flow, client: ClientId | None, records: list[Tracked], usual: timedelta) -> str:
    lost = f"{_records(records)} of {client} left {_names(flow)[0]} and never reached {_names(flow)[1]}"
    return (
        f"{lost}{_oldest(records)}: two whole looks did not show {_them(records)}, 99.9 % take less than "
        f"{span(usual)}, and younger ones have arrived"
    )


def _mismatched(flow: Flow, client: ClientId | None, records: list[Tracked], usual: timedelta) -> str:
    del usual
    names = {name for one in records for name, _, _ in differences(flow.compare, one)}
    source, destination = _names(flow)
    differ = f"{_records(records)} of {client} {'differs' if len(records) == 1 else 'differ'} in {_listed(names)}"
    return f"{differ} between {source} and {destination}{_oldest(records)}"


def _orphaned(flow: Flow, client: ClientId | None, records: list[Tracked], usual: timedelta) -> str:
    del client, usual
    source, destination = _names(flow)
    verb = "is" if len(records) == 1 else "are"
    return (
        f"{_records(records)} {verb} in {destination} and not in {source}{_oldest(records)}: "
        f"two whole looks at the source did not show {_them(records)}"
    )


Tell = Callable[[Flow, ClientId | None, list[Tracked], timedelta], str]
KINDS: dict[AlertKind, tuple[Ending, Tell]] = {
    AlertKind.RECORDS_MISSING: (Ending.MISSING, _missing),
    AlertKind.RECORDS_MISMATCHED: (Ending.MISMATCHED, _mismatched),
    AlertKind.RECORDS_ORPHANED: (Ending.ORPHAN, _orphaned),
}


def _names(flow: Flow) -> tuple[str, str]:
    source, destination = (f"{end.system}.{end.resource}" for end in flow.ends)
    return source, destination


def _records(records: list[Tracked]) -> str:
    return f"{len(records):,} {'record' if len(records) == 1 else 'records'}"


def _them(records: list[Tracked]) -> str:
    return "it" if len(records) == 1 else "them"


def _oldest(records: list[Tracked]) -> str:
    which = "created" if len(records) == 1 else "the oldest created"
    return f" ({records[0].key}, {which} at {records[0].created:%H:%M:%S} UTC)"


def _listed(names: Iterable[str]) -> str:
    return " and ".join(", ".join(sorted(names)).rsplit(", ", 1))
