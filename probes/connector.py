"""A vendor's API as data: how it is asked, how pages follow, how clients, times, amounts and failures are read.

A connector says how to ask and how to read; it never asks. The vendors' definitions lie in `connectors/*.yaml`, no
vendor's name stands in Python. What is asked is `ask`'s work, reading an answer `answer`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from probes.assertion import Assertion
from probes.auth import Auth
from probes.budget import Window
from probes.quota_headers import QuotaHeaders
from probes.webhook import Webhook


class Op(StrEnum):
    """How a predicate compares the value at its path."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    GT = "gt"
    LT = "lt"
    CONTAINS = "contains"
    LT_NOW = "lt_now"
    EXISTS = "exists"
    NULL = "null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """One condition on a JSON value; `path` is dotted (`last_payment_error.code`).

    Where there are several, their place says whether all or any must hold. For `lt_now` the value is the
    :class:`TimeFormat` in which the instant at the path is written.
    """

    path: str
    op: Op
    value: str | int | float | bool | tuple[str | int | float, ...] | None = None


class TimeFormat(StrEnum):
    """How a vendor writes an instant: `soql` is ISO 8601 with an offset, `ms_date` is `/Date(1573755038314+0000)/`."""

    UNIX_S = "unix_s"
    UNIX_MS = "unix_ms"
    ISO8601 = "iso8601"
    SOQL = "soql"
    MS_DATE = "ms_date"
    HTTP_DATE = "http_date"


class Place(StrEnum):
    """Where in a request a value stands: named in the query, a header or the JSON body, or marked within their texts.

    In JSON the name is a dotted path. In texts the value takes the place of its mark: `{since}`, `{until}`.
    """

    QUERY = "query"
    HEADER = "header"
    JSON = "json"
    TEXT = "text"


class PageKind(StrEnum):
    """How the next page of a list is asked for."""

    NONE = "none"
    LAST_ID = "last_id"
    TOKEN = "token"  # noqa: S105 - the name of a paging kind, not a secret
    NEXT_URL = "next_url"
    PAGE = "page"
    OFFSET = "offset"
    IN_QUERY_OFFSET = "in_query_offset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pagination:
    """How pages follow each other.

    `last_id`: the last record's id goes into `param` while `more_path` is true. `token`: the value at `next_path` goes
    into `param` (of the query, or of the JSON body) until it is absent. `next_url`: the address at `next_path`, which
    must stay on the system's own origin. `page`: `param` counts from `start` up to the number at `total_path`.
    `offset`: `param` counts rows from `start`; `in_query_offset`: so does the mark `{position}` in the query's text.
    The last three end by `more_path` where it is given, else by the first page with fewer than `size` rows.
    """

    kind: PageKind = PageKind.NONE
    param: str = ""
    place: Place = Place.QUERY
    more_path: str = ""
    next_path: str = ""
    total_path: str = ""
    start: int = 0
    size: int = 1
    max_pages: int = 100


class Basis(StrEnum):
    """By which of a record's instants a list is filtered."""

    CREATED = "created"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescan:
    """For lists that cannot be asked for what changed: read `back` again, once in every `every`."""

    every: timedelta
    back: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """How "only what is new" is asked for.

    `param` is the name of the lower bound at its `place`, `until_param` that of the upper one ("" where none is sent),
    and each look overlaps the last by `overlap`. `lag` is how long the vendor may take to show a record. A list that
    allows no more than `max_window` between its bounds is read in windows. `oldest_first` says that the list comes in
    the order of what it is filtered by, so that a part of it is a part without gaps.
    """

    param: str = ""
    format: TimeFormat = TimeFormat.UNIX_S
    overlap: timedelta = timedelta(minutes=5)
    place: Place = Place.QUERY
    until_param: str = ""
    on: Basis = Basis.CREATED
    max_window: timedelta | None = None
    lag: timedelta = timedelta()
    rescan: Rescan | None = None
    oldest_first: bool = False


class Unit(StrEnum):
    """How an amount is written: as a whole number of the smallest coins, or in the currency itself."""

    MINOR = "minor"
    MAJOR = "major"
    STRING = "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """Where a record says how much money it is about, and in which unit. Without `currency_path`, in `currency`."""

    path: str
    currency_path: str = ""
    currency: str = ""
    unit: Unit = Unit.MINOR


class FailureKind(StrEnum):
    """What a record tells to have failed."""

    PAYMENT_FAILED = "payment_failed"
    HARD_DECLINED = "hard_declined"
    RETRIES_EXHAUSTED = "retries_exhausted"
    DUNNING_EXHAUSTED = "dunning_exhausted"
    MANDATE_FAILED = "mandate_failed"
    PAYOUT_FAILED = "payout_failed"
    DISPUTED = "disputed"
    OVERDUE = "overdue"
    WEBHOOK_FAILED = "webhook_failed"
    REJECTED = "rejected"
    OUTAGE = "outage"


COUNTED = frozenset({FailureKind.PAYMENT_FAILED, FailureKind.REJECTED})
"""What counts in a failure ratio; the other kinds are told of a record, and are no ratio of anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedWhen:
    """A record has failed in this way where all of `when` holds; `code_path` leads to the vendor's word for it."""

    kind: FailureKind
    when: tuple[Predicate, ...]
    code_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """How one record of a list is asked for by the value at its path `by`.

    The mark `{key}` in path, query or body gives way to the value. The answer holds the record at `item_path` (None: as
    a row of the list does), or with `records_path` a list of rows that may be it; an answer with one of
    `absent_statuses` says that there is none.
    """

    by: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    records_path: str | None = None
    item_path: str | None = None
    absent_statuses: tuple[int, ...] = (404,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One list of records; without a `path` webhooks alone tell of them.

    Paths are dotted; `client_paths` is tried in order until one holds a value. `item_path` leads from a row to the
    record in it, `key_paths` to what is joined to its id where the id alone does not tell one record from another. With
    a `body` the request is a POST of it as JSON. `may_be_absent` says that an empty list is left out of the answer,
    `transient` that records leave the list again. `failed`, the `when` of each of `failures`, and `settled` are
    AND-lists; a resource with neither `failed` nor `failures` of a counted kind has no failure ratio.
    """

    name: str
    path: str
    records_path: str
    id_path: str = "id"
    item_path: str = ""
    key_paths: tuple[str, ...] = ()
    client_paths: tuple[str, ...] = ()
    created_path: str = "created"
    updated_path: str = ""
    time_format: TimeFormat = TimeFormat.UNIX_S
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    since: Since | None = None
    pagination: Pagination = field(default_factory=Pagination)
    may_be_absent: bool = False
    transient: bool = False
    amount: Amount | None = None
    failed: tuple[Predicate, ...] = ()
    failures: tuple[FailedWhen, ...] = ()
    settled: tuple[Predicate, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    lookups: tuple[Lookup, ...] = ()

    @property
    def can_fail(self) -> bool:
        """Whether its records have a failure ratio."""
        return bool(self.failed) or any(way.kind in COUNTED for way in self.failures)


class RefusalKind(StrEnum):
    """Why a vendor does not accept a credential."""

    REVOKED = "revoked"
    EXPIRED = "expired"
    MISSING_SCOPE = "missing_scope"
    WRONG_ENVIRONMENT = "wrong_environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer with one of `statuses` whose body fulfils all of `when` refuses the credential, whatever its status."""

    kind: RefusalKind
    statuses: tuple[int, ...]
    when: tuple[Predicate, ...] = ()


class StatusPageKind(StrEnum):
    """In which form a vendor tells the world how it is."""

    STATUSPAGE = "statuspage"
    ATOM = "atom"
    RSS = "rss"
    JSON = "json"
    HTML = "html"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """Where a vendor tells the world how it is. It is never asked with the credential."""

    kind: StatusPageKind
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One vendor's API.

    `error_inside` recognises an answer with status 200 that is an error: any of its predicates means one.
    `throttle_statuses` are the answers that mean "slow down"; `throttled_inside` recognises by its body (again, any
    of them) a refusal with another status that means it too, `too_large_inside` one that asks for a shorter window.
    `quota_headers` tell of one limit each. `limits` are the vendor's published limits, () where it publishes none,
    `concurrent` is the one on requests in flight, `share` the part of them that a guest should take. `whoami` is the
    cheapest authenticated path, looked at where no list is watched. `webhook` is what the vendor posts by itself, None
    where it posts nothing that could be verified.
    """

    name: str
    auth: Auth = field(default_factory=Auth)
    base_url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    error_inside: tuple[Predicate, ...] = ()
    throttle_statuses: tuple[int, ...] = (429,)
    throttled_inside: tuple[Predicate, ...] = ()
    throttle_reason: str = ""
    too_large_inside: tuple[Predicate, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    quota_headers: tuple[QuotaHeaders, ...] = ()
    limits: tuple[Window, ...] = ()
    concurrent: int | None = None
    share: float | None = None
    whoami: str = ""
    whoami_query: Mapping[str, str] = field(default_factory=dict)
    status_page: StatusPage | None = None
    webhook: Webhook | None = None
