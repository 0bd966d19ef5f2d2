"""A look folded into what is kept: indicators, and the books of the flows that it touches.

An :class:`Assessment` gathers what one pass changes; this file adds to it what was seen. What that means is judged in
`assess`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache

from alerts.alert import Alert, AlertKey
from alerts.evaluate import LOOKS, About, Verdict, evaluated, settled
from alerts.exclusion import Exclusion, excluded
from alerts.maintenance import Window
from alerts.oncall import Schedule
from alerts.rota import Rota
from probes.announced import Announcement, Fate, Reception
from probes.batch import Limit, Windowed, due
from probes.book import Book
from probes.burn import Target
from probes.catalog import Catalog, ClientId, Flow, FlowId, ProbeId, SystemId
from probes.connector import FailureKind
from probes.cusum import Thresholds, looked
from probes.detect import Evidence, suspect_for, weighed
from probes.draft import after
from probes.failure import FailureClass, Outcome
from probes.feed import Feed, Habit
from probes.heartbeat import Absence, Heartbeat, HeartbeatId, Runs
from probes.observation import Observation, Record
from probes.plan import Want
from probes.rhythm import Baseline
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally, counted
from probes.status import Said
from probes.sync import joined
from probes.tracked import BookChange, Standing
from probes.tracked import Verdict as Decided
from probes.upkeep import Upkeep

LOOKS_OVER = timedelta(hours=1)
REMEMBERED = timedelta(hours=1)
"""How long a settled record is remembered, so that reading it again cannot make it new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What was known before the pass. `absence` is ours, if this is the first pass after one.

    `since` is since when we look. `limits` are those at which looks alarm, `targets` what tiers are promised of each
    system's availability. `rotas` are what the calendars of `schedules` told.
    """

    catalog: Catalog
    indicators: Mapping[str, Indicator]
    alerts: Mapping[str, Alert]
    books: Mapping[FlowId, Book]
    heartbeats: Mapping[HeartbeatId, Heartbeat] = field(default_factory=dict)
    runs: Mapping[HeartbeatId, Runs] = field(default_factory=dict)
    absence: Absence | None = None
    since: datetime | None = None
    statuses: Mapping[ClientId, Mapping[SystemId, Said]] = field(default_factory=dict)
    announcements: Mapping[str, Announcement] = field(default_factory=dict)
    receptions: Mapping[SystemId, Reception] = field(default_factory=dict)
    refused: Mapping[SystemId, int] = field(default_factory=dict)
    limits: Thresholds = field(default_factory=Thresholds)
    targets: Mapping[SystemId, tuple[Target, ...]] = field(default_factory=dict)
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    upkeep: Mapping[SystemId, Upkeep] = field(default_factory=dict)
    feeds: Mapping[ProbeId, Feed] = field(default_factory=dict)
    habits: Mapping[ProbeId, Habit] = field(default_factory=dict)
    wants: Mapping[SystemId, tuple[Want, ...]] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    exclusions: Mapping[str, Exclusion] = field(default_factory=dict)
    schedules: Mapping[str, Schedule] = field(default_factory=dict)
    rotas: Mapping[str, Rota] = field(default_factory=dict)


class Assessment:
    """What one pass changes: indicators, books and alerts, built up step by step and read at the end.

    `runs` are those of heartbeats, None where they are to be forgotten. `strangers` are the identifiers of records that
    are nobody's, and how many records carry each; `unknown_clients` is their sum.
    `statuses` are what the look's system says of clients, `failed` whose records failed in which way.
    `announcements` are the records that webhooks told of or should have, None where they are to be forgotten, `fates`
    says which of them came, `receptions` what has come of each system's webhooks. `ahead` counts records that claim to
    have been created after they were seen. `excluded` is what keeps the look out of the promises.
    """

    def __init__(self, before: Before) -> None:
        """Begin with nothing changed."""
        self.before = before
        self.indicators: dict[str, Indicator] = {}
        self.books: dict[FlowId, BookChange] = {}
        self._drafts: dict[FlowId, Book] = {}
        self.moved: dict[str, Alert] = {}
        self.runs: dict[HeartbeatId, Runs | None] = {}
        self.baselines: dict[str, Baseline] = {}
        self.upkeep: dict[SystemId, Upkeep] = {}
        self.feeds: dict[ProbeId, Feed] = {}
        self.habits: dict[ProbeId, Habit] = {}
        self.ahead = 0
        self.unknown_clients = 0
        self.strangers: Mapping[str, int] = {}
        self.statuses: Mapping[ClientId, Said] = {}
        self.counted: list[tuple[ClientId, int, int]] = []
        self.announcements: dict[str, Announcement | None] = {}
        self.receptions: Mapping[SystemId, Reception] = {}
        self.fates: list[Fate] = []
        self.failed: list[tuple[ClientId, FailureKind]] = []
        self.excluded: Exclusion | None = None

    @property
    def exclusions(self) -> Mapping[str, Exclusion]:
        """What keeps the look out of the promises, by its key."""
        return {} if self.excluded is None else {self.excluded.key: self.excluded}

    def indicator(self, kind: IndicatorKind, subject: str, client: ClientId | None, over: timedelta) -> Indicator:
        """Return an indicator as it now is, a new one where there was none."""
        key, name = _named(kind, subject, client)
        known = self.indicators.get(name) or self.before.indicators.get(name)
        if known is None:
            return Indicator(key=key, tally=Tally(over=over))
        # A reload may have changed the window; what was counted in another grid cannot be carried over.
        return known if known.tally.over == over else replace(known, tally=Tally(over=over))

    def put(self, indicator: Indicator) -> None:
        """Keep a changed indicator."""
        self.indicators[str(indicator.key)] = indicator

    def baseline(self, name: str) -> Baseline | None:
        """Return what a client's weeks are like as it now is, None where nothing is known of it."""
        return self.baselines.get(name) or self.before.baselines.get(name)

    def alert(self, key: AlertKey) -> Alert | None:
        """Return an alert as it now is."""
        name = str(key)
        return self.moved.get(name) or self.before.alerts.get(name)

    def known(self, about: About) -> Alert | None:
        """Return the alert on something as it now is."""
        return self.moved.get(about.name) or self.before.alerts.get(about.name)

    def judge(self, about: About, verdict: Verdict, indicator: Indicator, now: datetime) -> None:
        """Apply a verdict: move the alert if that says anything new, and settle its indicator."""
        alert = self.move(about, verdict, now)
        if alert is not None:
            self.put(settled(indicator, alert))

    def move(self, about: About, verdict: Verdict, now: datetime) -> Alert | None:
        """Return the alert as a verdict moves it, None where that says nothing new."""
        alert = evaluated(self.known(about), about, verdict, now)
        if alert is not None:
            self.moved[about.name] = alert
        return alert

    def book(self, flow: FlowId) -> Book:
        """Return a flow's book with what this pass has changed so far."""
        return self._drafts.get(flow) or self.before.books.get(flow) or Book(flow)

    def change(self, change: BookChange) -> None:
        """Add to what this pass changes in a book."""
        known = self.books.get(change.flow)
        self.books[change.flow] = joined(known, change) if known else change
        if change.flow in self._drafts:
            self._drafts[change.flow].apply(change)
        elif not change.empty:
            self._drafts[change.flow] = after(self.book(change.flow), change)

    @property
    def alerts(self) -> dict[str, Alert]:
        """All alerts as they now are."""
        return {**self.before.alerts, **self.moved}

    def backlog(self, now: datetime) -> frozenset[tuple[FlowId, ClientId]]:
        """Return who is behind on which flow: with a record that is overdue, or is unless it has arrived unseen."""
        catalog = self.before.catalog
        return frozenset(
            (flow, client)
            for flow in catalog.flows
            for within in (limits(catalog, catalog.flows[flow]),)
            for client, standing in self.book(flow).standings().items()
            if client in within and _behind(standing, within[client], now)
        )


@lru_cache(maxsize=32768)
def _named(kind: IndicatorKind, subject: str, client: ClientId | None) -> tuple[IndicatorKey, str]:
    """The key of an indicator, and the name that it has: every look asks after a dozen of them."""
    key = IndicatorKey(kind=kind, subject=subject, client=client)
    return key, str(key)


def _behind(standing: Standing, limit: Limit, now: datetime) -> bool:
    undecided = standing.oldest_undecided
    return standing.overdue > 0 or (undecided is not None and due(limit, undecided) <= now)


def limit_of(catalog: Catalog, flow: Flow, client: ClientId) -> Limit | None:
    """Return the limit of a client's records on a flow, None where nothing is promised."""
    if flow.batch is not None:
        return Windowed(batch=flow.batch, zone=flow.batch.zone or catalog.clients[client].timezone)
    objective = catalog.tier_of(client).objectives.sync_latency
    return objective.within if objective is not None else None


def weigh_maintenance(assessment: Assessment, observation: Observation) -> None:
    """Find out whether maintenance keeps a look out of the promises: it counts for no share then."""
    before = assessment.before
    assessment.excluded = excluded(observation, before.windows, before.exclusions, before.catalog)


def weigh_look(assessment: Assessment, observation: Observation) -> None:
    """Add a look to the availability of its system, unless it says nothing of that.

    A look that only confirms is evidence and counts for no share: a failure would weigh four times what a success does.
    """
    known = assessment.indicator(IndicatorKind.AVAILABILITY, observation.system, None, LOOKS_OVER)
    if observation.outcome in (Outcome.GOOD, Outcome.BAD):
        bad = observation.outcome is Outcome.BAD
        at = observation.sent if bad else observation.answered
        assessment.put(
            replace(
                known,
                tally=known.tally if assessment.excluded is not None else _counted(known.tally, observation),
                evidence=weighed(known.evidence, LOOKS, bad=bad, at=at),
                cusum=looked(known.cusum, bad=bad, confirming=observation.confirming, at=at),
                seen=observation.answered,
            )
        )


def _counted(tally: Tally, observation: Observation) -> Tally:
    if observation.confirming:
        return tally
    bad = observation.outcome is Outcome.BAD
    return counted(tally, good=int(not bad), bad=int(bad), at=observation.answered)


def weigh_credential(assessment: Assessment, observation: Observation) -> None:
    """Add a look to what is known of our credential, unless it says nothing of that."""
    refused = observation.failure is FailureClass.AUTH
    if not refused and observation.outcome is not Outcome.GOOD:
        return
    known = assessment.indicator(IndicatorKind.CREDENTIAL, observation.system, None, LOOKS_OVER)
    if not refused and known.evidence.settled(LOOKS):
        # It is taken at nearly every look, and one more says nothing new.
        return
    evidence = weighed(known.evidence, LOOKS, bad=refused, at=observation.sent)
    assessment.put(replace(known, evidence=evidence, seen=observation.answered))


def count_records(assessment: Assessment, system: SystemId, fresh: Iterable[Record]) -> set[ClientId]:
    """Add records that failed or did not to their clients' failure ratios; return whose records were counted."""
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
        assessment.counted.append((client, int(not record.failed), int(record.failed)))
        touched.add(client)
    return touched


def limits(catalog: Catalog, flow: Flow) -> Mapping[ClientId, Limit]:
    """Return how soon each client on a flow was promised its records, or the runs that are to carry them."""
    name = f"limits {flow.id}"
    known: Mapping[ClientId, Limit] | None = catalog.derived.get(name)
    if known is None:
        found = ((client.id, limit_of(catalog, flow, client.id)) for client in catalog.clients_on(flow))
        known = catalog.derived[name] = {client: limit for client, limit in found if limit is not None}
    return known


def remembered(flow: Flow) -> timedelta:
    """Return how long a flow's settled records are remembered: for as long as they are added up, at least an hour."""
    return max(REMEMBERED, flow.totals.over + flow.totals.settling) if flow.totals is not None else REMEMBERED


def weigh_arrivals(assessment: Assessment, flow: Flow, change: BookChange) -> None:
    """Note when overdue records arrived: the last of them is when a backlog has drained."""
    catalog = assessment.before.catalog
    for one in change.arrivals:
        if not one.late or one.arrived is None or one.client not in catalog.clients or one.client is None:
            continue
        objective = catalog.tier_of(one.client).objectives.sync_latency
        if objective is not None:
            known = assessment.indicator(IndicatorKind.SYNC_LATENCY, flow.id, one.client, objective.over)
            drained = max(one.arrived, known.drained or one.arrived)
            assessment.put(replace(known, drained=drained))


def weigh_verdicts(assessment: Assessment, flow: Flow, change: BookChange) -> None:
    """Add records that have reached their limit to their clients' sync latency."""
    found: dict[ClientId, list[Decided]] = {}
    for verdict in sorted(change.verdicts, key=lambda one: one.at):
        found.setdefault(verdict.client, []).append(verdict)
    for client, verdicts in found.items():
        objective = assessment.before.catalog.tier_of(client).objectives.sync_latency
        if objective is not None:
            known = assessment.indicator(IndicatorKind.SYNC_LATENCY, flow.id, client, objective.over)
            assessment.put(_with_verdicts(known, verdicts, objective.within))


def _with_verdicts(known: Indicator, verdicts: list[Decided], within: timedelta) -> Indicator:
    tally, evidence = known.tally, known.evidence
    for verdict in verdicts:
        tally = counted(tally, good=int(not verdict.late), bad=int(verdict.late), at=verdict.at)
        if verdict.late:
            evidence = Evidence(first_bad=evidence.first_bad or verdict.at - within, last_bad=verdict.at)
    return replace(known, tally=tally, evidence=evidence, seen=verdicts[-1].at)
