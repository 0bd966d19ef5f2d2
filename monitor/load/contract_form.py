"""The shape of a client's contract as it is written in YAML: its versions by their dates, and their values.

Whether the tiers and calendars in it are defined is for `references`.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from whenever import Date, Time

from monitor.load.acceptance import Day
from monitor.load.fields import Duration, Identity
from monitor.load.form import Form
from monitor.load.sla_form import CreditForm, ExclusionsForm, SlaForm
from monitor.load.states_form import StateForm
from probes.contract import Version
from probes.hours import Calendar


class VersionForm(Form):
    """A contract from a day on: without a tier, that of the version before it; what is not written is the tier's."""

    begins: Day = Field(alias="from")
    tier: Identity | None = None
    sla: SlaForm = SlaForm()
    calendar: Identity | None = None
    exclusions: ExclusionsForm | None = None
    credits: list[CreditForm] | None = None
    breach_budget: Duration | None = None

    @property
    def named(self) -> Mapping[tuple[str, ...], str]:
        """The calendars that it names, by where it does."""
        inner = {("sla", *loc): name for loc, name in self.sla.named.items()}
        return {**inner, **({("calendar",): self.calendar} if self.calendar else {})}

    def version(self, tier: str, zone: str, calendars: Mapping[str, Calendar]) -> Version:
        """Return the version; its day begins in the client's zone."""
        changes: dict[str, Any] = dict(self.sla.changes(calendars))
        if self.calendar is not None:
            changes |= {"calendar": self.calendar, "hours": calendars[self.calendar]}
        if self.exclusions is not None:
            changes |= {"exclude_vendor": self.exclusions.vendor_caused}
        return Version(
            start=_midnight(self.begins, zone),
            tier=self.tier or tier,
            changes=changes,
            credits=None if self.credits is None else tuple(form.step() for form in self.credits),
            breach_budget=self.breach_budget,
        )


class ContractForm(Form):
    """The versions and states of a contract in the order of their days, and the day on which its months begin."""

    versions: list[VersionForm] = Field(default_factory=list)
    states: list[StateForm] = Field(default_factory=list)
    month_begins: Annotated[int, Field(ge=1, le=28)] = 1

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(one.begins >= other.begins for one, other in pairwise(self.versions)):
            raise ValueError("has versions that are not in the order of their days; write the earliest first")
        days = [one.begins or date.min for one in self.states]
        if any(one >= other for one, other in pairwise(days)):
            raise ValueError("has states that are not in the order of their days; write the earliest first")
        return self

    @property
    def tiers(self) -> Iterator[tuple[int, str]]:
        """The tiers that its versions name, by their places."""
        return ((place, one.tier) for place, one in enumerate(self.versions) if one.tier is not None)

    def dated(self, tier: str, zone: str, calendars: Mapping[str, Calendar]) -> Iterator[Version]:
        """Yield the versions; `tier` is what the client has before the first that names one."""
        for form in self.versions:
            version = form.version(tier, zone, calendars)
            tier = version.tier
            yield version


def _midnight(day: date, zone: str) -> datetime:
    begins = Date(day.isoformat()).at(Time(time().hour))
    return begins.assume_tz(zone, disambiguation="compatible").to_instant().to_stdlib()
