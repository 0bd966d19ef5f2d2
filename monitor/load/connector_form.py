"""The shape of a connector's definition as it is written in YAML, and the connector it stands for.

The keys are the fields of `probes.connector`. Where definitions are found is for `connector`.
"""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from monitor.load.fields import Dotted, Duration, Header, Identity, Rate, Text, UrlPath, one_of
from monitor.load.form import Form
from monitor.load.quota_headers_form import QuotaHeadersList, declared
from probes.budget import Window
from probes.connector import (
    Auth,
    AuthKind,
    Connector,
    Op,
    PageKind,
    Pagination,
    Predicate,
    Resource,
    Since,
    TimeFormat,
)

CREDENTIAL_HEADERS = {"authorization", "proxy-authorization", "cookie"}


def _query_value(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return value
    raise ValueError("must be text; put it in quotes")


QueryValue = Annotated[str, BeforeValidator(_query_value)]
Status = Annotated[int, Field(ge=400, le=599)]


def _predicate_value(value: object) -> object:
    parts = value if isinstance(value, list) else [value]
    if not all(part is None or isinstance(part, str | int | float) for part in parts):
        raise ValueError("must be one text, number or truth value, or a list of them")
    return tuple(parts) if isinstance(value, list) else value


PredicateValue = Annotated[Any, BeforeValidator(_predicate_value)]


class PredicateForm(Form):
    """One condition on a JSON value."""

    path: Dotted
    op: Annotated[Op, one_of(Op)]
    value: PredicateValue = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        wants = {
            Op.IN: (isinstance(self.value, tuple) and bool(self.value), "takes a list of values"),
            Op.GT: (type(self.value) in {int, float}, "takes a number"),
            Op.EXISTS: (self.value is None, "takes no value; take it away"),
            Op.NULL: (self.value is None, "takes no value; take it away"),
        }
        scalar = (self.value is not None and not isinstance(self.value, tuple), "takes one text, number or truth value")
        fits, sentence = wants.get(self.op, scalar)
        if not fits:
            raise ValueError(f"{self.op} {sentence}")
        return self

    def predicate(self) -> Predicate:
        """Return the predicate."""
        return Predicate(path=self.path, op=self.op, value=self.value)


class AuthForm(Form):
    """How the credential travels."""

    kind: Annotated[AuthKind, one_of(AuthKind)]
    header: Header = "Authorization"


class PaginationForm(Form):
    """How pages follow each other."""

    kind: Annotated[PageKind, one_of(PageKind)] = PageKind.NONE
    param: str = ""
    more_path: Dotted | None = None
    next_path: Dotted | None = None
    max_pages: Annotated[int, Field(ge=1, le=10_000)] = 100

    @model_validator(mode="after")
    def _whole(self) -> Self:
        wanted = {
            PageKind.NONE: (),
            PageKind.LAST_ID: ("param", "more_path"),
            PageKind.TOKEN: ("param", "next_path"),
            PageKind.NEXT_URL: ("next_path",),
        }
        missing = [name for name in wanted[self.kind] if not getattr(self, name)]
        if missing:
            raise ValueError(f"{self.kind} also needs {' and '.join(missing)}; add it")
        return self

    def pagination(self) -> Pagination:
        """Return the pagination."""
        return Pagination(
            kind=self.kind,
            param=self.param,
            more_path=self.more_path or "",
            next_path=self.next_path or "",
            max_pages=self.max_pages,
        )


class SinceForm(Form):
    """How only what is new is asked for."""

    param: Text
    format: Annotated[TimeFormat, one_of(TimeFormat)] = TimeFormat.UNIX_S
    overlap: Duration = Since(param="").overlap


class ResourceForm(Form):
    """One list of records."""

    path: UrlPath
    records_path: Dotted | None = None
    id_path: Dotted = "id"
    client_paths: list[Dotted] = Field(default_factory=list)
    created_path: Dotted = "created"
    time_format: Annotated[TimeFormat, one_of(TimeFormat)] = TimeFormat.UNIX_S
    query: dict[str, QueryValue] = Field(default_factory=dict)
    since: SinceForm | None = None
    pagination: PaginationForm = PaginationForm()
    failed: list[PredicateForm] = Field(default_factory=list)
    settled: list[PredicateForm] = Field(default_factory=list)

    def resource(self, name: str) -> Resource:
        """Return the resource under the name it is defined by."""
        return Resource(
            name=name,
            path=self.path,
            records_path=self.records_path or "",
            id_path=self.id_path,
            client_paths=tuple(self.client_paths),
            created_path=self.created_path,
            time_format=self.time_format,
            query=self.query,
            since=Since(**dict(self.since)) if self.since else None,
            pagination=self.pagination.pagination(),
            failed=tuple(form.predicate() for form in self.failed),
            settled=tuple(form.predicate() for form in self.settled),
        )


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


def _static_header(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("must be text in one line; put it in quotes")
    return value


def _no_credential(value: object) -> object:
    if isinstance(value, dict) and CREDENTIAL_HEADERS & {str(name).lower() for name in value}:
        raise ValueError("must not carry a credential; describe it under auth and name it as the system's credential")
    return value


Headers = Annotated[
    dict[Header, Annotated[str, BeforeValidator(_static_header)]],
    BeforeValidator(_no_credential),
]


class ConnectorForm(Form):
    """One vendor's API."""

    name: Identity | None = None
    auth: AuthForm = AuthForm(kind=AuthKind.NONE)
    headers: Headers = Field(default_factory=dict)
    resources: dict[Identity, ResourceForm] = Field(default_factory=dict)
    error_inside: list[PredicateForm] = Field(default_factory=list)
    throttled_inside: list[PredicateForm] = Field(default_factory=list)
    throttle_statuses: list[Status] = Field(default_factory=lambda: [429])
    quota_headers: QuotaHeadersList = Field(default_factory=list)
    limits: list[WindowForm] = Field(default_factory=list)
    concurrent: Annotated[int, Field(ge=1)] | None = None
    whoami: UrlPath | None = None

    @model_validator(mode="after")
    def _has_something_to_look_at(self) -> Self:
        if not self.resources and self.whoami is None:
            raise ValueError("defines nothing to look at; add resources or whoami")
        return self

    def connector(self, name: str) -> Connector:
        """Return the connector; `name` is used where the definition has none of its own."""
        return Connector(
            name=self.name or name,
            auth=Auth(kind=self.auth.kind, header=self.auth.header),
            headers=self.headers,
            resources={key: form.resource(key) for key, form in self.resources.items()},
            error_inside=tuple(form.predicate() for form in self.error_inside),
            throttled_inside=tuple(form.predicate() for form in self.throttled_inside),
            throttle_statuses=tuple(self.throttle_statuses),
            quota_headers=declared(self.quota_headers),
            limits=tuple(form.window() for form in self.limits),
            concurrent=self.concurrent,
            whoami=self.whoami or "",
        )
