"""The people of ours, their schedules and the policies that page them, as one value beside the catalog."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from alerts.communications import NOBODY, Communications
from alerts.concern import Concern
from alerts.escalation import Policy, Target
from alerts.oncall import Person, PersonId, Schedule
from probes.catalog import ClientId, SystemId, Tier, TierId


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasting:
    """When a step of a tier's incidents is brought forward: where a promise will rather be broken than `above` allows.

    `held` says whether that also pages where somebody has taken the incident.
    """

    above: float = 0.5
    held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who can be paged and how. Every policy carries the people and schedules it names, and the catch-all.

    `concerns` are the policies of a tier by kind of failure, where it names any beside its own; `owners` are those whom
    a system names for a kind; `forecasting` is what tiers say of forecasts, None where they want none.
    `communications` are those who write to clients.
    `accounts` are the owners of clients' accounts.
    """

    people: Mapping[PersonId, Person]
    schedules: Mapping[str, Schedule]
    policies: Mapping[str, Policy]
    catch_all: Person
    concerns: Mapping[TierId, Mapping[Concern, str]] = field(default_factory=dict)
    owners: Mapping[SystemId, Mapping[Concern, Target]] = field(default_factory=dict)
    forecasting: Mapping[TierId, Forecasting | None] = field(default_factory=dict)
    communications: Communications = NOBODY
    accounts: Mapping[ClientId, Person] = field(default_factory=dict)

    def policy_of(self, tier: Tier, name: str | None = None) -> Policy:
        """Return the policy that pages for a tier, its own or one of that name, with the tier's catch-all."""
        return self.last_of(tier, self.policies[name or tier.escalation])

    def last_of(self, tier: Tier, policy: Policy) -> Policy:
        """Return a policy with the tier's own catch-all, where it has one."""
        own = self.people.get(PersonId(tier.catch_all)) if tier.catch_all is not None else None
        return policy if own is None else replace(policy, catch_all=own)

    def owner_of(self, client: ClientId) -> Person:
        """Return who looks after a client: the owner of its account, or else the catch-all."""
        return self.accounts.get(client, self.catch_all)
