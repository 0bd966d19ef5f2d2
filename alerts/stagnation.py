"""Judges whether a flow stands still. It is one alert for the whole flow, and hurts the clients whose records wait.

It comes sooner than any single record is late where much travels, and names the stage; records that are late have their
own alerts per client, with the same possible causes, so that all of them are one incident.
"""

from dataclasses import replace
from datetime import datetime

from alerts.alert import Alert, AlertKey, AlertKind, AlertState, Move
from alerts.correlate import flow_nodes
from alerts.evaluate import STAY, About, Verdict, span
from alerts.weigh import Assessment
from probes.catalog import Catalog, ClientId, Flow, FlowId
from probes.sli import Indicator, IndicatorKind, counted
from probes.stagnation import RATE_OVER, Silence, silence
from probes.tracked import BookChange


def judge_stagnation(assessment: Assessment, flow: Flow, now: datetime) -> None:
    """Count what has arrived on a flow, and judge whether it stands still."""
    change, book = assessment.books[flow.id], assessment.book(flow.id)
    known = _weighed(assessment.indicator(IndicatorKind.ARRIVALS, flow.id, None, RATE_OVER), change)
    if change.arrivals:
        assessment.put(known)
    clients = assessment.before.catalog.clients
    alert = assessment.alert(_about(flow).key)
    if alert is not None and alert.state is AlertState.FIRING:
        # Only a look that read an end whole can say that nothing waits any more, as only it can measure the silence.
        waits = not _told(change) or any(one.client in clients for one in book.moving(now))
        assessment.move(_about(flow), _ended(alert, known, waits=waits), now)
        return
    found = silence(flow, book, known.tally, known.seen, clients) if _told(change) else None
    if found is not None and found.stagnates(flow):
        verdict = Verdict(move=Move.CONFIRM, explanation=_sentence(flow, found), onset=found.since)
        assessment.move(_about(flow, found.clients), verdict, now)


def _about(flow: Flow, clients: frozenset[ClientId] = frozenset()) -> About:
    key = AlertKey(kind=AlertKind.STAGNATION, subject=flow.id)
    return About(key=key, nodes=flow_nodes(flow), flow=flow.id, clients=clients)


def _told(change: BookChange) -> bool:
    """Whether a look read an end whole."""
    return change.source_covered is not None or change.destination_covered is not None


def _weighed(known: Indicator, change: BookChange) -> Indicator:
    """Count arrivals; what the first look of all found there already came at an instant that nobody knows."""
    for at in sorted(one.arrived for one in change.arrivals if one.arrived is not None and one.after is not None):
        tally = counted(known.tally, good=1, bad=0, at=at)
        known = replace(known, tally=tally, seen=max(at, known.seen or at))
    return known


def _ended(alert: Alert, known: Indicator, *, waits: bool) -> Verdict:
    """It ends when something arrives again, or when nothing waits any more."""
    if known.seen is not None and known.seen > alert.onset:
        return Verdict(move=Move.CLEAR, cleared=known.seen)
    return STAY if waits else Verdict(move=Move.CLEAR)


def _sentence(flow: Flow, found: Silence) -> str:
    source, destination = (f"{end.system}.{end.resource}" for end in flow.ends)
    records = f"{found.waiting:,} {'record waits' if found.waiting == 1 else 'records wait'}"
    text = (
        f"nothing has arrived at {destination} for {span(found.lasted)} while {records} between {source} and it, "
        f"the oldest since {found.oldest:%H:%M:%S} UTC"
    )
    if not found.rate:
        return text
    return f"{text}; {found.expected:,.0f} would have arrived at the rate of the last hour ({_rate(found.rate)})"


def _rate(per_second: float) -> str:
    for unit, seconds in (("s", 1), ("min", 60), ("h", 3600)):
        if per_second * seconds >= 1:
            return f"{per_second * seconds:.2g}/{unit}"
    return f"{per_second * 86400:.2g}/d"


def still_flows(catalog: Catalog, key: AlertKey) -> bool:
    """Return whether an alert's flow is still configured, and carries its records one by one."""
    flow = catalog.flows.get(FlowId(key.subject))
    return flow is not None and flow.batch is None
