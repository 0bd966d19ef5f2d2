"""The flows: what is on its way, how long the last records took, and whose records are late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.alert import IncidentId
from monitor.situation import Situation
from monitor.web.view.endings import TroubleView, WayView, lags, troubles, way
from monitor.web.view.health import Health, worst
from monitor.web.view.hurting import alerts_on, health_of, incident_on
from monitor.web.view.systems import Ratio, look, tallied
from probes.book import Book
from probes.catalog import ClientId, End, Flow, FlowId, TierId
from probes.latency import SOME, Quantile, ages, longest_usual, quantile, recent
from probes.lookup import lookup_by
from probes.reconcile import Sample, bound, told
from probes.sli import IndicatorKind
from probes.tracked import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long records take of late, those on their way included; None where nothing is known.

    `arrived` counts the last quarter of an hour. An arrival is known to a look's distance and taken for its later end;
    beyond `usual` a record is no longer merely slow.
    """

    arrived: int = 0
    half: Quantile | None = None
    most: Quantile | None = None
    usual: timedelta | None = None


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
    missing: int = 0
    mismatched: int = 0
    orphans: int = 0


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
    reconciled: str | None
    standings: tuple[StandingView, ...]
    troubles: tuple[TroubleView, ...]
    way: WayView | None
    lags: tuple[tuple[str, timedelta], ...]


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
        late=tallied(situation, IndicatorKind.BATCH if one.batch else IndicatorKind.SYNC_LATENCY, identity, now),
        covered=_covered(book),
        reconciled=_reconciled(situation, one, now),
        standings=standings,
        troubles=troubles(situation, one),
        way=way(situation, one, now),
        lags=lags(situation, one),
    )


def flows(situation: Situation, now: datetime) -> tuple[FlowView, ...]:
    """Return every flow, as configured."""
    return tuple(flow(situation, identity, now) for identity in situation.config.catalog.flows)


def latency(book: Book, now: datetime) -> Latency:
    """Return how long the records of the last quarter of an hour took, with those that are still on their way.

    What the first look of all found there already has no known arrival, and does not count.
    """
    came = recent(book.pace.recent, now)
    waiting = ages((one.created for one in book.waiting() if one.ending is None), now)
    enough = sum(book.pace.usual.values()) >= SOME
    return Latency(
        arrived=sum(came.values()),
        half=quantile(came, waiting, 0.5),
        most=quantile(came, waiting, 0.95),
        usual=longest_usual(book.pace) if enough else None,
    )


def _reconciled(situation: Situation, one: Flow, now: datetime) -> str | None:
    """What single look-ups show; None where the destination cannot be asked for one record."""
    end = one.destination
    resource = situation.config.catalog.systems[end.system].connector.resources.get(end.resource)
    if resource is None:
        return None
    sample = situation.samples.get(one.id) or Sample(flow=one.id)
    searched = f"; both ends compared: {sample.search}" if sample.search else ""
    return told(bound(sample, now)) + searched if lookup_by(resource, end.field) is not None else None


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
        missing=one.missing,
        mismatched=one.mismatched,
        orphans=one.orphans,
    )
