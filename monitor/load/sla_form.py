"""The shape of what is promised of our conduct, as it is written in YAML for a tier and for a version of a contract.

Whether the calendars in it are defined is for `references`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from monitor.load.fields import Duration, Fraction, Identity, one_of
from monitor.load.form import Form
from probes.conduct import ClockStart, Sla, Tell, WarningLevel
from probes.credit import CreditStep
from probes.hours import Calendar


class Promised(StrEnum):
    """The promises that may count in a calendar of their own."""

    DETECT = "detect"
    ACKNOWLEDGE = "acknowledge"
    FIRST_NOTICE = "first_notice"
    UPDATE_EVERY = "update_every"
    MITIGATE = "mitigate"
    REPAIR = "repair"


class WarningForm(Form):
    """Once this share of a promise's time has passed, people are told so, or it is only recorded."""

    at: Fraction
    tell: Annotated[Tell, one_of(Tell)] = Tell.MESSAGE


class ExclusionsForm(Form):
    """What does not count against us."""

    vendor_caused: bool = False


class SlaForm(Form):
    """What is promised of our conduct."""

    detect: Duration | None = None
    acknowledge: Duration | None = None
    first_notice: Duration | None = None
    update_every: Duration | None = None
    mitigate: Duration | None = None
    repair: Duration | None = None
    starts: Annotated[ClockStart, one_of(ClockStart)] = Field(default=ClockStart.OPENING, alias="from")
    calendar: Identity = "always"
    calendars: dict[Annotated[Promised, one_of(Promised)], Identity] = Field(default_factory=dict)
    warnings: list[WarningForm] = Field(default_factory=list)
    exclusions: ExclusionsForm = ExclusionsForm()

    @property
    def named(self) -> Mapping[tuple[str, ...], str]:
        """The calendars that it names, by where it does."""
        return {("calendar",): self.calendar, **{("calendars", str(key)): one for key, one in self.calendars.items()}}

    def changes(self, calendars: Mapping[str, Calendar]) -> Mapping[str, Any]:
        """Return the fields of the promises that are written here; what is not written stays as it is."""
        return {key: one for name in self.model_fields_set for key, one in self._fields(name, calendars).items()}

    def sla(self, calendars: Mapping[str, Calendar]) -> Sla:
        """Return the promises."""
        return Sla(**self.changes(calendars))

    def _fields(self, name: str, calendars: Mapping[str, Calendar]) -> Mapping[str, Any]:
        if name == "calendar":
            return {"calendar": self.calendar, "hours": calendars[self.calendar]}
        if name == "calendars":
            return {"own": tuple((str(key), calendars[one]) for key, one in self.calendars.items())}
        if name == "warnings":
            levels = sorted(
                (WarningLevel(share=one.at, tell=one.tell) for one in self.warnings), key=lambda one: one.share
            )
            return {"warnings": tuple(levels)}
        if name == "exclusions":
            return {"exclude_vendor": self.exclusions.vendor_caused}
        return {name: getattr(self, name)}


class CreditForm(Form):
    """A share of the month's price that is given back from a condition on: write one of the three."""

    credit: Fraction
    below: Fraction | None = None
    breaches: Annotated[int, Field(ge=1)] | None = None
    breach_time: Duration | None = None

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if sum(one is not None for one in (self.below, self.breaches, self.breach_time)) != 1:
            raise ValueError("needs one condition; write below: 99.9%, breaches: 3, or breach_time: 1h")
        return self

    def step(self) -> CreditStep:
        """Return the step."""
        return CreditStep(**dict(self))
