"""The shapes of systems and their quotas as they are written in YAML, and their values. Flows are next door.

Whether the names in them are defined is for `references`.
"""

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from monitor.load.acceptance import AcceptedForm, Day
from monitor.load.escalation_form import OwnerForm
from monitor.load.fields import (
    WHOLE,
    Address,
    Credential,
    Duration,
    Fraction,
    Identity,
    Rate,
    Text,
)
from monitor.load.form import Form
from monitor.load.identity_form import IdentityForm
from monitor.load.renewal_form import RenewalForm
from monitor.load.vendor_form import VendorPromiseForm
from monitor.load.webhook_form import WebhooksForm
from monitor.units import fraction
from probes.budget import Quota, Window
from probes.catalog import System, SystemId
from probes.connector import Connector

# In a vendor's account we are a guest: unless told otherwise, a fifth of what it allows is ours.
GUEST_SHARE = 0.2

# Where a vendor's limit is the whole account's, this part of it is left to the client's own production in any case.
PRODUCTION = 0.5


class RateForm(Form):
    """A rate with its burst."""

    rate: Rate
    burst: Annotated[int, Field(ge=1)] | None = None

    def window(self) -> Window:
        """Return the window."""
        return Window(limit=self.rate.limit, period=self.rate.period, burst=self.burst)


def _reserve(value: object) -> float:
    share = 0.0 if value in (0, "0%") else fraction(value)
    if share >= 1:
        raise ValueError("must be below 100%: looks are planned with the rest; write it like 20%")
    return share


def _spelled_out(value: object) -> object:
    return [part if isinstance(part, dict) else {"rate": part} for part in value] if isinstance(value, list) else value


class QuotaForm(Form):
    """How often a system may be asked: a rate, several rates, or a share of the limits that its connector knows."""

    rate: Rate | None = None
    burst: Annotated[int, Field(ge=1)] | None = None
    rates: Annotated[list[RateForm], BeforeValidator(_spelled_out)] = Field(default_factory=list)
    share: Fraction | None = None
    reserve: Annotated[float, BeforeValidator(_reserve)] = Quota().reserve
    concurrent: Annotated[int, Field(ge=1)] | None = None
    production: Annotated[float, BeforeValidator(_reserve)] | None = None
    accepted: AcceptedForm | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.rate is not None and self.rates:
            raise ValueError("has both rate and rates; write one of them")
        if self.burst is not None and self.rate is None:
            raise ValueError("has a burst without a rate; add the rate, or write the burst beside its rate under rates")
        if (self.share or 0) + (self.production or 0) > 1:
            raise ValueError("has a share that reaches into production's part; together they are 100% at most")
        return self

    def quota(self, connector: Connector) -> Quota:
        """Return the quota; without a rate it is a guest's share of the limits that the connector knows.

        Of a vendor's own limits half is production's, unless a larger share is written; a rate that is written is ours.
        """
        single = (RateForm.model_construct(rate=self.rate, burst=self.burst),) if self.rate else ()
        own = tuple(form.window() for form in (*single, *self.rates))
        share = self.share or (1.0 if own else connector.share or GUEST_SHARE)
        spared = 0.0 if own else min(PRODUCTION, 1 - share)
        return Quota(
            windows=own or connector.limits,
            concurrent=self.concurrent or connector.concurrent,
            share=share,
            reserve=self.reserve,
            production=spared if self.production is None else self.production,
        )


class SystemForm(Form):
    """One account at one vendor's API. The connector and what overrides it are read by `connector`."""

    connector: Text
    base_url: Address | None = None
    values: dict[Identity, Text] = Field(default_factory=dict)
    credential: Credential = Field(default_factory=dict)
    quota: QuotaForm = QuotaForm()
    every: Duration | None = None
    identity: IdentityForm = IdentityForm()
    status_page: Identity | None = None
    credential_expires: Day | None = None
    renewal: RenewalForm = RenewalForm()
    clock_skew: Duration = timedelta(seconds=30)
    webhooks: WebhooksForm | None = None
    owner: OwnerForm = OwnerForm()
    vendor_promise: VendorPromiseForm = VendorPromiseForm()
    vendor: Identity | None = None
    region: Identity | None = None
    depends_on: list[Identity] = Field(default_factory=list)
    overrides: dict[str, Any] = Field(default_factory=dict)

    def system(self, name: str, connector: Connector) -> System:
        """Return the system."""
        return System(
            id=SystemId(name),
            connector=self.identity.led(connector),
            base_url=self.base_url or connector.base_url,
            credential=self.credential.get(WHOLE),
            credential_parts={name: one for name, one in self.credential.items() if name != WHOLE},
            quota=self.quota.quota(connector),
            every=self.every,
            accepted=self.quota.accepted.accepted() if self.quota.accepted else None,
            identity=self.identity.identity(),
            status_page=SystemId(self.status_page) if self.status_page else None,
            renewal=self.renewal.renewal(self.credential_expires),
            clock_skew=self.clock_skew,
            webhooks=self.webhooks.webhooks() if self.webhooks else None,
            vendor_promise=self.vendor_promise.promise(),
            vendor=self.vendor or "",
            region=self.region or "",
            depends_on=tuple(map(SystemId, self.depends_on)),
        )
