"""Whether notices that need consent can get it: whether who approves them is defined, and is enough people."""

from collections.abc import Iterator, Mapping

from alerts.communications import members
from alerts.oncall import PersonId
from monitor.load.config import Config
from monitor.load.form import suggestion
from monitor.load.node import Loc, Node
from monitor.load.notices_form import listed
from monitor.load.parts import Parts
from monitor.load.people_form import Target, TargetKind
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from probes.catalog import NoticePolicy, Tier
from probes.consent import Consent, Named, NamedKind

SECTIONS: Mapping[TargetKind, str] = {TargetKind.SCHEDULE: "schedules", TargetKind.PERSON: "people"}
BOTH = 2


def check_notices(sections: Sections, parts: Parts) -> Iterator[Problem]:
    """Yield the approvers and team members that are named and not defined."""
    for name, tier in parts.tiers.items():
        node = sections.parts["tiers"][name].child("notices")
        for one, loc in listed(tier.notices.approvers, "approvers"):
            yield from _defined(sections, one, node, loc)
    team = parts.single.communications if parts.single is not None else None
    node = sections.single.get("communications")
    if team is None or node is None:
        return
    for one, loc in listed(team.team, "team"):
        yield from _defined(sections, one, node, loc)


def _defined(sections: Sections, one: Target, node: Node | None, loc: Loc) -> Iterator[Problem]:
    section = SECTIONS[one.kind]
    names = sections.names(section)
    if node is not None and one.name not in names:
        advice = f"correct the name or define it under {section} ({suggestion(one.name, names)})"
        yield node.problem(f"{one.name} is not defined; {advice}", loc)


def approving(config: Config, consent: Consent) -> frozenset[PersonId]:
    """Return who may approve the notices of a tier with this consent: whom it names, or else the team."""
    named = consent.approvers or config.roster.communications.team
    return members(named, config.roster.schedules)


def nobody_to_approve(config: Config, sections: Sections) -> Iterator[Problem]:
    """Yield the tiers whose notices wait for people who are not there."""
    for name, tier in config.catalog.tiers.items():
        node, number = sections.parts["tiers"][name], len(approving(config, tier.consent))
        asked = tier.notices in (NoticePolicy.APPROVAL, NoticePolicy.BY_HAND)
        two = tier.consent.always or bool(tier.consent.four_eyes)
        if asked and not number:
            advice = "name approvers, or a team under communications"
            yield node.problem(f"needs somebody to approve notices, and nobody is named; {advice}", LOC, Grade.SEVERE)
        elif asked and two and number < BOTH:
            message = "asks for four eyes, and only one person may approve; name another one"
            yield node.problem(message, LOC, Grade.SEVERE)
        elif two and not asked:
            yield node.problem(_vain(tier), LOC, Grade.MINOR)


LOC: Loc = ("notices",)


def _vain(tier: Tier) -> str:
    return f"asks for four eyes, and nobody approves what is {tier.notices}; write policy: approval or take it away"


def telling(config: Config, kind: NamedKind) -> set[str]:
    """Return the people, or the schedules, that have to do with notices."""
    named: list[Named] = [*config.roster.communications.team]
    for tier in config.catalog.tiers.values():
        named += tier.consent.approvers
    found = {one.name for one in named if one.kind is kind}
    owners = {str(owner.id) for owner in config.roster.accounts.values()}
    return found | owners if kind is NamedKind.PERSON else found
