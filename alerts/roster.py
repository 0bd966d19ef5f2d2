"""The people of ours, their schedules and the policies that page them, as one value beside the catalog."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.escalation import Policy
from alerts.oncall import Person, PersonId, Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Who can be paged and how. Every policy carries the people and schedules it names, and the catch-all."""

    people: Mapping[PersonId, Person]
    schedules: Mapping[str, Schedule]
    policies: Mapping[str, Policy]
    catch_all: Person
