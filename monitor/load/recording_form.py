"""The shape of recorded answers beside a definition: what was asked, what was answered, and what is to be read of it.

Used by `tierwatch connector test`; playing them is `monitor.recorded`'s work.
"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from monitor.load.fields import Identity, Text, one_of
from monitor.load.form import Form
from monitor.load.resource_form import Query
from probes.failure import Outcome


def _instant(value: object) -> datetime:
    message = "must be an instant with its offset, in quotes; write it like 2026-11-20T09:00:00Z"
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ValueError(message)
    return instant


Instant = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]


class RequestForm(Form):
    """What is asked: the path below the system's address, and of query and headers what matters."""

    method: str = "GET"
    path: Text
    query: Query = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] | None = None


class ResponseForm(Form):
    """What the vendor answered: JSON, or any text."""

    status: Annotated[int, Field(ge=100, le=599)] = 200
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None


class ExchangeForm(Form):
    """One request and its answer."""

    request: RequestForm
    response: ResponseForm


class ExpectedForm(Form):
    """What is to be read: how the look ends, and of each record whatever is written here."""

    outcome: Annotated[Outcome, one_of(Outcome)] = Outcome.GOOD
    reason: str | None = None
    records: list[dict[str, Any]] | None = None


class CaseForm(Form):
    """One look: at a resource, or at who we are."""

    title: Text
    resource: Identity | None = None
    since: Instant | None = None
    now: Instant
    fields: list[str] = Field(default_factory=list)
    exchanges: Annotated[list[ExchangeForm], Field(min_length=1)]
    expect: ExpectedForm = ExpectedForm()


class RecordingForm(Form):
    """All looks of a file, with the values that the definition leaves open."""

    values: dict[Identity, Text] = Field(default_factory=dict)
    cases: Annotated[list[CaseForm], Field(min_length=1)]
