"""What a reported alert means here: which client, system, flow and tier its labels name, and when it is over.

The configuration says which labels those are; their values are our own ids, or what one of our systems calls a client.
From there on it lives like every other alert: an incident, timers, pages and notices follow from it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.alert import AlertKey, AlertKind, Move
from alerts.correlate import flow_nodes, rule_nodes, system_nodes
from alerts.evaluate import STAY, About, Verdict, span
from alerts.reported import Labels, Reported
from alerts.weigh import Assessment, Before
from probes.catalog import Catalog, Client, ClientId, FlowId, SecretRef, SystemId, TierId

UNFIT = re.compile(r"[^\w.-]+")
LONGEST_NAME = 80
LONGEST_SENTENCE = 400
TELLING = ("summary", "description", "message")
"""Annotations that say what is wrong, the best first."""

REFERENCES = ("runbook_url", "runbook", "dashboard_url", "dashboard")
"""Annotations that lead somewhere."""


ANYWHERE = "clients by what any system calls them"
MOST_NAMES = 100_000
"""So many names are remembered with whom they stand for."""


class Role(StrEnum):
    """What a label names."""

    CLIENT = "client"
    SYSTEM = "system"
    FLOW = "flow"
    TIER = "tier"


class OnTimeout(StrEnum):
    """What an alert does that is not sent again, and of which nobody said that it was over."""

    RESOLVE = "resolve"
    KEEP = "keep"


LABELS: Mapping[Role, tuple[str, ...]] = {role: (role.value,) for role in Role}
QUIET: Mapping[str, frozenset[str]] = {"severity": frozenset({"none", "info", "information", "warning"})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """How alerts of others are taken in. Of several labels of a role the first that names something counts.

    `tickets` are the values of labels that page nobody. `open` None means: without a token on this machine only;
    `token` opens the intake and nothing else.
    """

    labels: Mapping[Role, tuple[str, ...]] = field(default_factory=lambda: LABELS)
    tickets: Mapping[str, frozenset[str]] = field(default_factory=lambda: QUIET)
    resolve_timeout: timedelta = timedelta(minutes=5)
    on_timeout: OnTimeout = OnTimeout.RESOLVE
    open: bool | None = None
    token: SecretRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the labels of an alert name; None where they name none that we know."""

    client: ClientId | None = None
    system: SystemId | None = None
    flow: FlowId | None = None
    tier: TierId | None = None


def place_of(labels: Mapping[str, str], intake: Intake, catalog: Catalog) -> Place:
    """Return whom and what an alert is about. Who is nobody's client is no client: nothing is guessed."""
    systems, flows, tiers = catalog.systems.keys(), catalog.flows.keys(), catalog.tiers.keys()
    system = next((SystemId(one) for one in _values(Role.SYSTEM, labels, intake) if one in systems), None)
    clients = (client_named(one, system, catalog) for one in _values(Role.CLIENT, labels, intake))
    return Place(
        client=next((one for one in clients if one is not None), None),
        system=system,
        flow=next((FlowId(one) for one in _values(Role.FLOW, labels, intake) if one in flows), None),
        tier=next((TierId(one) for one in _values(Role.TIER, labels, intake) if one in tiers), None),
    )


def _values(role: Role, labels: Mapping[str, str], intake: Intake) -> Iterator[str]:
    return (labels[name] for name in intake.labels.get(role, ()) if name in labels)


def client_named(name: str, system: SystemId | None, catalog: Catalog) -> ClientId | None:
    """Return the client of an id of ours, or of an identifier: the system's that is named, else any's if all agree."""
    if name in catalog.clients:
        return ClientId(name)
    if system is not None:
        return catalog.client_in(system, name)
    known: dict[str, ClientId | None] = catalog.derived.setdefault(ANYWHERE, {})
    if name not in known:
        if len(known) >= MOST_NAMES:
            known.clear()
        found = {catalog.client_in(one, name) for one in catalog.systems} - {None}
        known[name] = found.pop() if len(found) == 1 else None
    return known[name]


def about(reported: Reported, intake: Intake, catalog: Catalog) -> About:
    """Return what our own alert on a report is about.

    Its key holds the fingerprint: reports are one alert only where their labels are the same, whatever they say. What
    names neither a flow nor a system shares its cause with what the same rule found.
    """
    labels = dict(reported.labels)
    place = place_of(labels, intake, catalog)
    nodes, tier = rule_nodes(reported.name, place.tier), place.tier
    clients = frozenset[ClientId]()
    if place.flow is not None:
        nodes = flow_nodes(catalog.flows[place.flow])
        clients = frozenset(one.id for one in catalog.clients_on(catalog.flows[place.flow]) if one.tier == tier)
    elif place.system is not None:
        nodes = system_nodes(place.system)
        clients = _of_tier(place.system, tier, catalog)
    return About(
        key=reported.key or key_of(reported, place.client),
        nodes=nodes,
        system=place.system,
        flow=place.flow,
        clients=clients if place.client is None else frozenset(),
        urgent=not any(labels.get(name) in values for name, values in intake.tickets.items()),
        references=references(reported.annotations),
        labels=tuple(sorted(with_place(labels, place, catalog).items())),
    )


def with_place(labels: Mapping[str, str], place: Place, catalog: Catalog) -> Mapping[str, str]:
    """Return labels with what they name, as our own alerts have it; what was sent stands.

    So a silence of a client also holds for what names the client as one of our systems calls it.
    """
    tier = catalog.clients[place.client].tier if place.client is not None else place.tier
    named = {Role.CLIENT: place.client, Role.SYSTEM: place.system, Role.FLOW: place.flow, Role.TIER: tier}
    return {**{role.value: name for role, name in named.items() if name is not None}, **labels}


def _of_tier(system: SystemId, tier: TierId | None, catalog: Catalog) -> frozenset[ClientId]:
    """Return the clients of a tier that a system's failure hurts; a walk over all clients, kept with the catalog."""
    if tier is None:
        return frozenset()
    name = f"clients of {system} in {tier}"
    known: frozenset[ClientId] | None = catalog.derived.get(name)
    if known is None:
        clients: Iterator[Client] = catalog.clients_of(system)
        known = catalog.derived[name] = frozenset(one.id for one in clients if one.tier == tier)
    return known


def key_of(reported: Reported, client: ClientId | None) -> AlertKey:
    """Return the key of our own alert on a report: the rule's name for people, and the fingerprint."""
    name = UNFIT.sub("_", reported.name)[:LONGEST_NAME]
    return AlertKey(kind=AlertKind.REPORTED, subject=f"{name}:{reported.fingerprint}", client=client)


def references(annotations: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return where an alert's annotations lead, by the annotation's name; only addresses of the web are followed."""
    found = ((name, annotations.get(name, "")) for name in REFERENCES)
    return tuple((name, text) for name, text in found if text.startswith(("https://", "http://")))


def sentence(reported: Reported) -> str:
    """Return what is reported in one sentence: the rule, its other labels, and what its annotations say."""
    rule = reported.name
    others = ", ".join([f"{name}={value}" for name, value in reported.labels if value != rule])
    said = next((reported.annotations[name] for name in TELLING if reported.annotations.get(name)), "")
    text = " ".join(f"{rule}{f' ({others})' if others else ''}{f': {said}' if said else ''}".split())
    return text if len(text) <= LONGEST_SENTENCE else f"{text[: LONGEST_SENTENCE - 1]}…"


def judge_reported(reported: Reported, intake: Intake, now: datetime) -> Verdict:
    """Return what a report says now: that it goes on, that it is over, or that nobody sends it any more.

    The last is over too, as with Alertmanager, and its sentence says that nobody has said so; with `keep` it goes on,
    for missing data is no recovery.
    """
    if reported.lasts(now):
        return Verdict(move=Move.CONFIRM, explanation=sentence(reported), onset=min(reported.starts, now))
    if reported.told_over:
        return Verdict(move=Move.CLEAR, explanation="its sender says that it is over", cleared=reported.ends)
    if intake.on_timeout is OnTimeout.KEEP:
        return STAY
    waited = span(reported.ends - reported.updated)
    text = f"ended by timeout: not sent again for {waited}, and nobody said that it is over"
    return Verdict(move=Move.CLEAR, explanation=text, cleared=reported.ends, silent=True)


def assess_reported(
    before: Before, reports: Iterable[Reported], intake: Intake, now: datetime
) -> tuple[Assessment, Mapping[Labels, AlertKey]]:
    """Return what reports change of our own alerts, and the key of each of those."""
    assessment, keys = Assessment(before), dict[Labels, AlertKey]()
    for report in reports:
        what = about(report, intake, before.catalog)
        keys[report.labels] = what.key
        assessment.move(what, judge_reported(report, intake, now), now)
    return assessment, keys
