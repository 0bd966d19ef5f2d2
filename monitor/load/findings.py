"""What a right configuration still does not achieve: nobody on call, nobody to tell, nothing to watch, parts in vain.

Findings never stop a start. What the indicators cannot show is for `measurable`, what is not reached for `reachable`.
"""

from collections.abc import Iterator
from datetime import date, datetime

from alerts.escalation import DEFAULT_WAIT
from alerts.oncall import Board, PersonId, Rotation, Schedule, on_call
from monitor.load.affordable import unaffordable
from monitor.load.burning import unburnable
from monitor.load.config import Config
from monitor.load.escalating import in_use, steps_in_use, vain_steps
from monitor.load.expiring import expiring
from monitor.load.gaps import uncovered
from monitor.load.measurable import unmeasurable
from monitor.load.node import Loc, Node
from monitor.load.noticing import nobody_to_approve, telling
from monitor.load.reachable import unencrypted
from monitor.load.sections import Sections
from monitor.load.unattainable import unattainable
from monitor.load.untold import untold
from monitor.problem import Grade, Problem
from monitor.units import spelled
from probes.catalog import Catalog
from probes.consent import NamedKind


def findings(config: Config, sections: Sections, now: datetime) -> Iterator[Problem]:
    """Yield everything that does not need the secrets to be seen."""
    yield from _nothing_watched(config, sections)
    yield from _nobody_on_call(config, sections, now)
    yield from uncovered(config, sections, now)
    yield from _turns_to_come(config, sections, now)
    yield from _nobody_to_tell(config, sections)
    yield from nobody_to_approve(config, sections)
    yield from _late_steps(config, sections)
    yield from vain_steps(config, sections, now)
    yield from _unused(config, sections)
    yield from unmeasurable(config, sections, now)
    yield from unburnable(config, sections)
    yield from unaffordable(config, sections, now)
    yield from unencrypted(config, sections)
    yield from expiring(config, sections, now)
    yield from untold(config, sections)
    yield from unattainable(config, sections)
    yield from _open_intake(config, sections)


def _nothing_watched(config: Config, sections: Sections) -> Iterator[Problem]:
    if not config.catalog.systems:
        root = Node({}, sections.root, 0)
        yield root.problem("is empty, so nothing is watched; add a system", ("systems",), Grade.SEVERE)
    for client in config.catalog.clients.values():
        if not client.identifiers:
            message = "has no identifier in any system, so nothing is watched for it; add identifiers"
            yield sections.parts["clients"][client.id].problem(message, ("identifiers",), Grade.SEVERE)


def _nobody_on_call(config: Config, sections: Sections, now: datetime) -> Iterator[Problem]:
    for name, schedule in config.roster.schedules.items():
        if not on_call(schedule, Board(), now):
            message = "has nobody on call now, so its pages go to the catch-all; add people to its rotations"
            yield sections.parts["schedules"][name].problem(message, (), Grade.SEVERE)


def _turns_to_come(config: Config, sections: Sections, now: datetime) -> Iterator[Problem]:
    for name, schedule in config.roster.schedules.items():
        for loc, rotation in _placed(schedule):
            if date.fromisoformat(rotation.anchor) > now.date():
                message = f"lies in the future ({rotation.anchor}); until then the turns are counted back from it"
                yield sections.parts["schedules"][name].problem(message, (*loc, "from"), Grade.MINOR)


def _placed(schedule: Schedule) -> Iterator[tuple[Loc, Rotation]]:
    yield from ((("rotations", index), one) for index, one in enumerate(schedule.rotations))
    for number, layer in enumerate(schedule.layers):
        yield from ((("layers", number, "rotations", index), one) for index, one in enumerate(layer.rotations))


def _nobody_to_tell(config: Config, sections: Sections) -> Iterator[Problem]:
    tiers = {name: tier for name, tier in config.catalog.tiers.items() if tier.sla.first_notice is not None}
    for name, tier in tiers.items():
        if not tier.notices.tells:
            message = "is promised, and notices: none tells nobody; write notices: automatic or take the promise away"
            yield sections.parts["tiers"][name].problem(message, ("sla", "first_notice"), Grade.SEVERE)
    for client in config.catalog.clients.values():
        tier_told = client.tier in tiers and tiers[client.tier].notices.tells
        if tier_told and not client.contacts:
            message = f"is empty, and tier {client.tier} promises a first notice; add a contact"
            yield sections.parts["clients"][client.id].problem(message, ("contacts",), Grade.SEVERE)


def _late_steps(config: Config, sections: Sections) -> Iterator[Problem]:
    for name, tier in config.catalog.tiers.items():
        steps = config.roster.policies[tier.escalation].steps
        wait = steps[0].wait or DEFAULT_WAIT
        if len(steps) > 1 and tier.sla.acknowledge is not None and wait >= tier.sla.acknowledge:
            late = f"is over when the second step of {tier.escalation} pages (after {spelled(wait)})"
            message = f"{late}; shorten the first step's wait"
            yield sections.parts["tiers"][name].problem(message, ("sla", "acknowledge"), Grade.MINOR)


def _unused(config: Config, sections: Sections) -> Iterator[Problem]:
    catalog, roster = config.catalog, config.roster
    policies, steps = in_use(config), steps_in_use(config)
    schedules = {step.schedule.name for step in steps if step.schedule is not None}
    schedules |= telling(config, NamedKind.SCHEDULE)
    turns = {person for name in schedules for person in roster.schedules[name].members}
    people = {step.person.id for step in steps if step.person is not None} | turns | {roster.catch_all.id}
    people |= {PersonId(name) for name in telling(config, NamedKind.PERSON)}
    people |= {PersonId(tier.catch_all) for tier in catalog.tiers.values() if tier.catch_all is not None}
    flow_ends = {end.system for flow in catalog.flows.values() for end in (flow.source, flow.destination)}
    systems = (
        flow_ends | catalog.evidence | {system for client in catalog.clients.values() for system in client.identifiers}
    )
    used: dict[str, tuple[set[str], str]] = {
        "tiers": (_tiers_in_use(catalog), "no client is in this tier"),
        "systems": (set(systems), "no client and no flow depends on this system"),
        "escalations": (policies, "no tier pages by this escalation"),
        "schedules": (schedules, "no escalation in use pages this schedule"),
        "people": (set(people), "this person is never paged"),
    }
    for section, (names, message) in used.items():
        for name, node in sections.parts[section].items():
            if name not in names:
                yield node.problem(f"{message}; use it or take it away", (), Grade.MINOR)


def _tiers_in_use(catalog: Catalog) -> set[str]:
    """The tiers that a client is in, or that a cut-off raises an incident to."""
    cutoffs = [cutoff for tier in catalog.tiers.values() for cutoff in tier.cutoffs]
    cutoffs += [cutoff for client in catalog.clients.values() for cutoff in client.cutoffs]
    raised = {cutoff.raise_to for cutoff in cutoffs if cutoff.raise_to is not None}
    return {client.tier for client in catalog.clients.values()} | raised


def _open_intake(config: Config, sections: Sections) -> Iterator[Problem]:
    if config.intake.open:
        message = "lets anybody who reaches Tierwatch open incidents and page people; write a token instead"
        yield sections.single["intake"].problem(message, ("open",), Grade.SEVERE)
