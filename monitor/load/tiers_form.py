"""The shapes of tiers and clients as they are written in YAML, and the values they stand for.

Whether the names in them are defined is for `references`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from monitor.load.acceptance import AcceptedForm, Day
from monitor.load.contact_form import ContactForm, MaintenanceNoticeForm, Stages, stages
from monitor.load.contract_form import ContractForm
from monitor.load.cutoff_form import CutoffForm
from monitor.load.escalation_form import ForecastForm, Policies
from monitor.load.failures_form import FailuresForm
from monitor.load.fields import (
    Duration,
    Fraction,
    Identity,
    LocaleTag,
    Moment,
    Text,
    Zone,
)
from monitor.load.form import Form
from monitor.load.identity_form import Names
from monitor.load.notices_form import Notices, NoticesForm
from monitor.load.people_form import Target, person_target
from monitor.load.sla_form import CreditForm, SlaForm
from monitor.load.worth_form import RevenueForm
from probes.catalog import Client, ClientId, SystemId, Tier, TierId
from probes.hours import Calendar
from probes.objectives import Activity, Availability, FailureRatio, Objectives, ResponseTime, SyncLatency

SHORTEST_SYNC_SPAN = timedelta(minutes=15)
SYNC_SPANS = 10


class AvailabilityForm(Form):
    """The promised share of good looks."""

    target: Fraction
    window: Duration
    accepted: AcceptedForm | None = None

    def objective(self) -> Availability:
        """Return the objective."""
        accepted = self.accepted.accepted() if self.accepted else None
        return Availability(target=self.target, window=self.window, accepted=accepted)


class SyncLatencyForm(Form):
    """The promised share of records that arrive in time."""

    within: Duration
    target: Fraction
    over: Duration | None = None

    def objective(self) -> SyncLatency:
        """Return the objective; the span defaults to ten times the promise, and at least 15 minutes."""
        over = self.over or max(SHORTEST_SYNC_SPAN, SYNC_SPANS * self.within)
        return SyncLatency(within=self.within, target=self.target, over=over)


class FailureRatioForm(Form):
    """The share of failed records that is not to be reached."""

    below: Fraction
    over: Duration


class ResponseTimeForm(Form):
    """The promised share of good looks that are answered in time."""

    within: Moment
    target: Fraction
    over: Duration = SHORTEST_SYNC_SPAN


class ActivityForm(Form):
    """That a client is missed when it does less than usual, or nothing for so long."""

    silence_at_most: Duration | None = None


class ObjectivesForm(Form):
    """What a tier promises of the indicators."""

    availability: AvailabilityForm | None = None
    sync_latency: SyncLatencyForm | None = None
    failure_ratio: FailureRatioForm | None = None
    activity: ActivityForm | None = None
    response_time: ResponseTimeForm | None = None
    failures: FailuresForm = FailuresForm()

    def objectives(self) -> Objectives:
        """Return the objectives."""
        return Objectives(
            availability=self.availability.objective() if self.availability else None,
            sync_latency=self.sync_latency.objective() if self.sync_latency else None,
            failure_ratio=FailureRatio(**dict(self.failure_ratio)) if self.failure_ratio else None,
            response_time=ResponseTime(**dict(self.response_time)) if self.response_time else None,
            activity=Activity(**dict(self.activity)) if self.activity is not None else None,
            failures=self.failures.limits(),
        )


class TierForm(Form):
    """A contract class."""

    weight: Annotated[int, Field(ge=0, le=1_000_000)]
    objectives: ObjectivesForm = ObjectivesForm()
    sla: SlaForm = SlaForm()
    escalation: Policies
    forecast: ForecastForm | None = ForecastForm()
    notices: Notices = NoticesForm()
    cutoffs: dict[Identity, CutoffForm] = Field(default_factory=dict)
    credits: list[CreditForm] = Field(default_factory=list)
    breach_budget: Duration | None = None
    page_when_blind_for: Duration = timedelta()
    catch_all: Annotated[Target, BeforeValidator(person_target)] | None = None
    maintenance: MaintenanceNoticeForm | None = None
    at_any_hour: Stages = Field(default_factory=list)

    def tier(self, name: str, calendars: Mapping[str, Calendar]) -> Tier:
        """Return the tier with the calendars that it names."""
        return Tier(
            id=TierId(name),
            weight=self.weight,
            objectives=self.objectives.objectives(),
            sla=self.sla.sla(calendars),
            escalation=self.escalation.default,
            notices=self.notices.policy,
            consent=self.notices.consent(),
            cutoffs=tuple(form.cutoff(name) for name, form in self.cutoffs.items()),
            credits=tuple(form.step() for form in self.credits),
            breach_budget=self.breach_budget,
            page_when_blind_for=self.page_when_blind_for,
            catch_all=self.catch_all.name if self.catch_all else None,
            maintenance=self.maintenance.notice() if self.maintenance is not None else None,
            at_any_hour=stages(self.at_any_hour),
        )


class ClientForm(Form):
    """A customer of ours."""

    id: Identity
    name: Text
    tier: Identity
    timezone: Zone = "UTC"
    locale: LocaleTag = "en"
    jurisdiction: Identity | None = None
    owner: Identity | None = None
    identifiers: dict[Identity, Names] = Field(default_factory=dict)
    contacts: list[ContactForm] = Field(default_factory=list)
    cutoffs: dict[Identity, CutoffForm] = Field(default_factory=dict)
    contract: ContractForm = ContractForm()
    revenue: RevenueForm | None = None
    renewal: Day | None = None

    def client(self, calendars: Mapping[str, Calendar]) -> Client:
        """Return the client with every version of its contract, before any of them is in force."""
        return Client(
            id=ClientId(self.id),
            name=self.name,
            tier=TierId(self.tier),
            timezone=self.timezone,
            locale=self.locale,
            identifiers={SystemId(system): names for system, names in self.identifiers.items()},
            contacts=tuple(form.contact(self.jurisdiction or "") for form in self.contacts),
            cutoffs=tuple(form.cutoff(name) for name, form in self.cutoffs.items()),
            versions=tuple(self.contract.dated(self.tier, self.timezone, calendars)),
            month_begins=self.contract.month_begins,
            contract_states=tuple(form.dated() for form in self.contract.states),
            revenue=self.revenue.revenue() if self.revenue is not None else None,
            renewal=self.renewal,
        )
