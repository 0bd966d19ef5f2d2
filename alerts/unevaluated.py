"""Objectives that are declared and say nothing: they match nobody, or nothing was ever seen that they could judge.

An objective over nothing would read as met for ever. So it is a ticket: one for a tier and an objective, which names
the clients, and one for a flow that nobody travels on.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.alert import AlertKey, AlertKind, AlertState, Move, Reason
from alerts.correlate import flow_nodes, rule_nodes
from alerts.evaluate import STAY, About, Verdict, span
from alerts.weigh import Assessment, Before
from probes.catalog import Catalog, Client, ClientId, Flow, FlowId, SystemId, Tier, TierId
from probes.sli import IndicatorKey, IndicatorKind

SETTLED = timedelta(hours=1)
"""So long after a start nothing is said of what was never evaluated: it may be on its way."""

NEVER = timedelta(days=1)
"""After so long without anything to judge an objective counts as never evaluated."""

NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """An objective as it is declared, at one place; `clients` are those that it should judge and is about.

    `nothing` says in words what it matches nothing of, empty where it matches something.
    """

    about: About
    tier: TierId | None
    clients: tuple[ClientId, ...]
    nothing: str = ""
    measured: tuple[tuple[IndicatorKind, str], ...] = ()


def declared(catalog: Catalog) -> tuple[Declared, ...]:
    """Return everything that is declared and could say nothing."""
    known: tuple[Declared, ...] | None = catalog.derived.get("objectives declared")
    if known is None:
        found = (*_flows(catalog), *(one for tier in catalog.tiers.values() for one in _tier(catalog, tier)))
        known = catalog.derived["objectives declared"] = found
    return known


def _flows(catalog: Catalog) -> Iterator[Declared]:
    for flow in catalog.flows.values():
        key = AlertKey(kind=AlertKind.UNEVALUATED, subject=flow.id)
        about = About(key=key, nodes=flow_nodes(flow), flow=flow.id)
        nobody = not any(catalog.clients_on(flow))
        text = f"nobody travels on flow {flow.id}: no client has an identifier in {flow.enters}" if nobody else ""
        yield Declared(about=about, tier=None, clients=(), nothing=text)


def _tier(catalog: Catalog, tier: Tier) -> Iterator[Declared]:
    clients = [client for client in catalog.clients.values() if client.tier == tier.id]
    if tier.objectives.sync_latency is not None:
        flows = [flow for flow in catalog.flows.values() if flow.batch is None]
        yield _matching(tier, clients, "sync_latency", lambda client: _on_any(client, flows))
        yield from (one for flow in flows for one in _on(flow, tier, clients))
    if tier.objectives.failure_ratio is not None:
        telling = _telling(catalog)
        yield _matching(
            tier, clients, "failure_ratio", lambda client: any(one in telling for one in client.identifiers)
        )


def _on_any(client: Client, flows: Iterable[Flow]) -> bool:
    return any(flow.enters in client.identifiers for flow in flows)


def _telling(catalog: Catalog) -> frozenset[SystemId]:
    """Return the systems of which a list tells that records failed."""
    systems = catalog.systems.values()
    return frozenset(
        system.id for system in systems if any(one.failures for one in system.connector.resources.values())
    )


def _matching(tier: Tier, clients: list[Client], objective: str, matches: Callable[[Client], bool]) -> Declared:
    left = tuple(client.id for client in clients if not matches(client))
    if not clients:
        text = f"{objective} of {tier.id} judges nobody: the tier has no client"
    elif left:
        more = f" and {len(left) - NAMED:,} more" if len(left) > NAMED else ""
        text = f"{objective} of {tier.id} matches nothing for {', '.join(left[:NAMED])}{more}: no system that it needs "
        text += "knows them by an identifier"
    else:
        text = ""
    return Declared(about=_about(tier, f"{tier.id}.{objective}"), tier=tier.id, clients=left, nothing=text)


def _on(flow: Flow, tier: Tier, clients: list[Client]) -> Iterator[Declared]:
    here = tuple(client.id for client in clients if flow.enters in client.identifiers)
    if here:
        about = _about(tier, f"{tier.id}.sync_latency.{flow.id}")
        yield Declared(about=about, tier=tier.id, clients=here, measured=((IndicatorKind.SYNC_LATENCY, flow.id),))


def _about(tier: Tier, subject: str) -> About:
    key = AlertKey(kind=AlertKind.UNEVALUATED, subject=subject)
    return About(key=key, nodes=rule_nodes(subject, tier.id))


def judge_unevaluated(assessment: Assessment, now: datetime) -> None:
    """Judge what is declared and says nothing, once we have run for long enough to know."""
    before = assessment.before
    if before.since is None or now - before.since < SETTLED:
        return
    for one in declared(before.catalog):
        verdict = _verdict(assessment, one, now)
        if verdict.move is not Move.CLEAR or assessment.known(one.about) is not None:
            assessment.move(one.about, verdict, now)


def _verdict(assessment: Assessment, one: Declared, now: datetime) -> Verdict:
    if one.nothing:
        return Verdict(move=Move.CONFIRM, explanation=one.nothing, onset=now, reason=Reason.MATCHES_NOTHING)
    if not one.measured or _measured(assessment, one):
        return Verdict(move=Move.CLEAR, cleared=now)
    alert = assessment.known(one.about)
    since = alert.onset if alert is not None and alert.state is not AlertState.RESOLVED else now
    text = f"{one.about.key.subject} was never evaluated: none of {len(one.clients):,} clients had a record to judge"
    if now - since < NEVER:
        return Verdict(move=Move.SUSPECT, explanation=text, onset=since, reason=Reason.NEVER_EVALUATED)
    if alert is not None and alert.active:
        return STAY
    text = f"{text} for {span(now - since)}"
    return Verdict(move=Move.CONFIRM, explanation=text, onset=since, reason=Reason.NEVER_EVALUATED)


def _measured(assessment: Assessment, one: Declared) -> bool:
    """Return whether any of the clients ever had something to judge; that does not become untrue."""
    name = f"evaluated {one.about.name}"
    if name not in assessment.before.catalog.derived:
        keys = (
            str(IndicatorKey(kind=kind, subject=subject, client=client))
            for kind, subject in one.measured
            for client in one.clients
        )
        known = assessment.before.indicators
        if not any(key in known for key in keys) and not _in_books(assessment, one):
            return False
        assessment.before.catalog.derived[name] = True
    return True


def _in_books(assessment: Assessment, one: Declared) -> bool:
    flows = (FlowId(subject) for _, subject in one.measured)
    return any(not assessment.book(flow).standings().keys().isdisjoint(one.clients) for flow in flows)


def still_declared(before: Before, key: AlertKey) -> bool:
    """Return whether what an alert says was never evaluated is still declared."""
    return any(one.about.key == key for one in declared(before.catalog))
