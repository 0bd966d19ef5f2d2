"""The shape of a connector's resource as it is written in YAML: how a list is asked for, paged and read.

The keys are the fields of `probes.connector`, which says what each of them means.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator, model_validator

from monitor.load.assertion_form import AssertionForm
from monitor.load.fields import Dotted, Duration, Header, Text, UrlPath, one_of
from monitor.load.form import Form
from monitor.load.lookup_form import LookupList, lookups
from monitor.load.predicate_form import FailedWhenForm, PredicateForm, predicates
from probes.ask import POSITION, SINCE
from probes.connector import (
    Amount,
    Basis,
    PageKind,
    Pagination,
    Place,
    Rescan,
    Resource,
    Since,
    TimeFormat,
    Unit,
)

CREDENTIAL_HEADERS = {"authorization", "proxy-authorization", "cookie"}
WANTED: Mapping[PageKind, tuple[str, ...]] = {
    PageKind.NONE: (),
    PageKind.LAST_ID: ("param", "more_path"),
    PageKind.TOKEN: ("param", "next_path"),
    PageKind.NEXT_URL: ("next_path",),
    PageKind.PAGE: ("param",),
    PageKind.OFFSET: ("param",),
    PageKind.IN_QUERY_OFFSET: (),
}


def _query_value(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return value
    raise ValueError("must be text; put it in quotes")


def _static_header(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("must be text in one line; put it in quotes")
    return value


def _no_credential(value: object) -> object:
    if isinstance(value, dict) and CREDENTIAL_HEADERS & {str(name).lower() for name in value}:
        raise ValueError("must not carry a credential; describe it under auth and name it as the system's credential")
    return value


QueryValue = Annotated[str, BeforeValidator(_query_value), WithJsonSchema({"type": ["string", "integer"]})]
Query = dict[str, QueryValue]
Headers = Annotated[dict[Header, Annotated[str, BeforeValidator(_static_header)]], BeforeValidator(_no_credential)]


class PaginationForm(Form):
    """How pages follow each other."""

    kind: Annotated[PageKind, one_of(PageKind)] = PageKind.NONE
    param: str = ""
    place: Annotated[Place, one_of(Place)] = Place.QUERY
    more_path: Dotted | None = None
    next_path: Dotted | None = None
    total_path: Dotted | None = None
    start: Annotated[int, Field(ge=0)] | None = None
    size: Annotated[int, Field(ge=1)] = 1
    max_pages: Annotated[int, Field(ge=1, le=10_000)] = 100

    @model_validator(mode="after")
    def _whole(self) -> Self:
        missing = [name for name in WANTED[self.kind] if not getattr(self, name)]
        if missing:
            raise ValueError(f"{self.kind} also needs {' and '.join(missing)}; add it")
        return self

    def pagination(self) -> Pagination:
        """Return the pagination; pages are counted from 1 and rows from 0 where nothing else is written."""
        first = 1 if self.kind is PageKind.PAGE else 0
        return Pagination(
            kind=self.kind,
            param=self.param,
            place=self.place,
            more_path=self.more_path or "",
            next_path=self.next_path or "",
            total_path=self.total_path or "",
            start=first if self.start is None else self.start,
            size=self.size,
            max_pages=self.max_pages,
        )


class RescanForm(Form):
    """How far back, and how often, a list is read again."""

    every: Duration
    back: Duration


class SinceForm(Form):
    """How only what is new is asked for."""

    place: Annotated[Place, one_of(Place)] = Place.QUERY
    param: Annotated[str, Field(max_length=500, validate_default=True)] = ""
    format: Annotated[TimeFormat, one_of(TimeFormat)] = TimeFormat.UNIX_S
    overlap: Duration = Since().overlap
    until_param: Text | None = None
    on: Annotated[Basis, one_of(Basis)] = Basis.CREATED
    max_window: Duration | None = None
    lag: Duration | None = None
    rescan: RescanForm | None = None
    oldest_first: bool = False

    @field_validator("param")
    @classmethod
    def _named(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("place", Place.TEXT) is not Place.TEXT:
            raise ValueError("is missing; add it")
        return value

    def since(self) -> Since:
        """Return the value."""
        return Since(
            param=self.param,
            format=self.format,
            overlap=self.overlap,
            place=self.place,
            until_param=self.until_param or "",
            on=self.on,
            max_window=self.max_window,
            lag=self.lag or Since().lag,
            rescan=Rescan(every=self.rescan.every, back=self.rescan.back) if self.rescan else None,
            oldest_first=self.oldest_first,
        )


class AmountForm(Form):
    """Where a record says how much money it is about."""

    path: Dotted
    currency_path: Dotted | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    unit: Annotated[Unit, one_of(Unit)] = Unit.MINOR

    @model_validator(mode="after")
    def _has_a_currency(self) -> Self:
        if (self.currency_path is None) == (self.currency is None):
            raise ValueError("needs either currency_path or currency (like EUR); write one of them")
        return self

    def amount(self) -> Amount:
        """Return the value."""
        return Amount(
            path=self.path,
            currency_path=self.currency_path or "",
            currency=self.currency or "",
            unit=self.unit,
        )


class ResourceForm(Form):
    """One list of records."""

    path: UrlPath = ""
    query: Query = Field(default_factory=dict)
    headers: Headers = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    records_path: Dotted | None = None
    item_path: Dotted | None = None
    id_path: Dotted = "id"
    key_paths: list[Dotted] = Field(default_factory=list)
    client_paths: list[Dotted] = Field(default_factory=list)
    created_path: Dotted = "created"
    updated_path: Dotted | None = None
    time_format: Annotated[TimeFormat, one_of(TimeFormat)] = TimeFormat.UNIX_S
    since: SinceForm | None = None
    pagination: PaginationForm = PaginationForm()
    may_be_absent: bool = False
    transient: bool = False
    amount: AmountForm | None = None
    failed: list[PredicateForm] = Field(default_factory=list)
    failures: list[FailedWhenForm] = Field(default_factory=list)
    settled: list[PredicateForm] = Field(default_factory=list)
    lookup: LookupList = Field(default_factory=list)
    assertions: list[AssertionForm] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        texts = str((self.query, self.body))
        if self.since is not None and self.since.on is Basis.UPDATED and self.updated_path is None:
            raise ValueError("is filtered by updates and says not where their instant stands; add updated_path")
        if self.since is not None and self.since.place is Place.TEXT and SINCE not in texts:
            raise ValueError(f"has its since in a text, and no text of query or body holds the mark {SINCE}; add it")
        if self.pagination.kind is PageKind.IN_QUERY_OFFSET and POSITION not in texts:
            raise ValueError(f"is paged by a text, and no text of query or body holds the mark {POSITION}; add it")
        return self

    def resource(self, name: str) -> Resource:
        """Return the resource under the name it is defined by."""
        return Resource(
            name=name,
            path=self.path,
            records_path=self.records_path or "",
            id_path=self.id_path,
            item_path=self.item_path or "",
            key_paths=tuple(self.key_paths),
            client_paths=tuple(self.client_paths),
            created_path=self.created_path,
            updated_path=self.updated_path or "",
            time_format=self.time_format,
            query=self.query,
            headers=self.headers,
            body=self.body,
            since=self.since.since() if self.since else None,
            pagination=self.pagination.pagination(),
            may_be_absent=self.may_be_absent,
            transient=self.transient,
            amount=self.amount.amount() if self.amount else None,
            failed=predicates(self.failed),
            failures=tuple(form.failed_when() for form in self.failures),
            settled=predicates(self.settled),
            lookups=lookups(self.lookup),
            assertions=tuple(form.assertion() for form in self.assertions),
        )
