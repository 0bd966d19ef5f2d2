"""The shape of people, and how a schedule or a person is named, as written in YAML; and the values of them.

Whether the names in them are defined is for `references`.
"""

from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field

from alerts.oncall import Person, PersonId
from monitor.load.batch_form import Country
from monitor.load.fields import ID, Identity, Secret, Zone
from monitor.load.form import Form
from monitor.load.schedule_form import Absence, AwayForm


class PersonForm(Form):
    """Somebody of ours who can be paged."""

    id: Identity
    timezone: Zone = "UTC"
    channels: Annotated[list[Secret], Field(min_length=1)]
    away: list[AwayForm] = Field(default_factory=list)
    holidays: Country | None = None

    @property
    def absence(self) -> Absence:
        """When they are away."""
        return Absence(self.timezone, tuple(self.away), self.holidays)

    def person(self) -> Person:
        """Return the person."""
        return Person(id=PersonId(self.id), timezone=self.timezone, channels=tuple(self.channels))


class TargetKind(StrEnum):
    """Whom a step can page."""

    SCHEDULE = "schedule"
    PERSON = "person"


class Target(NamedTuple):
    """Whom a step pages, by name."""

    kind: TargetKind
    name: str


def target(value: object) -> Target:
    """Return whom a step pages."""
    kind, _, name = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind not in set(TargetKind) or not ID.fullmatch(name):
        raise ValueError("must be one schedule or one person; write it like schedule:NAME or person:ID")
    return Target(TargetKind(kind), name)


def person_target(value: object) -> Target:
    """Return a target that is a person: the one who is paged when nobody else is left."""
    if not isinstance(value, str) or not value.startswith(f"{TargetKind.PERSON}:"):
        raise ValueError("must be a person, so that there is always somebody; write it like person:ID")
    return target(value)
