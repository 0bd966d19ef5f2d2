"""The people of ours, their schedules and the policies that page them, as one value beside the catalog."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from alerts.escalation import Policy
from alerts.oncall import Person, PersonId, Schedule
from probes.catalog import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who can be paged and how. Every policy carries the people and schedules it names, and the catch-all."""

    people: Mapping[PersonId, Person]
    schedules: Mapping[str, Schedule]
    policies: Mapping[str, Policy]
    catch_all: Person

    def policy_of(self, tier: Tier) -> Policy:
        """Return the policy that pages for a tier, with the tier's own catch-all where it has one."""
        policy = self.policies[tier.escalation]
        own = self.people.get(PersonId(tier.catch_all)) if tier.catch_all is not None else None
        return policy if own is None else replace(policy, catch_all=own)
