"""Promises of ours that no vendor's own promise allows: whoever signed them depends on luck.

A client's promise rests on every system that its records pass through, and is no better than the worst of them; what
all of them promise together is their product, for they fail independently.
"""

from collections.abc import Iterator, Mapping
from math import prod

from monitor.load.config import Config
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from monitor.units import spelled
from probes.catalog import Catalog, System, Tier, TierId
from probes.hours import Calendar


def unattainable(config: Config, sections: Sections) -> Iterator[Problem]:
    """Yield each promise of a tier that a vendor on whom its clients depend does not make to us."""
    catalog = config.catalog
    for tier, systems in _depending(catalog).items():
        node = sections.parts["tiers"][tier]
        for loc, message in _beyond(catalog.tiers[tier], systems):
            yield node.problem(message, loc, Grade.MINOR)


def _depending(catalog: Catalog) -> Mapping[TierId, list[System]]:
    """Return the systems that make a promise to us, by the tiers whose clients depend on them."""
    promising = [one for one in catalog.systems.values() if one.vendor_promise != type(one.vendor_promise)()]
    found: dict[TierId, list[System]] = {}
    for system in promising:
        for tier in sorted({client.tier for client in catalog.clients_of(system.id)}):
            found.setdefault(tier, []).append(system)
    return found


def _beyond(tier: Tier, systems: list[System]) -> Iterator[tuple[tuple[str, ...], str]]:
    availability = tier.objectives.availability
    promised = {one.id: one.vendor_promise.availability for one in systems if one.vendor_promise.availability}
    if availability is not None and promised and prod(promised.values()) < availability.target:
        named = ", ".join(f"{name} {share:.2%}" for name, share in promised.items())
        together = f", together {prod(promised.values()):.2%}" if len(promised) > 1 else ""
        message = f"is more than its vendors promise us ({named}{together}); promise less, or say that it is not theirs"
        yield ("objectives", "availability", "target"), message
    for system in systems:
        yield from _slower(tier, system)


def _slower(tier: Tier, system: System) -> Iterator[tuple[tuple[str, ...], str]]:
    """A vendor that mends no sooner than we promise to, or does not even answer by then, decides whether we keep it."""
    theirs, ours = system.vendor_promise, tier.sla.repair
    if ours is None or tier.sla.exclude_vendor or not _around_the_clock(tier.sla.hours_of("repair")):
        return
    advice = "promise more time, or exclude what a vendor causes (exclusions: {vendor_caused: true})"
    if theirs.repair is not None and theirs.repair >= ours:
        yield (
            ("sla", "repair"),
            f"is no longer than {system.id}'s vendor takes ({spelled(theirs.repair)}); {advice}",
        )
    elif theirs.response is not None and theirs.response >= ours:
        yield (
            ("sla", "repair"),
            f"is over before {system.id}'s vendor answers ({spelled(theirs.response)}); {advice}",
        )


def _around_the_clock(calendar: Calendar) -> bool:
    """Whether the times of both can be compared: what counts in office hours lasts longer than it says."""
    return calendar.always
