"""Checks what no part can see by itself: that names are defined, and that no two parts claim the same thing.

Every rule here is an error whatever the date. A name counts as defined also where the part itself has problems, so that
no mistake is told twice.
"""

from collections.abc import Iterator, Mapping

from monitor.load.agreements import check_agreements
from monitor.load.claims import check_identifiers
from monitor.load.fields import WHOLE
from monitor.load.flows_form import FlowForm
from monitor.load.form import suggestion
from monitor.load.node import Loc, Node
from monitor.load.noticing import check_notices
from monitor.load.parts import Parts
from monitor.load.people_form import Target, TargetKind
from monitor.load.sections import Sections
from monitor.load.tiers_form import ClientForm
from monitor.problem import Problem
from probes.auth import CREDENTIAL_PARTS, AuthKind
from probes.catalog import SecretRef
from probes.comparison import Compared

SECTION_OF = {TargetKind.SCHEDULE: "schedules", TargetKind.PERSON: "people"}


def check_references(sections: Sections, parts: Parts) -> Iterator[Problem]:
    """Yield every reference that leads nowhere and every clash between parts, once all files could be read."""
    if not sections.whole:
        return
    yield from _tiers(sections, parts)
    yield from _clients(sections, parts)
    yield from check_identifiers(sections, parts)
    yield from _systems(sections, parts)
    yield from _flows(sections, parts)
    yield from _schedules(sections, parts)
    yield from _escalations(sections, parts)
    yield from _heartbeats(sections, parts)
    yield from _cutoffs(sections, parts)
    yield from check_notices(sections, parts)
    yield from check_agreements(sections, parts)
    yield from _dunning(sections, parts)


def _defined(sections: Sections, section: str, name: str, node: Node, loc: Loc = ()) -> Iterator[Problem]:
    names = sections.names(section)
    if name not in names:
        advice = f"correct the name or define it under {section} ({suggestion(name, names)})"
        yield node.problem(f"{name} is not defined; {advice}", loc)


def _tiers(sections: Sections, parts: Parts) -> Iterator[Problem]:
    for name, tier in parts.tiers.items():
        node = sections.parts["tiers"][name]
        written = node.child("escalation")
        loc: Loc = ("escalation", "default") if written and written.child("default") else ("escalation",)
        yield from _defined(sections, "escalations", tier.escalation.default, node, loc)
        for concern, policy in tier.escalation.concerns.items():
            yield from _defined(sections, "escalations", policy, node, ("escalation", concern.value))
        if tier.catch_all is not None:
            yield from _target(sections, tier.catch_all, node, ("catch_all",))


def _clients(sections: Sections, parts: Parts) -> Iterator[Problem]:
    for name, client in parts.clients.items():
        node = sections.parts["clients"][name]
        yield from _defined(sections, "tiers", client.tier, node, ("tier",))
        for system in client.identifiers:
            yield from _defined(sections, "systems", system, node, ("identifiers", system))
        if client.owner is not None:
            yield from _defined(sections, "people", client.owner, node, ("owner",))
        yield from _places(sections, client, node)


def _places(sections: Sections, client: ClientForm, node: Node) -> Iterator[Problem]:
    if client.jurisdiction is not None:
        yield from _defined(sections, "jurisdictions", client.jurisdiction, node, ("jurisdiction",))
    for index, contact in enumerate(client.contacts):
        if contact.jurisdiction is not None:
            loc = ("contacts", index, "jurisdiction")
            yield from _defined(sections, "jurisdictions", contact.jurisdiction, node, loc)


def _systems(sections: Sections, parts: Parts) -> Iterator[Problem]:
    for name, system in parts.systems.items():
        node, connector = sections.parts["systems"][name], parts.connectors.get(name)
        if connector is None:
            continue
        if system.quota.share is not None and not (system.quota.rate or system.quota.rates or connector.limits):
            message = "is a share of nothing: the connector knows no limits; add a rate like 10/s"
            yield node.problem(message, ("quota", "share"))
        status = system.identity.status
        if status is not None and status.resource not in connector.resources:
            advice = suggestion(status.resource, connector.resources)
            loc = ("identity", "status", "resource")
            yield node.problem(f"{name} has no resource {status.resource}; {advice}", loc)
        if system.base_url is None and not connector.base_url:
            yield node.problem("is missing, and the connector knows none; add it", ("base_url",))
        if system.webhooks is not None and connector.webhook is None:
            yield node.problem("has no use: the connector knows no webhooks that can be verified", ("webhooks",))
        yield from _credential(connector.auth.kind, system.credential, node)
        yield from _status_page(sections, name, system.status_page, node)
        for place, other in enumerate(system.depends_on):
            yield from _defined(sections, "systems", other, node, ("depends_on", place))
            if other == name:
                yield node.problem("is the system itself; name what it cannot work without", ("depends_on", place))


def _status_page(sections: Sections, name: str, page: str | None, node: Node) -> Iterator[Problem]:
    if page is None:
        return
    yield from _defined(sections, "systems", page, node, ("status_page",))
    if page == name:
        yield node.problem(
            "is the system itself; name the system that reads its vendor's status page", ("status_page",)
        )


def _credential(kind: AuthKind, credential: Mapping[str, SecretRef], node: Node) -> Iterator[Problem]:
    """A credential has exactly the secrets that its kind consists of."""
    if kind is AuthKind.NONE:
        return
    wanted = CREDENTIAL_PARTS.get(kind, (WHOLE,))
    shape = _mapping(wanted) if len(wanted) > 1 else "env:NAME or file:PATH"
    if not credential:
        yield node.problem(f"is missing, and the connector sends one; add it as {shape}", ("credential",))
    elif set(credential) != set(wanted):
        yield node.problem(f"is not what the connector sends; write it as {shape}", ("credential",))


def _mapping(names: tuple[str, ...]) -> str:
    return f"{{{', '.join(f'{name}: env:{name.upper()}' for name in names)}}}"


def _flows(sections: Sections, parts: Parts) -> Iterator[Problem]:
    for name, flow in parts.flows.items():
        node = sections.parts["flows"][name]
        if name in sections.names("systems"):
            yield node.problem(
                "has the name of a system, and an alert would not say which is meant; rename one of them"
            )
        yield from _stops(sections, parts, flow, node)
        yield from _compared(parts, flow, node)


def _stops(sections: Sections, parts: Parts, flow: FlowForm, node: Node) -> Iterator[Problem]:
    """Every stop on a flow's way is a list that can be looked at, and another one than the last."""
    places: list[Loc] = [
        ("source",),
        *(("destination",) if flow.hops is None else ("hops", n, "to") for n in range(99)),
    ]
    for loc, before, (system, resource) in zip(places, (None, *flow.stops), flow.stops, strict=False):
        if before == (system, resource):
            where = "source" if loc in (("destination",), ("hops", 0, "to")) else "stop before"
            yield node.problem(f"is the {where} as well; name where the records arrive", loc)
        yield from _defined(sections, "systems", system, node, loc)
        connector = parts.connectors.get(system)
        if connector is not None and resource not in connector.resources:
            advice = suggestion(resource, connector.resources)
            yield node.problem(f"{system} has no resource {resource}; {advice}", loc)
        elif connector is not None and not connector.resources[resource].path:
            yield node.problem(f"cannot be looked at: {resource} comes by webhooks only; name a list", loc)


def _compared(parts: Parts, flow: FlowForm, node: Node) -> Iterator[Problem]:
    """Money is compared where both ends tell of money."""
    for number, (start, leg) in enumerate(zip(flow.stops, flow.legs, strict=False)):
        loc: Loc = ("compare",) if flow.hops is None else ("hops", number, "compare")
        money = [one.name for one in leg.compare if one.compared is not Compared.FIELD]
        for system, resource in (start, leg.to) if money else ():
            known = parts.connectors[system].resources.get(resource) if system in parts.connectors else None
            if known is not None and known.amount is None:
                message = f"{system}.{resource} does not say how much money it is about"
                advice = f"add amount: {{path: ...}} to the resource, or take {money[0]} away"
                yield node.problem(f"cannot be: {message}; {advice}", loc)


def _schedules(sections: Sections, parts: Parts) -> Iterator[Problem]:
    for name, schedule in parts.schedules.items():
        for loc, person in schedule.named():
            yield from _defined(sections, "people", person, sections.parts["schedules"][name], loc)


def _escalations(sections: Sections, parts: Parts) -> Iterator[Problem]:
    for name, escalation in parts.escalations.items():
        node = sections.parts["escalations"][name]
        for step, form in enumerate(escalation.steps):
            place: Loc = ("steps", step) if isinstance(node.value, dict) else (step,)
            for key, named in form.targets:
                yield from _target(sections, named, node, (*place, key))
        yield from _variant(sections, parts, name, node)
    for name, system in parts.systems.items():
        for key, named in system.owner.targets.values():
            yield from _target(sections, named, sections.parts["systems"][name], ("owner", key))
    if parts.single is not None:
        yield from _target(sections, parts.single.catch_all, sections.single["catch_all"], ())


def _variant(sections: Sections, parts: Parts, name: str, node: Node) -> Iterator[Problem]:
    """What pages outside a policy's hours is another policy, and in the end one that pages or waits."""
    variant, seen = parts.escalations[name].variant, {name}
    if variant:
        yield from _defined(sections, "escalations", variant, node, ("otherwise",))
    while variant and variant in parts.escalations and variant not in seen:
        seen.add(variant)
        variant = parts.escalations[variant].variant
    if variant == name:
        yield node.problem("leads back to this escalation; name one that pages, or write wait", ("otherwise",))


def _heartbeats(sections: Sections, parts: Parts) -> Iterator[Problem]:
    for name, heartbeat in parts.heartbeats.items():
        node = sections.parts["heartbeats"][name]
        if name in sections.names("systems") | sections.names("flows"):
            yield node.problem(
                "has the name of a system or flow, and an alert would not say which is meant; rename one of them"
            )
        if heartbeat.client is not None:
            yield from _defined(sections, "clients", heartbeat.client, node, ("client",))
        if heartbeat.flow is not None:
            yield from _defined(sections, "flows", heartbeat.flow, node, ("flow",))


def _cutoffs(sections: Sections, parts: Parts) -> Iterator[Problem]:
    for section, owners in (("tiers", parts.tiers), ("clients", parts.clients)):
        for owner, form in owners.items():
            node = sections.parts[section][owner]
            for name, cutoff in form.cutoffs.items():
                if cutoff.flow is not None:
                    yield from _defined(sections, "flows", cutoff.flow, node, ("cutoffs", name, "flow"))
                if cutoff.raise_to is not None:
                    yield from _defined(sections, "tiers", cutoff.raise_to, node, ("cutoffs", name, "raise_to"))


def _dunning(sections: Sections, parts: Parts) -> Iterator[Problem]:
    if parts.single is not None:
        for place, system in enumerate(parts.single.dunning.systems or ()):
            yield from _defined(sections, "systems", system, sections.single["dunning"], ("systems", place))


def _target(sections: Sections, target: Target, node: Node, loc: Loc) -> Iterator[Problem]:
    yield from _defined(sections, SECTION_OF[target.kind], target.name, node, loc)
