"""The shape of a connector's definition as it is written in YAML, and the connector it stands for.

The keys are the fields of `probes.connector`; its lists are `resource_form`'s. Where definitions are found, and how
`values` are put into them, is for `connector`.
"""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from monitor.load.auth_form import AuthForm
from monitor.load.fields import Address, Duration, Fraction, Header, Identity, Rate, Text, UrlPath, one_of
from monitor.load.form import Form, suggestion
from monitor.load.predicate_form import PredicateForm, RefusalForm, Status, predicates
from monitor.load.quota_headers_form import QuotaHeadersList, declared
from monitor.load.resource_form import Headers, Query, ResourceForm
from monitor.load.webhook_form import WebhookForm
from probes.auth import AuthKind
from probes.budget import Window
from probes.connector import Connector, StatusPage, StatusPageKind

RESERVED = {"since", "until", "position", "body", "timestamp", "method", "url"}


class WindowForm(Form):
    """One limit: either `rate: 100/s` or `limit` requests per `period`, with an optional burst."""

    rate: Rate | None = None
    limit: Annotated[int, Field(ge=1)] | None = None
    period: Duration | None = None
    burst: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        spelled = (self.limit is not None, self.period is not None)
        if not (all(spelled) if self.rate is None else not any(spelled)):
            raise ValueError("must be either a rate like 100/s or a limit with its period; write one of them")
        return self

    def window(self) -> Window:
        """Return the window."""
        if self.rate is not None:
            return Window(limit=self.rate.limit, period=self.rate.period, burst=self.burst)
        assert self.limit is not None  # noqa: S101 - checked when the form was filled
        assert self.period is not None  # noqa: S101 - the same
        return Window(limit=self.limit, period=self.period, burst=self.burst)


class StatusPageForm(Form):
    """Where a vendor tells the world how it is."""

    kind: Annotated[StatusPageKind, one_of(StatusPageKind)]
    url: Address


def _free_names(value: object) -> object:
    if isinstance(value, dict) and RESERVED & value.keys():
        raise ValueError(f"must not be named {', '.join(sorted(RESERVED))}: these marks have a meaning of their own")
    return value


class ConnectorForm(Form):
    """One vendor's API. `values` names what differs from account to account, and says of each what it is."""

    name: Identity | None = None
    values: Annotated[dict[Identity, Text], BeforeValidator(_free_names)] = Field(default_factory=dict)
    base_url: Address | None = None
    auth: AuthForm = AuthForm(kind=AuthKind.NONE)
    headers: Headers = Field(default_factory=dict)
    resources: dict[Identity, ResourceForm] = Field(default_factory=dict)
    error_inside: list[PredicateForm] = Field(default_factory=list)
    throttled_inside: list[PredicateForm] = Field(default_factory=list)
    throttle_statuses: list[Status] = Field(default_factory=lambda: [429])
    throttle_reason: Header | None = None
    too_large_inside: list[PredicateForm] = Field(default_factory=list)
    refusals: list[RefusalForm] = Field(default_factory=list)
    quota_headers: QuotaHeadersList = Field(default_factory=list)
    limits: list[WindowForm] = Field(default_factory=list)
    concurrent: Annotated[int, Field(ge=1)] | None = None
    share: Fraction | None = None
    whoami: UrlPath | None = None
    whoami_query: Query = Field(default_factory=dict)
    status_page: StatusPageForm | None = None
    webhook: WebhookForm | None = None

    @model_validator(mode="after")
    def _has_something_to_look_at(self) -> Self:
        if not self.resources and self.whoami is None:
            raise ValueError("defines nothing to look at; add resources or whoami")
        return self

    @model_validator(mode="after")
    def _announces_what_is_defined(self) -> Self:
        announced = {form.resource for form in self.webhook.announces} if self.webhook else set[str]()
        if pathless := sorted(name for name, form in self.resources.items() if not form.path and name not in announced):
            raise ValueError(f"has a resource {pathless[0]} without a path that no webhook announces; add its path")
        if missing := sorted(announced - self.resources.keys()):
            advice = suggestion(missing[0], self.resources)
            raise ValueError(f"has webhooks that announce {missing[0]}, which is no resource; {advice}")
        return self

    def connector(self, name: str) -> Connector:
        """Return the connector; `name` is used where the definition has none of its own."""
        page = self.status_page
        return Connector(
            name=self.name or name,
            auth=self.auth.auth(),
            base_url=self.base_url or "",
            headers=self.headers,
            resources={key: form.resource(key) for key, form in self.resources.items()},
            error_inside=predicates(self.error_inside),
            throttled_inside=predicates(self.throttled_inside),
            throttle_statuses=tuple(self.throttle_statuses),
            throttle_reason=self.throttle_reason or "",
            too_large_inside=predicates(self.too_large_inside),
            refusals=tuple(form.refusal() for form in self.refusals),
            quota_headers=declared(self.quota_headers),
            limits=tuple(form.window() for form in self.limits),
            concurrent=self.concurrent,
            share=self.share,
            whoami=self.whoami or "",
            whoami_query=self.whoami_query,
            status_page=StatusPage(kind=page.kind, url=page.url) if page else None,
            webhook=self.webhook.webhook() if self.webhook else None,
        )
