"""The shape of a lookup as it is written in YAML: how one record of a list is asked for.

The keys are the fields of `probes.connector.Lookup`, which says what each of them means.
"""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema, model_validator

from monitor.load.fields import Dotted, UrlPath
from monitor.load.form import Form
from monitor.load.predicate_form import Status
from probes.connector import Lookup
from probes.lookup import KEY


def _query_value(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("must be text; put it in quotes")


QueryText = Annotated[str, BeforeValidator(_query_value), WithJsonSchema({"type": "string"})]


class LookupForm(Form):
    """How one record is asked for by the value of one of its fields."""

    by: Dotted
    path: UrlPath
    query: dict[str, QueryText] = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    records_path: Dotted | None = None
    item_path: Dotted | None = None
    absent_statuses: list[Status] = Field(default_factory=lambda: [404])

    @model_validator(mode="after")
    def _asks_for_one(self) -> Self:
        if KEY not in str((self.path, self.query, self.body)):
            raise ValueError(f"asks for no record: neither path nor query nor body holds the mark {KEY}; add it")
        return self

    def lookup(self) -> Lookup:
        """Return the value."""
        return Lookup(
            by=self.by,
            path=self.path,
            query=self.query,
            body=self.body,
            records_path=self.records_path,
            item_path=self.item_path,
            absent_statuses=tuple(self.absent_statuses),
        )


def _way(value: object) -> str:
    return "[several]" if isinstance(value, list) else "[one]"


LookupList = Annotated[
    Annotated[LookupForm, Tag("[one]")] | Annotated[list[LookupForm], Tag("[several]")],
    Discriminator(_way),
]
"""One way to ask, or a list of them."""


def lookups(written: LookupForm | list[LookupForm]) -> tuple[Lookup, ...]:
    """Return the ways, however they were written."""
    return tuple(form.lookup() for form in (written if isinstance(written, list) else [written]))
