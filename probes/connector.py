"""A vendor's API as data: where records are listed, how pages follow, how clients, times and failures are read.

A connector says how to ask and how to read; it never asks. The vendors' definitions lie in `connectors/*.yaml`, no
vendor's name stands in Python. Reading an answer with a definition is `answer`'s work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from probes.budget import Window
from probes.quota_headers import QuotaHeaders


class Op(StrEnum):
    """How a predicate compares the value at its path."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    GT = "gt"
    EXISTS = "exists"
    NULL = "null"


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """One condition on a JSON value; `path` is dotted (`last_payment_error.code`).

    Where there are several, their place says whether all or any must hold.
    """

    path: str
    op: Op
    value: str | int | float | bool | tuple[str | int | float, ...] | None = None


class TimeFormat(StrEnum):
    """How a vendor writes an instant."""

    UNIX_S = "unix_s"
    UNIX_MS = "unix_ms"
    ISO8601 = "iso8601"
    HTTP_DATE = "http_date"


class AuthKind(StrEnum):
    """How the credential is sent."""

    BEARER = "bearer"
    BASIC = "basic"
    HEADER = "header"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """How the credential travels; `header` names the header for `AuthKind.HEADER`. The secret itself is never here."""

    kind: AuthKind = AuthKind.NONE
    header: str = "Authorization"


class PageKind(StrEnum):
    """How the next page of a list is asked for."""

    NONE = "none"
    LAST_ID = "last_id"
    TOKEN = "token"  # noqa: S105 - the name of a paging kind, not a secret
    NEXT_URL = "next_url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pagination:
    """How pages follow each other.

    `last_id`: the last record's id goes into `param` while `more_path` is true. `token`: the value at `next_path` goes
    into `param` until it is absent. `next_url`: the address at `next_path`, which must stay on the system's own origin.
    """

    kind: PageKind = PageKind.NONE
    param: str = ""
    more_path: str = ""
    next_path: str = ""
    max_pages: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """How "only what is new" is asked for: query parameter, format, and how far back each look overlaps the last."""

    param: str
    format: TimeFormat = TimeFormat.UNIX_S
    overlap: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One list of records. Paths are dotted; `client_paths` is tried in order until one holds a value.

    `failed` and `settled` are AND-lists; a resource without `failed` has no failure ratio.
    """

    name: str
    path: str
    records_path: str
    id_path: str = "id"
    client_paths: tuple[str, ...] = ()
    created_path: str = "created"
    time_format: TimeFormat = TimeFormat.UNIX_S
    query: Mapping[str, str] = field(default_factory=dict)
    since: Since | None = None
    pagination: Pagination = field(default_factory=Pagination)
    failed: tuple[Predicate, ...] = ()
    settled: tuple[Predicate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One vendor's API.

    `error_inside` recognises an answer with status 200 that is an error: any of its predicates means one.
    `throttle_statuses` are the answers that mean "slow down"; `throttled_inside` recognises by its body (again, any
    of them) a refusal with another status that means it too. `quota_headers` tell of one limit each. `limits` are the
    vendor's published limits, () where it publishes none, and `concurrent` is the one on requests in flight. `whoami`
    is the cheapest authenticated path, looked at where no list is watched.
    """

    name: str
    auth: Auth = field(default_factory=Auth)
    headers: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, Resource] = field(default_factory=dict)
    error_inside: tuple[Predicate, ...] = ()
    throttle_statuses: tuple[int, ...] = (429,)
    throttled_inside: tuple[Predicate, ...] = ()
    quota_headers: tuple[QuotaHeaders, ...] = ()
    limits: tuple[Window, ...] = ()
    concurrent: int | None = None
    whoami: str = ""
