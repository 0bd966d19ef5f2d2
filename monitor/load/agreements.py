"""Checks that what tiers and contracts name is defined: calendars, and the tiers of later versions."""

from collections.abc import Iterator, Mapping

from monitor.load.form import suggestion
from monitor.load.node import Loc, Node
from monitor.load.parts import Parts
from monitor.load.sections import Sections
from monitor.problem import Problem
from probes.hours import BUILT_IN


def check_agreements(sections: Sections, parts: Parts) -> Iterator[Problem]:
    """Yield the calendars and tiers that are named and not defined, and calendars that cannot be defined."""
    for name in parts.calendars.keys() & BUILT_IN.keys():
        yield sections.parts["calendars"][name].problem("is built in and cannot be another; give yours another name")
    for name, tier in parts.tiers.items():
        yield from _calendars(sections, tier.sla.named, sections.parts["tiers"][name], ("sla",))
    for name, client in parts.clients.items():
        node = sections.parts["clients"][name]
        for place, version in enumerate(client.contract.versions):
            yield from _calendars(sections, version.named, node, ("contract", "versions", place))
        for place, tier_id in client.contract.tiers:
            loc: Loc = ("contract", "versions", place, "tier")
            yield from _defined(tier_id, sections.names("tiers"), "tiers", node, loc)


def _calendars(sections: Sections, named: Mapping[tuple[str, ...], str], node: Node, loc: Loc) -> Iterator[Problem]:
    known = sections.names("calendars") | BUILT_IN.keys()
    for inner, calendar in named.items():
        yield from _defined(calendar, known, "calendars", node, (*loc, *inner))


def _defined(name: str, known: frozenset[str], section: str, node: Node, loc: Loc) -> Iterator[Problem]:
    if name not in known:
        advice = f"correct the name or define it under {section} ({suggestion(name, known)})"
        yield node.problem(f"{name} is not defined; {advice}", loc)
