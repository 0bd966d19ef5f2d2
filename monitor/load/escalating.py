"""What escalations do not achieve: steps that never page, variants that never apply, kinds of failure nobody owns.

Findings never stop a start. Whether anybody is on call is for `findings`.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.calendar import HORIZON, is_open, next_opening, openings
from alerts.concern import Concern, widening
from alerts.escalation import DEFAULT_WAIT, Policy, Step
from alerts.roster import Roster
from monitor.load.config import Config
from monitor.load.escalation_form import OWNED
from monitor.load.node import Loc, Node
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from monitor.units import spelled
from probes.auth import AuthKind
from probes.hours import Calendar

FORTNIGHT = timedelta(weeks=2)
SHORTEST_ROUND = timedelta(minutes=1)


def vain_steps(config: Config, sections: Sections, now: datetime) -> Iterator[Problem]:
    """Yield what of the escalations never happens, or happens too late or too often for what is promised."""
    for name, policy in config.roster.policies.items():
        node = sections.parts["escalations"][name]
        yield from _hours(policy, node, now)
        yield from _restless(policy, node)
        for index, step in enumerate(policy.steps):
            place: Loc = ("steps", index) if isinstance(node.value, dict) else (index,)
            yield from _step(policy, step, node, place, now)
    yield from _silent_promises(config, sections)
    yield from _unowned(config, sections)


def in_use(config: Config) -> set[str]:
    """Return the names of the escalations that can page for a tier."""
    roster = config.roster
    waiting = [tier.escalation for tier in config.catalog.tiers.values()]
    waiting += [name for named in roster.concerns.values() for name in named.values()]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [roster.policies[name].otherwise] if roster.policies[name].otherwise else []
    return found


def steps_in_use(config: Config) -> list[Step]:
    """Return every step that can page, with what is paged instead of it and the owners of systems as steps."""
    roster = config.roster
    steps = [step for name in in_use(config) for step in roster.policies[name].steps]
    others = [step.instead for step in steps if step.instead is not None]
    others += [one for owners in roster.owners.values() for one in owners.values()]
    return steps + [Step(schedule=one.schedule, person=one.person) for one in others]


def _hours(policy: Policy, node: Node, now: datetime) -> Iterator[Problem]:
    if policy.hours is None:
        return
    if _never(policy.hours, now):
        yield node.problem("never begins, so nobody is paged within it; name days that come", ("within",), Grade.SEVERE)
    elif _always(policy.hours, now):
        vain = "otherwise" if policy.otherwise else "within"
        message = f"never applies: the hours of this escalation are all week; take {vain} away"
        yield node.problem(message, (vain,), Grade.MINOR)


def _step(policy: Policy, step: Step, node: Node, place: Loc, now: datetime) -> Iterator[Problem]:
    if step.hours is None:
        return
    if _never(step.hours, now):
        yield node.problem(
            "never begins, so this step never pages; name days that come", (*place, "within"), Grade.SEVERE
        )
        return
    if _always(step.hours, now):
        message = "never applies: the hours of this step are all week; take within away"
        yield node.problem(message, (*place, "within"), Grade.MINOR)
    if policy.hours is not None and not policy.otherwise and not _meet(policy.hours, step.hours, now):
        message = "is never reached: this escalation waits for other hours than the step's; let them overlap"
        yield node.problem(message, (*place, "within"), Grade.SEVERE)


def _restless(policy: Policy, node: Node) -> Iterator[Problem]:
    """A round that has no end and hardly any wait pages people until they do not look any more."""
    if not policy.until_acknowledged:
        return
    whole = sum((DEFAULT_WAIT if step.wait is None else step.wait for step in policy.steps), timedelta())
    if whole < SHORTEST_ROUND:
        message = f"begins a round every {spelled(whole)} until somebody acknowledges; give the steps longer waits"
        yield node.problem(message, ("repeat",), Grade.MINOR)


def _silent_promises(config: Config, sections: Sections) -> Iterator[Problem]:
    """A promise to acknowledge around the clock, and an escalation that is silent for a part of it."""
    for name, tier in config.catalog.tiers.items():
        policy = _last_variant(config.roster, tier.escalation)
        if tier.sla.acknowledge is not None and policy.hours is not None and not policy.otherwise:
            message = f"is promised, and {policy.name} pages nobody outside {policy.hours.name} {policy.hours.zone}"
            advice = "write otherwise: ESCALATION there, or promise it for those hours only"
            loc = ("sla", "acknowledge")
            yield sections.parts["tiers"][name].problem(f"{message}; {advice}", loc, Grade.MINOR)


def _last_variant(roster: Roster, name: str) -> Policy:
    policy = roster.policies[name]
    while policy.otherwise:
        policy = roster.policies[policy.otherwise]
    return policy


def _unowned(config: Config, sections: Sections) -> Iterator[Problem]:
    """A system that names owners, but none for what its alerts can be about and no tier names anybody for."""
    named = {concern for known in config.roster.concerns.values() for concern in known}
    for name, system in config.catalog.systems.items():
        owners = config.roster.owners.get(name, {})
        wanted = {Concern.DATA} | (
            {Concern.AUTHENTICATION} if system.connector.auth.kind is not AuthKind.NONE else set()
        )
        for concern in sorted(wanted) if owners else ():
            if not any(one in owners or one in named for one in widening(concern)):
                message = f"is nobody's: {concern.value} of this system goes to on-call"
                advice = "name its owner, or an escalation for it in the tiers"
                loc = ("owner", OWNED[concern])
                yield sections.parts["systems"][name].problem(f"{message}; {advice}", loc, Grade.MINOR)


def _never(hours: Calendar, now: datetime) -> bool:
    return next_opening(hours, now) - now >= HORIZON


def _always(hours: Calendar, now: datetime) -> bool:
    spans = list(openings(hours, now, now + FORTNIGHT))
    return is_open(hours, now) and len(spans) == 1 and spans[0].end >= now + FORTNIGHT


def _meet(one: Calendar, other: Calendar, now: datetime) -> bool:
    theirs = list(openings(other, now, now + FORTNIGHT))
    return any(a.start < b.end and b.start < a.end for a in openings(one, now, now + FORTNIGHT) for b in theirs)
