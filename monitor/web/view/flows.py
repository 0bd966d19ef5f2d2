"""The flows: what is on its way, how long the last records took, and whose records are late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median_high

from alerts.alert import IncidentId
from monitor.situation import Situation
from monitor.web.view.health import Health, worst
from monitor.web.view.hurting import alerts_on, health_of, incident_on
from monitor.web.view.systems import Ratio, look, tallied
from probes.catalog import ClientId, End, Flow, FlowId, TierId
from probes.sli import IndicatorKind
from probes.sync import Book, RecordState, Standing

RECENT = timedelta(minutes=15)
"""Arrivals within this time make up the latency that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long the records took that arrived lately; None where none did. Arrivals are known to a look's distance."""

    arrived: int = 0
    half: timedelta | None = None
    most: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingView:
    """How one client stands on a flow; `limit` is what its contract allows, None where it promises nothing."""

    client: ClientId
    name: str
    tier: TierId
    limit: timedelta | None
    unsynced: int
    oldest_age: timedelta | None
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowView:
    """One flow; `covered` is up to when both ends have been read whole, None until they were."""

    id: FlowId
    source: str
    destination: str
    ends: tuple[End, End]
    health: Health
    explanation: str
    incident: IncidentId | None
    unsynced: int
    oldest_age: timedelta | None
    overdue: int
    latency: Latency
    late: Ratio
    covered: datetime | None
    standings: tuple[StandingView, ...]


def flow(situation: Situation, identity: FlowId, now: datetime) -> FlowView:
    """Return one flow; KeyError where none has this id."""
    one = situation.config.catalog.flows[identity]
    book = situation.books.get(identity) or Book(identity)
    standings = _standings(situation, book, now)
    incident = incident_on(situation, identity)
    alerts = alerts_on(situation, identity)
    return FlowView(
        id=identity,
        source=f"{one.source.system}.{one.source.resource}",
        destination=f"{one.destination.system}.{one.destination.resource}",
        ends=(one.source, one.destination),
        health=_health(situation, one, book, now),
        explanation=alerts[0].explanation if alerts else "",
        incident=incident.id if incident else None,
        unsynced=sum(standing.unsynced for standing in standings),
        oldest_age=max((one.oldest_age for one in standings if one.oldest_age), default=None),
        overdue=sum(standing.overdue for standing in standings),
        latency=latency(book, now),
        late=tallied(situation, IndicatorKind.SYNC_LATENCY, identity, now),
        covered=_covered(book),
        standings=standings,
    )


def flows(situation: Situation, now: datetime) -> tuple[FlowView, ...]:
    """Return every flow, as configured."""
    return tuple(flow(situation, identity, now) for identity in situation.config.catalog.flows)


def latency(book: Book, now: datetime) -> Latency:
    """Return how long the records of the last quarter of an hour took: the median, and the longest.

    What the first look of all found there already has no known arrival, and does not count.
    """
    took = [
        one.arrived - one.created
        for one in book.tracked.values()
        if one.after is not None
        and one.arrived is not None
        and one.arrived > now - RECENT
        and one.state is RecordState.MATCHED
    ]
    if not took:
        return Latency()
    return Latency(arrived=len(took), half=median_high(took), most=max(took))


def _covered(book: Book) -> datetime | None:
    ends = (book.source_covered, book.destination_covered)
    known = [end for end in ends if end is not None]
    return min(known) if len(known) == len(ends) else None


def _health(situation: Situation, one: Flow, book: Book, now: datetime) -> Health:
    alerts = [health_of(alert) for alert in alerts_on(situation, one.id)]
    seen = [
        look(sight, now).health
        for sight in situation.sights.values()
        for end in (one.source, one.destination)
        if (sight.probe.system, sight.probe.resource) == (end.system, end.resource)
    ]
    late = any(standing.overdue for standing in book.standings().values())
    return worst(*alerts, *seen, *([Health.SUSPECT] if late else []))


def _standings(situation: Situation, book: Book, now: datetime) -> tuple[StandingView, ...]:
    catalog = situation.config.catalog
    known = ((client, one) for client, one in book.standings().items() if client in catalog.clients)
    views = [standing(situation, client, one, now) for client, one in known]
    return tuple(sorted(views, key=lambda one: (-one.overdue, -(one.oldest_age or timedelta()), one.client)))


def standing(situation: Situation, client: ClientId, one: Standing, now: datetime) -> StandingView:
    """Return how a client of the catalog stands on a flow."""
    catalog = situation.config.catalog
    promised = catalog.tier_of(client).objectives.sync_latency
    return StandingView(
        client=client,
        name=catalog.clients[client].name,
        tier=catalog.clients[client].tier,
        limit=promised.within if promised else None,
        unsynced=one.unsynced,
        oldest_age=max(timedelta(), now - one.oldest) if one.oldest else None,
        overdue=one.overdue,
    )
