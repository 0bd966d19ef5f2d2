"""The shapes of escalations as they are written in YAML, of who owns what, and the values they stand for.

Whether the names in them are defined is for `references`; who can be paged, for `people_form`.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from alerts.concern import Concern
from alerts.escalation import Policy, Step
from alerts.escalation import Target as Reached
from alerts.oncall import Person, PersonId, Schedule
from alerts.roster import Forecasting
from monitor.load.batch_form import Country, Days
from monitor.load.fields import Duration, Fraction, Identity, TimeOfDay, Zone
from monitor.load.form import Form
from monitor.load.people_form import Target, TargetKind, target
from probes.batch import BUSINESS
from probes.hours import Calendar, Opening

MOST_ROUNDS = 100
ENDLESS = "until-acknowledged"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class WithinForm(Form):
    """Hours of the week in a zone; `until` no later than `from` is on the next day."""

    days: Days = BUSINESS
    begins: TimeOfDay = Field(alias="from")
    until: TimeOfDay
    timezone: Zone
    holidays: Country | None = None

    def calendar(self) -> Calendar:
        """Return the hours, named by what they are."""
        opening = Opening(days=self.days, opens=self.begins, closes=self.until)
        name = f"{_named(sorted(self.days))} {self.begins:%H:%M}-{self.until:%H:%M}"
        return Calendar(name=name, zone=self.timezone, week=(opening,), country=self.holidays)


def _named(days: list[int]) -> str:
    run = len(days) > 2 and days == list(range(days[0], days[-1] + 1))  # noqa: PLR2004 - two days are named
    return f"{WEEKDAYS[days[0]]}-{WEEKDAYS[days[-1]]}" if run else ", ".join(WEEKDAYS[day] for day in days)


class Outside(StrEnum):
    """What becomes of a step outside its hours, where nobody else is paged instead."""

    PASS = "pass"  # noqa: S105 - no password: to pass over
    WAIT = "wait"


def _instead(value: object) -> Outside | Target:
    if isinstance(value, str) and value in set(Outside):
        return Outside(value)
    try:
        return target(value)
    except ValueError:
        raise ValueError("must be pass, wait, schedule:NAME or person:ID") from None


class StepForm(Form):
    """Page somebody, then wait."""

    page: Annotated[Target, BeforeValidator(target)]
    wait: Duration | None = None
    within: WithinForm | None = None
    otherwise: Annotated[Outside | Target, BeforeValidator(_instead), WithJsonSchema({"type": "string"})] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.otherwise is not None and self.within is None:
            raise ValueError("has otherwise without within: a step without hours always pages; add within")
        return self

    def step(self, schedules: Mapping[str, Schedule], people: Mapping[PersonId, Person]) -> Step:
        """Return the step with whom it names."""
        reached = reaching(self.page, schedules, people)
        instead = reaching(self.otherwise, schedules, people) if isinstance(self.otherwise, Target) else None
        return Step(
            schedule=reached.schedule,
            person=reached.person,
            wait=self.wait,
            hours=self.within.calendar() if self.within is not None else None,
            instead=instead,
            waits=self.otherwise is Outside.WAIT,
        )

    @property
    def targets(self) -> Iterator[tuple[str, Target]]:
        """Whom it names, by the key under which it does."""
        yield "page", self.page
        if isinstance(self.otherwise, Target):
            yield "otherwise", self.otherwise


def reaching(named: Target, schedules: Mapping[str, Schedule], people: Mapping[PersonId, Person]) -> Reached:
    """Return the schedule or person of a name that is defined."""
    if named.kind is TargetKind.SCHEDULE:
        return Reached(schedule=schedules[named.name])
    return Reached(person=people[PersonId(named.name)])


def _rounds(value: object) -> object:
    if value == ENDLESS or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_ROUNDS):
        return value
    raise ValueError(f"must be how many times more, from 0 to {MOST_ROUNDS}, or {ENDLESS}")


class EscalationForm(Form):
    """An escalation policy. One that is written as a list is that list of steps."""

    steps: Annotated[list[StepForm], Field(min_length=1)]
    repeat: Annotated[
        int | str,
        BeforeValidator(_rounds),
        WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 0, "maximum": MOST_ROUNDS}, {"const": ENDLESS}]}),
    ] = 0
    within: WithinForm | None = None
    otherwise: Identity = Outside.WAIT.value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.within is None and self.otherwise != Outside.WAIT:
            raise ValueError("has otherwise without within: a policy without hours always applies; add within")
        return self

    @property
    def variant(self) -> str:
        """The escalation that pages in its place outside its hours, "" where it waits for them."""
        return "" if self.otherwise == Outside.WAIT else self.otherwise

    def policy(
        self, name: str, schedules: Mapping[str, Schedule], people: Mapping[PersonId, Person], catch_all: Person
    ) -> Policy:
        """Return the policy with everybody whom it can reach."""
        steps = tuple(step.step(schedules, people) for step in self.steps)
        reached = (one.schedule for step in steps for one in (step, step.instead) if one is not None)
        turns = (person for schedule in reached if schedule is not None for person in schedule.members)
        return Policy(
            name=name,
            steps=steps,
            people=tuple(people[person] for person in dict.fromkeys(turns)),
            catch_all=catch_all,
            repeat=self.repeat if isinstance(self.repeat, int) else 0,
            until_acknowledged=self.repeat == ENDLESS,
            hours=self.within.calendar() if self.within is not None else None,
            otherwise=self.variant,
        )


def spelled_out(value: object) -> object:
    """Return an escalation's name as the mapping that it stands for."""
    return {"default": value} if isinstance(value, str) else value


class PoliciesForm(Form):
    """Which escalation pages for a tier: one for everything, or one for each kind of failure that has its own."""

    default: Identity
    unavailability: Identity | None = None
    authentication: Identity | None = None
    quota: Identity | None = None
    data: Identity | None = None
    payments: Identity | None = None
    disputes: Identity | None = None
    activity: Identity | None = None

    @property
    def concerns(self) -> Mapping[Concern, str]:
        """The escalations by kind of failure, without the default."""
        named = {concern: getattr(self, concern.value) for concern in Concern}
        return {concern: name for concern, name in named.items() if name is not None}


Policies = Annotated[PoliciesForm, BeforeValidator(spelled_out)]


class OwnerForm(Form):
    """Who owns what about a system: is paged before anybody else for it, or told of it once beside an outage."""

    credential: Annotated[Target, BeforeValidator(target)] | None = None
    quota: Annotated[Target, BeforeValidator(target)] | None = None
    data: Annotated[Target, BeforeValidator(target)] | None = None
    billing: Annotated[Target, BeforeValidator(target)] | None = None

    @property
    def targets(self) -> Mapping[Concern, tuple[str, Target]]:
        """Whom it names by kind of failure, with the key under which it does."""
        named = {concern: (key, getattr(self, key)) for concern, key in OWNED.items()}
        return {concern: (key, one) for concern, (key, one) in named.items() if one is not None}


OWNED: Mapping[Concern, str] = {
    Concern.AUTHENTICATION: "credential",
    Concern.QUOTA: "quota",
    Concern.DATA: "data",
    Concern.PAYMENTS: "billing",
}
"""By which key a system names the owner of a kind of failure."""


class ForecastForm(Form):
    """How probable it is to break a promise of repair before the next step is brought forward."""

    above: Fraction = Forecasting().above
    although_acknowledged: bool = False

    def forecasting(self) -> Forecasting:
        """Return the value."""
        return Forecasting(above=self.above, held=self.although_acknowledged)
