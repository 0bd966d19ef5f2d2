"""A made-up vendor's definition, and answers in its shape, for the tests of reading."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from probes.answer import Answer
from probes.connector import (
    Connector,
    Op,
    PageKind,
    Pagination,
    Predicate,
    Resource,
    Since,
    TimeFormat,
)
from probes.quota_headers import QuotaHeaders

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LAST_ID = Pagination(kind=PageKind.LAST_ID, param="after", more_path="more")
PAYMENTS = Resource(
    name="payments",
    path="/v1/payments",
    records_path="rows",
    client_paths=("metadata.client", "customer"),
    query={"limit": "2"},
    since=Since(param="created[gte]", overlap=timedelta(minutes=5)),
    pagination=LAST_ID,
    failed=(Predicate(path="status", op=Op.EQ, value="failed"),),
    settled=(Predicate(path="status", op=Op.IN, value=("paid", "failed")),),
)
VENDOR = Connector(
    name="vendor",
    resources={"payments": PAYMENTS},
    error_inside=(Predicate(path="error", op=Op.EXISTS), Predicate(path="success", op=Op.EQ, value=False)),
    quota_headers=(QuotaHeaders(limit="X-Limit", remaining="X-Remaining", reset="X-Reset"),),
    whoami="/v1/me",
)


def row(name: str, age: float = 60, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - a JSON member may be anything
    """One payment as the vendor writes it."""
    return {"id": name, "created": int((NOW - timedelta(seconds=age)).timestamp()), "customer": "cus_1", **more}


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer at NOW; a body that is not bytes is written as JSON."""
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status=status, headers=headers or {}, body=written, answered=NOW)


def paged_by(pagination: Pagination) -> Resource:
    """The payments, with other paging."""
    return replace(PAYMENTS, pagination=pagination)


def timed_by(how: TimeFormat) -> Resource:
    """The payments, with another notation of time."""
    return replace(PAYMENTS, time_format=how)
