"""The clients: how each is, tier by tier, and what its contract says beside what is measured."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.alert import Alert, AlertState, IncidentId
from alerts.burn import budgets
from alerts.incident import Incident
from monitor.situation import Situation
from monitor.web.view.failing import FailingView, failing
from monitor.web.view.flows import StandingView, standing
from monitor.web.view.health import WORST_FIRST, Health
from monitor.web.view.hurting import hurting
from monitor.web.view.systems import Ratio, tallied
from probes.catalog import Catalog, Client, ClientId, FlowId, SystemId, Tier
from probes.sli import IndicatorKind
from probes.status import Said, differ


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientView:
    """One client and how it is now."""

    client: Client
    tier: Tier
    health: Health
    incident: IncidentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TierView:
    """One tier, its clients worst first, and how many of them are how."""

    tier: Tier
    clients: tuple[ClientView, ...]
    counts: Mapping[Health, int]

    @property
    def troubled(self) -> tuple[ClientView, ...]:
        """Those that are not well."""
        return tuple(one for one in self.clients if one.health is not Health.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureView:
    """One objective of a client on a system or flow: what is promised, and what was counted in its window.

    `left` is what is left of an error budget, below 0 where more has failed than may.
    """

    kind: IndicatorKind
    subject: str
    target: float
    counted: Ratio
    over: timedelta
    within: timedelta | None = None
    left: float | None = None

    @property
    def value(self) -> float | None:
        """What is measured, as the promise has it: the good share, for failures the bad one."""
        bad = self.counted.value
        return bad if bad is None or self.kind is IndicatorKind.FAILURE_RATIO else 1 - bad

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept at this moment, None where nothing was counted."""
        if self.value is None:
            return None
        return self.value < self.target if self.kind is IndicatorKind.FAILURE_RATIO else self.value >= self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientDetail:
    """One client with its measures, its records on their way, and the incidents that hurt it, newest first.

    `statuses` are what the systems last said of it, `failures` what failed against each limit of its tier.
    """

    view: ClientView
    measures: tuple[MeasureView, ...]
    standings: Mapping[FlowId, StandingView]
    incidents: tuple[Incident, ...]
    statuses: Mapping[SystemId, Said] = field(default_factory=dict)
    failures: tuple[FailingView, ...] = ()

    @property
    def disputed(self) -> bool:
        """Whether two systems say different things of it."""
        return differ(self.statuses.values())


def _suspects(situation: Situation) -> dict[ClientId, Alert]:
    pending = (one for one in situation.alerts.values() if one.state is AlertState.PENDING)
    return {one.key.client: one for one in pending if one.key.client is not None}


def _unseen(situation: Situation) -> frozenset[ClientId]:
    """The clients that depend on a system that cannot be seen."""
    blind = {one.system for one in situation.alerts.values() if one.state is AlertState.BLIND and one.system}
    catalog = situation.config.catalog
    return frozenset(
        client.id for system in blind if system in catalog.systems for client in catalog.clients_of(system)
    )


def clients(situation: Situation) -> dict[ClientId, ClientView]:
    """Return every client, as configured."""
    catalog, hurt = situation.config.catalog, hurting(situation)
    suspects, unseen = _suspects(situation), _unseen(situation)
    found: dict[ClientId, ClientView] = {}
    for identity, client in catalog.clients.items():
        incident = hurt.get(identity)
        health = Health.HURT if incident else Health.BLIND if identity in unseen else Health.OK
        if health is Health.OK and identity in suspects:
            health = Health.SUSPECT
        tier = catalog.tiers[client.tier]
        number = incident.id if incident else None
        found[identity] = ClientView(client=client, tier=tier, health=health, incident=number)
    return found


def tiers(situation: Situation, search: str = "") -> tuple[TierView, ...]:
    """Return the tiers, the weightiest first, each with its clients, worst first; of those found by name or id."""
    wanted = search.strip().casefold()
    everybody = sorted(
        (one for one in clients(situation).values() if wanted in f"{one.client.name} {one.client.id}".casefold()),
        key=lambda one: (WORST_FIRST.index(one.health), one.client.name.casefold()),
    )
    ordered = sorted(situation.config.catalog.tiers.values(), key=lambda one: (-one.weight, one.id))
    return tuple(_tier(tier, tuple(one for one in everybody if one.tier.id == tier.id)) for tier in ordered)


def _tier(tier: Tier, members: tuple[ClientView, ...]) -> TierView:
    return TierView(tier=tier, clients=members, counts=Counter(one.health for one in members))


def client(situation: Situation, identity: ClientId, now: datetime) -> ClientDetail:
    """Return one client; KeyError where none has this id."""
    catalog = situation.config.catalog
    one = catalog.clients[identity]
    touched = [incident for incident in situation.incidents.values() if identity in incident.impacts]
    standings = {
        flow: standing(situation, identity, book.standings()[identity], now)
        for flow, book in situation.books.items()
        if identity in book.standings()
    }
    return ClientDetail(
        view=clients(situation)[identity],
        measures=_measures(situation, one, catalog, now),
        standings=standings,
        incidents=tuple(sorted(touched, key=lambda incident: incident.opened, reverse=True)),
        statuses=situation.statuses.get(identity, {}),
        failures=failing(situation, one, now),
    )


def _measures(situation: Situation, one: Client, catalog: Catalog, now: datetime) -> tuple[MeasureView, ...]:
    return (
        *_latencies(situation, one, catalog, now),
        *_failures(situation, one, catalog, now),
        *_availabilities(situation, one, catalog, now),
    )


def _latencies(situation: Situation, one: Client, catalog: Catalog, now: datetime) -> list[MeasureView]:
    promised = catalog.tier_of(one.id).objectives.sync_latency
    if promised is None:
        return []
    kind = IndicatorKind.SYNC_LATENCY
    return [
        MeasureView(
            kind=kind,
            subject=flow.id,
            target=promised.target,
            counted=tallied(situation, kind, flow.id, now, one.id),
            over=promised.over,
            within=promised.within,
        )
        for flow in catalog.flows.values()
        if flow.enters in one.identifiers and flow.batch is None
    ]


def _failures(situation: Situation, one: Client, catalog: Catalog, now: datetime) -> list[MeasureView]:
    promised = catalog.tier_of(one.id).objectives.failure_ratio
    kind = IndicatorKind.FAILURE_RATIO
    measured = {key.key.subject for key in situation.indicators.values() if key.key.kind is kind}
    if promised is None:
        return []
    return [
        MeasureView(
            kind=kind,
            subject=system,
            target=promised.below,
            counted=tallied(situation, kind, system, now, one.id),
            over=promised.over,
        )
        for system in one.identifiers
        if system in measured
    ]


def _availabilities(situation: Situation, one: Client, catalog: Catalog, now: datetime) -> list[MeasureView]:
    promised = catalog.tier_of(one.id).objectives.availability
    if promised is None:
        return []
    targets = [
        target for system in one.identifiers for target in situation.targets.get(system, ()) if target.tier == one.tier
    ]
    return [
        MeasureView(
            kind=IndicatorKind.AVAILABILITY,
            subject=budget.target.system,
            target=promised.target,
            counted=Ratio(bad=budget.looks[1], total=sum(budget.looks)),
            over=promised.window,
            left=budget.left,
        )
        for budget in budgets(targets, situation.indicators, now)
    ]
