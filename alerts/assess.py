"""One pass: a look, or time alone, folded into indicators and judged against the tiers' objectives.

The result says what changes and why, as values; the shell stores it and only then takes it over. Which incident an
alert belongs to, and who is told, comes after this.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.alert import Alert, AlertKey, AlertKind, AlertState
from alerts.correlate import flow_nodes, system_nodes
from alerts.evaluate import (
    LOOKS,
    About,
    Blindness,
    Verdict,
    evaluated,
    judge_credential,
    judge_failures,
    judge_looks,
    judge_sync,
    settled,
)
from probes.catalog import Catalog, ClientId, Flow, FlowId, SystemId
from probes.detect import Evidence, suspect_for, weighed
from probes.failure import FailureClass, Outcome
from probes.observation import Observation, Record
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally, counted
from probes.sync import (
    Book,
    BookChange,
    Sighting,
    Standing,
    after,
    at_destination,
    at_source,
    decided,
    joined,
)
from probes.sync import settled as forgotten

LOOKS_OVER = timedelta(hours=1)
REMEMBERED = timedelta(hours=1)
"""How long a settled record is remembered, so that reading it again cannot make it new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What was known before the pass."""

    catalog: Catalog
    indicators: Mapping[str, Indicator]
    alerts: Mapping[str, Alert]
    books: Mapping[FlowId, Book]


class Assessment:
    """What one pass changes: indicators, books and alerts, built up step by step and read at the end."""

    def __init__(self, before: Before) -> None:
        """Begin with nothing changed."""
        self.before = before
        self.indicators: dict[str, Indicator] = {}
        self.books: dict[FlowId, BookChange] = {}
        self.moved: dict[str, Alert] = {}
        self.unknown_clients = 0

    def indicator(self, kind: IndicatorKind, subject: str, client: ClientId | None, over: timedelta) -> Indicator:
        """Return an indicator as it now is, a new one where there was none."""
        key = IndicatorKey(kind=kind, subject=subject, client=client)
        known = self.indicators.get(str(key)) or self.before.indicators.get(str(key))
        if known is None:
            return Indicator(key=key, tally=Tally(over=over))
        # A reload may have changed the window; what was counted in another grid cannot be carried over.
        return known if known.tally.over == over else replace(known, tally=Tally(over=over))

    def put(self, indicator: Indicator) -> None:
        """Keep a changed indicator."""
        self.indicators[str(indicator.key)] = indicator

    def alert(self, key: AlertKey) -> Alert | None:
        """Return an alert as it now is."""
        return self.moved.get(str(key)) or self.before.alerts.get(str(key))

    def judge(self, about: About, verdict: Verdict, indicator: Indicator, now: datetime) -> None:
        """Apply a verdict: move the alert if that says anything new, and settle its indicator."""
        alert = evaluated(self.alert(about.key), about, verdict, now)
        if alert is not None:
            self.moved[str(about.key)] = alert
            self.put(settled(indicator, alert))

    def book(self, flow: FlowId) -> Book:
        """Return a flow's book with what this pass has changed so far."""
        book = self.before.books.get(flow) or Book(flow)
        change = self.books.get(flow)
        return after(book, change) if change else book

    def change(self, change: BookChange) -> None:
        """Add to what this pass changes in a book."""
        known = self.books.get(change.flow)
        self.books[change.flow] = joined(known, change) if known else change

    @property
    def alerts(self) -> dict[str, Alert]:
        """All alerts as they now are."""
        return {**self.before.alerts, **self.moved}

    def backlog(self) -> frozenset[ClientId]:
        """Return the clients that still have an overdue record on any flow."""
        standings = (self.book(flow).standings() for flow in self.before.catalog.flows)
        return frozenset(client for found in standings for client, one in found.items() if one.overdue)


def _weigh_look(assessment: Assessment, observation: Observation) -> None:
    known = assessment.indicator(IndicatorKind.AVAILABILITY, observation.system, None, LOOKS_OVER)
    if observation.outcome in (Outcome.GOOD, Outcome.BAD):
        bad = observation.outcome is Outcome.BAD
        assessment.put(
            replace(
                known,
                tally=counted(known.tally, good=int(not bad), bad=int(bad), at=observation.answered),
                evidence=weighed(known.evidence, LOOKS, bad=bad, at=observation.sent if bad else observation.answered),
                seen=observation.answered,
            )
        )


def _weigh_credential(assessment: Assessment, observation: Observation) -> None:
    refused = observation.failure is FailureClass.AUTH
    if not refused and observation.outcome is not Outcome.GOOD:
        return
    known = assessment.indicator(IndicatorKind.CREDENTIAL, observation.system, None, LOOKS_OVER)
    evidence = weighed(known.evidence, LOOKS, bad=refused, at=observation.sent)
    assessment.put(replace(known, evidence=evidence, seen=observation.answered))


def _about_system(kind: AlertKind, system: SystemId, client: ClientId | None = None) -> About:
    key = AlertKey(kind=kind, subject=system, client=client)
    return About(key=key, nodes=system_nodes(system), system=system)


def judge_system(assessment: Assessment, system: SystemId, blindness: Blindness, now: datetime) -> None:
    """Judge whether a system is up, can be seen, and takes our credential."""
    known = assessment.indicator(IndicatorKind.CREDENTIAL, system, None, LOOKS_OVER)
    about = _about_system(AlertKind.CREDENTIAL, system)
    assessment.judge(about, judge_credential(known, system), known, now)
    refused = assessment.alert(about.key)
    if refused is not None and refused.active:
        # A refused credential is why nothing can be seen, and has an alert of its own.
        blindness = replace(blindness, since=None)
    known = assessment.indicator(IndicatorKind.AVAILABILITY, system, None, LOOKS_OVER)
    verdict = judge_looks(known, system, blindness, now)
    assessment.judge(_about_system(AlertKind.AVAILABILITY, system), verdict, known, now)


def _count_records(assessment: Assessment, system: SystemId, fresh: Iterable[Record]) -> set[ClientId]:
    catalog, touched = assessment.before.catalog, set[ClientId]()
    for record in sorted(fresh, key=lambda one: one.created):
        client = catalog.client_in(system, record.client)
        objective = catalog.tier_of(client).objectives.failure_ratio if client else None
        if client is None or objective is None or record.failed is None:
            continue
        known = assessment.indicator(IndicatorKind.FAILURE_RATIO, system, client, objective.over)
        evidence = weighed(known.evidence, suspect_for(objective.below), bad=record.failed, at=record.created)
        tally = counted(known.tally, good=int(not record.failed), bad=int(record.failed), at=record.created)
        assessment.put(replace(known, tally=tally, evidence=evidence, seen=record.created))
        touched.add(client)
    return touched


def _judge_failures(assessment: Assessment, system: SystemId, clients: Iterable[ClientId], now: datetime) -> None:
    for client in clients:
        objective = assessment.before.catalog.tier_of(client).objectives.failure_ratio
        if objective is not None:
            known = assessment.indicator(IndicatorKind.FAILURE_RATIO, system, client, objective.over)
            about = _about_system(AlertKind.FAILURE_RATIO, system, client)
            assessment.judge(about, judge_failures(known, objective, now), known, now)


def limits(catalog: Catalog, flow: Flow) -> dict[ClientId, timedelta]:
    """Return how soon each client on a flow was promised its records."""
    promised = ((client.id, catalog.tiers[client.tier].objectives.sync_latency) for client in catalog.clients_on(flow))
    return {client: objective.within for client, objective in promised if objective is not None}


def _sightings(catalog: Catalog, system: SystemId, field: str, fresh: Iterable[Record]) -> list[Sighting]:
    return [
        Sighting(key=record.fields[field], client=catalog.client_in(system, record.client), created=record.created)
        for record in fresh
        if record.fields.get(field)
    ]


def _match(assessment: Assessment, observation: Observation, fresh: tuple[Record, ...]) -> None:
    catalog = assessment.before.catalog
    covered = observation.sent if observation.whole else None
    for flow in catalog.flows_of(observation.system):
        book = assessment.book(flow.id)
        if (flow.source.system, flow.source.resource) == (observation.system, observation.resource):
            seen = _sightings(catalog, observation.system, flow.source.field, fresh)
            assessment.change(at_source(book, seen, covered, REMEMBERED))
        if (flow.destination.system, flow.destination.resource) == (observation.system, observation.resource):
            seen = _sightings(catalog, observation.system, flow.destination.field, fresh)
            assessment.change(at_destination(book, seen, covered, observation.answered))


def _weigh_arrivals(assessment: Assessment, flow: Flow, change: BookChange) -> None:
    for one in change.arrivals:
        objective = assessment.before.catalog.tier_of(one.client).objectives.sync_latency if one.client else None
        if one.late and one.client is not None and one.arrived is not None and objective is not None:
            known = assessment.indicator(IndicatorKind.SYNC_LATENCY, flow.id, one.client, objective.over)
            drained = max(one.arrived, known.drained or one.arrived)
            assessment.put(replace(known, drained=drained))


def _weigh_verdicts(assessment: Assessment, flow: Flow, change: BookChange) -> None:
    for verdict in sorted(change.verdicts, key=lambda one: one.at):
        objective = assessment.before.catalog.tier_of(verdict.client).objectives.sync_latency
        if objective is None:
            continue
        known = assessment.indicator(IndicatorKind.SYNC_LATENCY, flow.id, verdict.client, objective.over)
        tally = counted(known.tally, good=int(not verdict.late), bad=int(verdict.late), at=verdict.at)
        created = verdict.at - objective.within
        evidence = known.evidence
        if verdict.late:
            evidence = Evidence(first_bad=evidence.first_bad or created, last_bad=verdict.at)
        assessment.put(replace(known, tally=tally, evidence=evidence, seen=verdict.at))


def _unsettled(assessment: Assessment, flow: Flow) -> set[ClientId]:
    states = (AlertState.PENDING, AlertState.FIRING)
    alerts = (alert for alert in assessment.alerts.values() if alert.flow == flow.id and alert.state in states)
    return {alert.key.client for alert in alerts if alert.key.client is not None}


def _judge_flow(assessment: Assessment, flow: Flow, now: datetime) -> None:
    catalog = assessment.before.catalog
    book = assessment.book(flow.id)
    standings = book.standings()
    late = {client for client, standing in standings.items() if standing.overdue}
    for client in (late | _unsettled(assessment, flow)) & catalog.clients.keys():
        objective = catalog.tier_of(client).objectives.sync_latency
        if objective is None:
            continue
        known = assessment.indicator(IndicatorKind.SYNC_LATENCY, flow.id, client, objective.over)
        key = AlertKey(kind=AlertKind.SYNC_LATENCY, subject=flow.id, client=client)
        about = About(key=key, nodes=flow_nodes(flow), flow=flow.id)
        standing = standings.get(client, Standing())
        verdict = judge_sync(known, standing, objective, book.destination_covered, now)
        assessment.judge(about, verdict, known, now)


def _settle_flow(assessment: Assessment, flow: Flow, now: datetime) -> None:
    within = limits(assessment.before.catalog, flow)
    change = decided(assessment.book(flow.id), within, now)
    assessment.change(change)
    _weigh_arrivals(assessment, flow, assessment.books[flow.id])
    _weigh_verdicts(assessment, flow, change)
    _judge_flow(assessment, flow, now)


def assess_look(
    before: Before, observation: Observation, fresh: tuple[Record, ...], blindness: Blindness, now: datetime
) -> Assessment:
    """Return what one look changes. `fresh` are its records that were not seen before in this version."""
    assessment = Assessment(before)
    _weigh_look(assessment, observation)
    _weigh_credential(assessment, observation)
    judge_system(assessment, observation.system, blindness, now)
    known = (before.catalog.client_in(observation.system, record.client) for record in fresh)
    assessment.unknown_clients = sum(client is None for client in known)
    touched = _count_records(assessment, observation.system, fresh)
    _judge_failures(assessment, observation.system, touched, now)
    _match(assessment, observation, fresh)
    for flow in list(assessment.books):
        _settle_flow(assessment, before.catalog.flows[flow], now)
    return assessment


def assess_time(before: Before, blindness: Mapping[SystemId, Blindness], now: datetime) -> Assessment:
    """Return what time alone changes: records that reach their limits, systems out of sight, what can be forgotten."""
    assessment = Assessment(before)
    for system, one in blindness.items():
        judge_system(assessment, system, one, now)
    for flow in before.catalog.flows.values():
        _settle_flow(assessment, flow, now)
        within = limits(before.catalog, flow)
        assessment.change(forgotten(assessment.book(flow.id), within, REMEMBERED, now))
    return assessment
