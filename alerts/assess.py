"""One pass: a look, or time alone, folded into indicators and judged against the tiers' objectives.

The result says what changes and why, as values; the shell stores it and only then takes it over. Which incident an
alert belongs to, and who is told, comes after this.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from alerts.activity import KINDS as ACTIVITIES
from alerts.activity import still_expected, weigh_activity
from alerts.alert import Alert, AlertKey, AlertKind, AlertState, Move, Reason
from alerts.announce import (
    Told,
    judge_lost,
    judge_system_lost,
    news,
    next_loss,
    still_posted,
    weigh_shown,
    weigh_told,
)
from alerts.attribute import Rest, cut_off, judge_declared, weigh_declared, weigh_egress, with_cause
from alerts.batches import judge_runs, still_carried
from alerts.burn import RULES, judge_budgets, still_aimed, weigh_budget
from alerts.calendars import judge_calendars, next_stale, still_fed
from alerts.correlate import flow_nodes, system_nodes
from alerts.endings import ENDINGS, judge_endings, still_kept, with_stage
from alerts.evaluate import (
    About,
    Blindness,
    Verdict,
    judge_failures,
    judge_looks,
    judge_sync,
)
from alerts.failures import BY_ALERT, judge_failing, still_limited, weigh_failures
from alerts.feeds import judge_answers
from alerts.guard import Guard, still_judged
from alerts.heartbeats import judge_heartbeats, next_heartbeat, still_watched
from alerts.identify import weigh_identity, weigh_statuses
from alerts.matching import match
from alerts.quality import still_asserted, weigh_quality
from alerts.slowness import still_promised_speed, weigh_slowness
from alerts.stagnation import judge_stagnation, still_flows
from alerts.totals import judge_totals, still_added_up, weigh_totals
from alerts.undelivered import still_told
from alerts.unevaluated import judge_unevaluated, still_declared
from alerts.unseen import next_call
from alerts.upkeep import judge_access, judge_upkeep, weigh_upkeep
from alerts.weigh import (
    LOOKS_OVER,
    Assessment,
    Before,
    count_records,
    limits,
    remembered,
    weigh_arrivals,
    weigh_credential,
    weigh_look,
    weigh_maintenance,
    weigh_verdicts,
)
from probes.book import Book
from probes.catalog import Catalog, ClientId, Flow, SystemId
from probes.objectives import Objectives
from probes.observation import Observation, Record
from probes.sli import IndicatorKind
from probes.sync import decided, forgotten, next_limit
from probes.tracked import Standing


@lru_cache(maxsize=4096)
def _about_system(kind: AlertKind, system: SystemId, client: ClientId | None = None) -> About:
    key = AlertKey(kind=kind, subject=system, client=client)
    return About(key=key, nodes=system_nodes(system), system=system)


def judge_system(assessment: Assessment, system: SystemId, blindness: Blindness, now: datetime) -> None:
    """Judge whether a system is up, can be seen, and takes our credential."""
    if judge_access(assessment, system, now) or cut_off(assessment):
        # Why nothing can be seen has an alert of its own.
        blindness = replace(blindness, since=None)
    judge_upkeep(assessment, system, now)
    known = assessment.indicator(IndicatorKind.AVAILABILITY, system, None, LOOKS_OVER)
    if system in assessment.before.catalog.evidence:
        assessment.judge(_about_system(AlertKind.DECLARED_OUTAGE, system), judge_declared(known, system), known, now)
        return
    verdict = with_cause(assessment, system, judge_looks(known, system, blindness, assessment.before.limits, now))
    assessment.judge(_about_system(AlertKind.AVAILABILITY, system), verdict, known, now)


def _judge_failures(assessment: Assessment, system: SystemId, clients: Iterable[ClientId], now: datetime) -> None:
    rest = Rest(assessment, system, now)
    for client in clients:
        objective = assessment.before.catalog.tier_of(client).objectives.failure_ratio
        if objective is not None:
            known = assessment.indicator(IndicatorKind.FAILURE_RATIO, system, client, objective.over)
            about = _about_system(AlertKind.FAILURE_RATIO, system, client)
            verdict = rest.beside(known, objective.below, judge_failures(known, objective, now))
            assessment.judge(about, verdict, known, now)


def _unsettled(assessment: Assessment, flow: Flow) -> dict[ClientId, AlertState]:
    """The clients for whom a flow is known or suspected to be late."""
    states = (AlertState.PENDING, AlertState.FIRING)
    alerts = (alert for alert in assessment.alerts.values() if alert.flow == flow.id and alert.state in states)
    latency = (alert for alert in alerts if alert.key.kind is AlertKind.SYNC_LATENCY)
    return {alert.key.client: alert.state for alert in latency if alert.key.client is not None}


def _judge_flow(assessment: Assessment, flow: Flow, now: datetime) -> None:
    catalog, nodes = assessment.before.catalog, flow_nodes(flow)
    book = assessment.book(flow.id)
    standings = book.standings()
    late, unsettled = {client for client, one in standings.items() if one.overdue}, _unsettled(assessment, flow)
    for client in (late | unsettled.keys()) & catalog.clients.keys():
        objective = catalog.tier_of(client).objectives.sync_latency
        # What is known to be late goes on while anything is overdue: thousands of clients may be at once.
        if objective is None or (client in late and unsettled.get(client) is AlertState.FIRING):
            continue
        known = assessment.indicator(IndicatorKind.SYNC_LATENCY, flow.id, client, objective.over)
        key = AlertKey(kind=AlertKind.SYNC_LATENCY, subject=flow.id, client=client)
        about = About(key=key, nodes=nodes, flow=flow.id)
        standing = standings.get(client, Standing())
        verdict = judge_sync(known, standing, objective, book.destination_covered, now)
        assessment.judge(about, with_stage(flow, book, verdict, now), known, now)


def _settle_flow(assessment: Assessment, flow: Flow, now: datetime) -> None:
    within = limits(assessment.before.catalog, flow)
    change = decided(assessment.book(flow.id), within, now)
    assessment.change(change)
    judge_endings(assessment, flow, now)
    if flow.batch is not None:
        judge_runs(assessment, flow, change, now)
        return
    judge_stagnation(assessment, flow, now)
    weigh_arrivals(assessment, flow, assessment.books[flow.id])
    weigh_verdicts(assessment, flow, change)
    _judge_flow(assessment, flow, now)


def _still_right(before: Before, key: AlertKey) -> bool:
    return still_asserted(before, key) or still_added_up(before, key)


BATCHES = (AlertKind.BATCH_LATE, AlertKind.BATCH_MISSED)
ONE_BY_ONE = (AlertKind.STAGNATION, AlertKind.SYNC_LATENCY)

STILL: tuple[tuple[Container[AlertKind], Callable[[Before, AlertKey], bool]], ...] = (
    ((AlertKind.HEARTBEAT,), still_watched),
    # Whoever reports it says when it is over, whatever is configured here.
    ((AlertKind.REPORTED,), lambda _before, _key: True),
    ((AlertKind.UNEVALUATED,), still_declared),
    ((AlertKind.UNJUDGED,), still_judged),
    ((AlertKind.CALENDAR_STALE,), still_fed),
    ((AlertKind.UNDELIVERED,), still_told),
    ((AlertKind.WEBHOOKS_LOST,), still_posted),
    ((AlertKind.SLOW,), still_promised_speed),
    (ACTIVITIES, still_expected),
    (BY_ALERT, still_limited),
    ((AlertKind.DATA_QUALITY,), _still_right),
    (RULES, still_aimed),
    (ENDINGS, lambda before, key: still_kept(before.catalog, key)),
)
"""Of kinds with a rule of their own: whether what an alert is about is still configured."""


def _still_promised(before: Before, alert: Alert) -> bool:
    """Return whether what an alert is about is still configured, and its client still promised it."""
    catalog = before.catalog
    still = next((still for kinds, still in STILL if alert.key.kind in kinds), None)
    if still is not None:
        return still(before, alert.key)
    if alert.key.kind in BATCHES:
        return still_carried(catalog, alert.key)
    if alert.flow is not None and alert.flow not in catalog.flows:
        return False
    if alert.key.kind in ONE_BY_ONE and not still_flows(catalog, alert.key):
        return False
    if alert.system is not None and alert.system not in catalog.systems:
        return False
    client = alert.key.client
    if client is None:
        return True
    objectives = catalog.tier_of(client).objectives if client in catalog.clients else Objectives()
    promised = {
        AlertKind.SYNC_LATENCY: objectives.sync_latency,
        AlertKind.FAILURE_RATIO: objectives.failure_ratio,
    }
    return promised.get(alert.key.kind) is not None


def _retire(assessment: Assessment, now: datetime) -> None:
    """End the alerts on what a reload took out of the configuration: no evidence on it will ever come again."""
    gone = Verdict(move=Move.CLEAR, explanation="no longer configured", cleared=now, reason=Reason.NOT_CONFIGURED)
    for alert in list(assessment.alerts.values()):
        if not _still_promised(assessment.before, alert):
            about = About(key=alert.key, nodes=alert.nodes, system=alert.system, flow=alert.flow)
            assessment.move(about, gone, now)


def _created_by(record: Record, seen: datetime) -> Record:
    """Return a record that was not created after it was seen, whatever the vendor's clock says."""
    return record if record.created <= seen else replace(record, created=seen)


def assess_look(
    before: Before, observation: Observation, fresh: tuple[Record, ...], blindness: Blindness, now: datetime
) -> Assessment:
    """Return what one look changes. `fresh` are its records that were not seen before in this version."""
    assessment = Assessment(before)
    assessment.ahead = sum(record.created > observation.answered for record in fresh)
    fresh = tuple(_created_by(record, observation.answered) for record in fresh)
    weigh_maintenance(assessment, observation)
    weigh_egress(assessment, observation, now)
    weigh_budget(assessment, observation)
    (weigh_declared if observation.system in before.catalog.evidence else weigh_look)(assessment, observation)
    weigh_credential(assessment, observation)
    weigh_upkeep(assessment, observation)
    guard = Guard(assessment, observation.system, now)
    guard("availability", judge_system, assessment, observation.system, blindness, now)
    guard("answers", judge_answers, assessment, observation, fresh, now)
    guard("budgets", judge_budgets, assessment, observation.system, now)
    _fold(assessment, observation, news(assessment, observation, fresh), now)
    guard("quality", weigh_quality, assessment, observation, fresh, now)
    weigh_shown(assessment, observation)
    if assessment.fates:
        guard("webhooks", judge_system_lost, assessment, observation.system, now)
    return assessment


def assess_told(before: Before, told: Iterable[Told], now: datetime) -> Assessment:
    """Return what one webhook changes: what it tells is folded as if looks had shown it."""
    assessment = Assessment(before)
    for one in told:
        fresh = tuple(_created_by(record, now) for record in news(assessment, one.observation, one.fresh))
        weigh_told(assessment, one, now)
        _fold(assessment, one.observation, fresh, now)
        system = one.observation.system
        Guard(assessment, system, now)("webhooks", judge_system_lost, assessment, system, now)
    return assessment


def _fold(assessment: Assessment, observation: Observation, fresh: tuple[Record, ...], now: datetime) -> None:
    """Fold records that are news into all that is kept of them; each rule is judged by itself."""
    guard = Guard(assessment, observation.system, now)
    weigh_identity(assessment, observation.system, fresh, observation.answered)
    weigh_statuses(assessment, observation)
    guard("failure_ratio", _judge_records, assessment, observation.system, fresh, now)
    guard("response_time", weigh_slowness, assessment, observation, now)
    guard("activity", weigh_activity, assessment, observation, fresh, now)
    guard("failures", _judge_ways, assessment, observation, fresh, now)
    weigh_totals(assessment, observation, fresh)
    match(assessment, observation, fresh)
    guard("totals", judge_totals, assessment, observation, now)
    for flow in list(assessment.books):
        Guard(assessment, flow, now)("flow", _settle_flow, assessment, assessment.before.catalog.flows[flow], now)


def _judge_records(assessment: Assessment, system: SystemId, fresh: tuple[Record, ...], now: datetime) -> None:
    _judge_failures(assessment, system, count_records(assessment, system, fresh), now)


def _judge_ways(assessment: Assessment, observation: Observation, fresh: tuple[Record, ...], now: datetime) -> None:
    weigh_failures(assessment, observation, fresh)
    judge_failing(assessment, observation, fresh, now)


def assess_time(before: Before, blindness: Mapping[SystemId, Blindness], now: datetime) -> Assessment:
    """Return what time alone changes: records that reach their limits, systems out of sight, what can be forgotten."""
    assessment = Assessment(before)
    _retire(assessment, now)
    judge_heartbeats(assessment, now)
    judge_calendars(assessment, now)
    judge_lost(assessment, now)
    for system, one in blindness.items():
        Guard(assessment, system, now)("availability", judge_system, assessment, system, one, now)
    judge_unevaluated(assessment, now)
    for flow in before.catalog.flows.values():
        Guard(assessment, flow.id, now)("flow", _settle_flow, assessment, flow, now)
        within = limits(before.catalog, flow)
        assessment.change(forgotten(assessment.book(flow.id), within, remembered(flow), now))
    return assessment


BLIND_AT_LEAST = timedelta(seconds=30)
BLIND_WITHOUT_PROMISE = timedelta(minutes=5)


def blind_after(catalog: Catalog, system: SystemId, interval: timedelta) -> timedelta:
    """Return how long a system may give no usable answer before that is an alert.

    Twice the shortest promise that depends on it, yet never fewer than five planned looks.
    """
    name = f"shortest promise {system}"
    shortest: timedelta | None = catalog.derived.get(name)
    if shortest is None:
        promises = (within for flow in catalog.flows_of(system) for within in limits(catalog, flow).values())
        lengths = (within for within in promises if isinstance(within, timedelta))
        shortest = catalog.derived[name] = min(lengths, default=BLIND_WITHOUT_PROMISE / 2)
    return max(BLIND_AT_LEAST, 2 * shortest, 5 * interval)


def _appointed(before: Before, now: datetime) -> Iterable[datetime | None]:
    return next_heartbeat(before, now), next_loss(before, now), next_stale(before, now)


def next_judgement(before: Before, blindness: Mapping[SystemId, Blindness], now: datetime) -> datetime | None:
    """Return the next instant at which time alone could change a judgement: a limit, sight lost, a heartbeat due."""
    records = (
        next_limit(before.books.get(flow.id) or Book(flow.id), limits(before.catalog, flow), now)
        for flow in before.catalog.flows.values()
    )
    sights = (one.since + one.limit for one in blindness.values() if one.since is not None)
    unseen = next_call(before.alerts.values(), before.catalog, now)
    return min(
        (at for at in (*records, *sights, *_appointed(before, now), unseen) if at is not None and at > now),
        default=None,
    )
