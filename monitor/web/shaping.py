"""From what the views say to the forms of the API; nothing is computed here that a page would not show too."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from alerts.alert import Alert
from alerts.causes import Live, explained
from alerts.message import Delivery, DeliveryState
from alerts.sla import Timer
from alerts.stake import Stake
from monitor.store import Outgoing
from monitor.web.measure import reference
from monitor.web.shapes import (
    AlertShape,
    AttemptShape,
    BrokenShape,
    ClientDetailShape,
    ClientShape,
    ContactShape,
    DeliveryShape,
    FlowShape,
    ImpactShape,
    IncidentDetailShape,
    IncidentShape,
    MeasureShape,
    OnCallShape,
    StakeShape,
    StandingShape,
    TimelineShape,
    TimerShape,
    TurnShape,
)
from monitor.web.view.clients import ClientDetail, ClientView, MeasureView
from monitor.web.view.flows import FlowView, StandingView
from monitor.web.view.incidents import ImpactView, IncidentView, TimerView
from monitor.web.view.people import ScheduleView
from monitor.web.view.story import Line
from probes.catalog import Catalog
from runbooks.runbook import runbook_name, runbook_url


def seconds(length: timedelta | None) -> float | None:
    """Return a length in seconds, None for none."""
    return None if length is None else length.total_seconds()


def timer(view: TimerView) -> TimerShape:
    """Return a promise as the API has it."""
    one = view.timer
    return TimerShape(
        promise=one.promise,
        state=one.state,
        started_by=one.started_by,
        start=one.start,
        due=one.due,
        stopped=one.stopped,
        took_seconds=one.took.total_seconds(),
        left_seconds=view.left.total_seconds(),
    )


def broken(one: Timer) -> BrokenShape:
    """Return a promise that was broken and made again since, as the API has it."""
    return BrokenShape(
        promise=one.promise,
        turn=one.turn,
        start=one.start,
        due=one.due,
        stopped=one.stopped,
        took_seconds=one.took.total_seconds(),
    )


def impact(view: ImpactView) -> ImpactShape:
    """Return what an incident does to one client, as the API has it."""
    one = view.impact
    return ImpactShape(
        client=one.terms.client,
        name=one.terms.name,
        tier=one.terms.tier,
        onset=one.onset,
        joined=one.joined,
        recovered=one.recovered,
        time_to_detect_seconds=view.detected_after.total_seconds(),
        told=dict(one.told),
        timers=[timer(promise) for promise in view.timers.values()],
        broken_before=[broken(one) for one in view.broken],
    )


def incident(view: IncidentView, address: str) -> IncidentShape:
    """Return an incident in short."""
    one = view.incident
    return IncidentShape(
        id=one.id,
        state=view.state,
        headline=view.headline,
        tier=one.tier,
        blind=one.blind,
        onset=one.onset,
        opened=one.opened,
        acknowledged=one.acknowledged,
        acknowledged_by=one.acknowledged_by,
        resolved=one.resolved,
        resolved_why=one.resolved_why,
        clients_hurt=len(view.impacts),
        clients_recovered=view.recovered,
        promises_broken=view.broken,
        paged=list(one.paged),
        next_page=one.next_due,
        runbook_url=runbook_url(address, view.runbook),
        url=f"{address}/incidents/{one.id}",
    )


def at_stake(known: Stake, now: datetime) -> StakeShape:
    """Return what is at stake."""
    renewal, cutoff = known.renewal, known.cutoff
    return StakeShape(
        clients_by_tier=dict(known.tiers),
        yearly_revenue=dict(known.revenue),
        clients_with_revenue=known.priced,
        next_renewal_client=renewal.client if renewal else None,
        next_renewal=renewal.day if renewal else None,
        days_to_renewal=renewal.days if renewal else None,
        next_cutoff=cutoff.cutoff.name if cutoff else None,
        next_cutoff_client=cutoff.client if cutoff else None,
        minutes_to_cutoff=(cutoff.at - now) / timedelta(minutes=1) if cutoff else None,
        how=list(known.how),
    )


def incident_detail(view: IncidentView, lines: Iterable[Line], stake: StakeShape, address: str) -> IncidentDetailShape:
    """Return an incident in full."""
    return IncidentDetailShape(
        **incident(view, address).model_dump(),
        impacts=[impact(one) for one in view.impacts],
        alerts=dict(view.incident.alerts),
        active_alerts=sorted(view.incident.active),
        evidence=dict(view.incident.evidence),
        owner=view.incident.owner,
        merged_into=view.incident.merged,
        reopenings=view.incident.reopenings,
        places=sorted(view.incident.nodes),
        at_stake=stake,
        timeline=[TimelineShape(sequence=one.sequence, at=one.at, kind=one.kind, text=one.text) for one in lines],
    )


def alert(one: Alert, catalog: Catalog, places: Live, address: str) -> AlertShape:
    """Return an alert, with the alerts that explain it at this moment."""
    client = catalog.clients.get(one.key.client) if one.key.client else None
    return AlertShape(
        key=str(one.key),
        kind=one.key.kind,
        urgency=one.urgency,
        subject=one.key.subject,
        client=one.key.client,
        tier=client.tier if client else None,
        state=one.state,
        onset=one.onset,
        since=one.since,
        cleared=one.cleared,
        explanation=one.explanation,
        reason=one.reason,
        explained_by=sorted(explained(one, places, catalog)),
        incident=one.incident,
        runbook_url=runbook_url(address, runbook_name(one)),
    )


def client(view: ClientView) -> ClientShape:
    """Return a client in short."""
    one = view.client
    return ClientShape(
        id=one.id,
        name=one.name,
        tier=one.tier,
        timezone=one.timezone,
        locale=one.locale,
        state=view.health,
        incident=view.incident,
    )


def client_detail(detail: ClientDetail) -> ClientDetailShape:
    """Return a client in full."""
    contacts = detail.view.client.contacts
    return ClientDetailShape(
        **client(detail.view).model_dump(),
        contacts=[ContactShape(name=one.name, channel=reference(one.channel)) for one in contacts],
        measures=[measure(one) for one in detail.measures],
        standings=[standing(flow, one) for flow, one in detail.standings.items()],
        incidents=[one.id for one in detail.incidents],
    )


def measure(view: MeasureView) -> MeasureShape:
    """Return an objective and what was counted."""
    return MeasureShape(
        kind=view.kind,
        subject=view.subject,
        target=view.target,
        value=view.value,
        bad=view.counted.bad,
        total=view.counted.total,
        over_seconds=view.over.total_seconds(),
        within_seconds=seconds(view.within),
        kept=view.kept,
    )


def standing(flow: str, view: StandingView) -> StandingShape:
    """Return a client's records on their way."""
    return StandingShape(
        flow=flow,
        client=view.client,
        unsynced=view.unsynced,
        overdue=view.overdue,
        oldest_age_seconds=seconds(view.oldest_age),
        missing=view.missing,
        mismatched=view.mismatched,
        orphans=view.orphans,
    )


def flow(view: FlowView) -> FlowShape:
    """Return a flow."""
    return FlowShape(
        id=view.id,
        chain=view.way.name if view.way else None,
        source=view.source,
        destination=view.destination,
        state=view.health,
        explanation=view.explanation,
        incident=view.incident,
        unsynced=view.unsynced,
        overdue=view.overdue,
        oldest_age_seconds=seconds(view.oldest_age),
        latency_median_seconds=seconds(view.latency.half.value if view.latency.half else None),
        latency_p95_seconds=seconds(view.latency.most.value if view.latency.most else None),
        latency_is_lower_bound=view.latency.most is not None and view.latency.most.censored,
        arrived=view.latency.arrived,
        late_records=view.late.bad,
        decided_records=view.late.total,
        reconciled=view.reconciled,
        standings=[standing(view.id, one) for one in view.standings],
    )


def on_call(view: ScheduleView) -> OnCallShape:
    """Return a schedule."""
    turns = [TurnShape(start=turn.start, people=[one.id for one in turn.people]) for turn in view.turns]
    return OnCallShape(schedule=view.name, people=[one.id for one in view.people], until=view.until, turns=turns)


def delivery(row: Outgoing) -> DeliveryShape:
    """Return a message and how far it has come."""
    one = row.message
    return DeliveryShape(
        key=one.key,
        kind=one.kind,
        lane=one.lane,
        stage=one.stage,
        recipient=one.recipient,
        channels=[reference(channel) for channel in one.channels],
        subject=one.subject,
        client=one.client,
        incident=one.incident,
        created=one.created,
        state=row.state,
        attempts=row.attempts,
        next_attempt=row.next_at,
    )


def attempt(one: Delivery) -> AttemptShape:
    """Return one attempt; one that is under way has not ended."""
    ended: datetime | None = None if one.state is DeliveryState.SENDING else one.ended
    return AttemptShape(
        key=one.key,
        attempt=one.attempt,
        channel=reference(one.channel),
        state=one.state,
        why=one.why,
        reason=one.reason,
        endpoint=one.endpoint,
        started=one.started,
        ended=ended,
    )
