"""One HTTP answer, read with a vendor's definition: a page of records, or a failure with its class and reason.

Pure: whoever asked hands in what came back. Reasons name paths, places and statuses, never values, for those may be
anybody's data.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from probes.ask import Ask, next_ask
from probes.budget import QuotaNews
from probes.certificate import Certificate
from probes.connector import Connector, Predicate, Refusal, RefusalKind, Resource
from probes.failure import FailureClass
from probes.fingerprint import Sample, envelope, sampled
from probes.headers import clock_offset, quota_news, said
from probes.observation import Record, correction
from probes.path import at, holds
from probes.record import Reader

LARGEST_BODY = 10_000_000
"""Bytes of a body that are read at most."""

MOST_ROWS = 100_000
"""Rows that are read of one page, and of one look, at most: five million ones fit into the largest body."""

FLAWS_NAMED = 3
"""How many unreadable records a reason names; the others are counted."""


REFUSED: Mapping[RefusalKind, str] = {
    RefusalKind.REVOKED: "the credential is not accepted",
    RefusalKind.EXPIRED: "the credential has expired",
    RefusalKind.MISSING_SCOPE: "the credential may not read this",
    RefusalKind.WRONG_ENVIRONMENT: "the credential belongs to another environment",
}

PHRASES = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, header names in lower case. `cut` says that the body was longer than :data:`LARGEST_BODY`.

    `certificate` is the peer's, where the connection was encrypted.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    answered: datetime
    cut: bool = False
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The readable records of one page; `flaws` says what was wrong with others; `next` is None where nothing follows.

    Absence from a list is evidence only if none of its pages has flaws.
    """

    records: tuple[Record, ...] = ()
    flaws: tuple[str, ...] = ()
    next: Ask | None = None
    samples: tuple[Sample, ...] = field(repr=False, default=())
    news: QuotaNews = field(default_factory=QuotaNews)
    clock_offset: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no page. `too_large` says that the vendor wants to be asked for less at once.

    `refusal` is why it does not accept our credential, where it says so.
    """

    failure: FailureClass
    reason: str
    news: QuotaNews = field(default_factory=QuotaNews)
    clock_offset: timedelta | None = None
    too_large: bool = False
    refusal: RefusalKind | None = None
    samples: tuple[Sample, ...] = field(repr=False, default=())


def read(
    connector: Connector, resource: Resource | None, fields: Sequence[str], ask: Ask, answer: Answer
) -> Page | Failure:
    """Return what an answer to `ask` amounts to; without a resource, a page without records says that all is well.

    `fields` are the dotted paths whose values the records carry. The quota news and the vendor's clock are read from
    every answer, a refusal's too.
    """
    result = _refused(connector, answer) or _understood(connector, resource, fields, ask, answer)
    news = quota_news(connector.quota_headers, answer.headers, answer.answered)
    return replace(result, news=news, clock_offset=clock_offset(answer.headers, answer.answered))


def _refused(connector: Connector, answer: Answer) -> Failure | None:
    """Classify by status; the order is that of the classes' certainty."""
    status = answer.status
    reason = f"answered {status} {_phrase(status)}".rstrip()
    body = _inside(connector, answer) if status >= HTTPStatus.BAD_REQUEST else None
    if status in connector.throttle_statuses or _any(connector.throttled_inside, body):
        why = said(answer.headers, connector.throttle_reason)
        return Failure(failure=FailureClass.THROTTLED, reason=f"{reason} ({why})" if why else reason)
    refusal = next((one for one in connector.refusals if _refuses(one, status, body)), None)
    if refusal is not None:
        return Failure(failure=FailureClass.AUTH, reason=f"{reason}: {REFUSED[refusal.kind]}", refusal=refusal.kind)
    if _any(connector.too_large_inside, body):
        return Failure(failure=FailureClass.REQUEST, reason=f"{reason}: too much asked for at once", too_large=True)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Failure(failure=FailureClass.AUTH, reason=reason)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure(failure=FailureClass.SERVER, reason=reason)
    if status >= HTTPStatus.BAD_REQUEST:
        return Failure(failure=FailureClass.REQUEST, reason=reason)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        return Failure(failure=FailureClass.SCHEMA, reason=f"{reason}: redirect not followed")
    return None


def _phrase(status: int) -> str:
    return PHRASES.get(status, "")


def _inside(connector: Connector, answer: Answer) -> object:
    """The JSON value of a refusal, where the definition has anything to find in it; None where it has none."""
    if not (connector.throttled_inside or connector.refusals or connector.too_large_inside):
        return None
    try:
        return _decoded(answer)
    except (ValueError, RecursionError):
        return None


def _any(predicates: Sequence[Predicate], body: object) -> bool:
    return body is not None and any(holds(predicate, body) for predicate in predicates)


def _refuses(refusal: Refusal, status: int, body: object) -> bool:
    return status in refusal.statuses and all(holds(predicate, body) for predicate in refusal.when)


def _understood(
    connector: Connector, resource: Resource | None, fields: Sequence[str], ask: Ask, answer: Answer
) -> Page | Failure:
    if resource is None and answer.status == HTTPStatus.NO_CONTENT:
        return Page()
    if answer.cut:
        return _schema(f"the answer is larger than {LARGEST_BODY // 1_000_000} MB")
    try:
        body = _decoded(answer)
    except UnicodeDecodeError as error:
        return _schema(f"the answer is not UTF-8 (byte {error.start})")
    except (ValueError, RecursionError):
        return _schema("the answer is not JSON")
    inside = next((predicate for predicate in connector.error_inside if holds(predicate, body)), None)
    if inside is not None:
        return Failure(failure=FailureClass.BUSINESS, reason=f"answered {answer.status} with an error{_where(inside)}")
    try:
        return Page() if resource is None else _page(resource, fields, ask, answer, body)
    except RecursionError:
        return _schema("the answer is nested too deeply")


def _where(predicate: Predicate) -> str:
    return f" at `{predicate.path}`" if predicate.path else ""


def _schema(reason: str) -> Failure:
    return Failure(failure=FailureClass.SCHEMA, reason=reason)


def _decoded(answer: Answer) -> object:
    """The JSON value of the body. Raises ValueError (UnicodeDecodeError among them) or RecursionError."""
    return DECODER.decode(answer.body.decode("utf-8-sig"))


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


DECODER = json.JSONDecoder(parse_constant=_no_number)


def _page(resource: Resource, fields: Sequence[str], ask: Ask, answer: Answer, body: object) -> Page | Failure:
    rows = _rows(resource, body)
    if not isinstance(rows, list):
        return replace(_schema(f"no list at `{resource.records_path}`"), samples=(envelope(resource, body),))
    if len(rows) > MOST_ROWS:
        return _schema(f"more than {MOST_ROWS} rows at `{resource.records_path}`")
    skew = correction(clock_offset(answer.headers, answer.answered))
    reader = Reader(resource, fields, skew, answer.answered)
    read_rows = [reader.read(row) for row in rows]
    flaws = [f"{resource.records_path}[{i}]: {flaw}" for i, flaw in enumerate(read_rows) if isinstance(flaw, str)]
    following = next_ask(resource, ask, body, rows)
    if isinstance(following, str):
        flaws, following = [*flaws, following], None
    records = tuple(record for record in read_rows if isinstance(record, Record))
    keys = [one.id if isinstance(one, Record) else "" for one in read_rows]
    samples = (envelope(resource, body), *sampled(rows, keys))
    return Page(records=records, flaws=tuple(flaws), next=following, samples=samples)


def _rows(resource: Resource, body: object) -> object:
    rows = at(body, resource.records_path)
    around = at(body, resource.records_path.rpartition(".")[0])
    return [] if rows is None and resource.may_be_absent and isinstance(around, dict) else rows


def flawed(flaws: Sequence[str]) -> str:
    """Return one reason for all flaws: the first few of them, and how many more there are."""
    more = len(flaws) - FLAWS_NAMED
    return "; ".join(flaws[:FLAWS_NAMED]) + (f"; and {more} more" if more > 0 else "")
