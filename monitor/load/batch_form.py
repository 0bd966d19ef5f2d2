"""The shape of a batch flow's runs as it is written in YAML, and their value."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from monitor.load.fields import TimeOfDay, Zone
from monitor.load.form import Form
from probes.batch import BUSINESS, EVERY, Batch
from probes.holiday import known_country

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPANS = {"business": BUSINESS, "every": EVERY}
CLIENT = "client"


def _days(value: object) -> frozenset[int]:
    if isinstance(value, str) and value in SPANS:
        return SPANS[value]
    if isinstance(value, list) and value and all(day in WEEKDAYS for day in value):
        return frozenset(WEEKDAYS.index(day) for day in value)
    raise ValueError("must be business, every, or a list of weekdays; write it like [mon, tue, sat]")


def _country(value: object) -> str:
    if not isinstance(value, str) or not known_country(value):
        raise ValueError("must be a country whose holidays are known, perhaps with a part of it; write DE or DE-BY")
    return value


Days = Annotated[
    frozenset[int],
    BeforeValidator(_days),
    WithJsonSchema({"anyOf": [{"enum": list(SPANS)}, {"type": "array", "items": {"enum": list(WEEKDAYS)}}]}),
]
Country = Annotated[str, BeforeValidator(_country), WithJsonSchema({"type": "string", "description": "DE or DE-BY"})]


def client_zone(value: object) -> object:
    """Return no zone for `client`: each client's own."""
    return None if value == CLIENT else value


class BatchForm(Form):
    """When the runs of a flow are to be over, and what they carry."""

    begins: TimeOfDay
    finished_by: TimeOfDay
    cut: TimeOfDay | None = None
    days: Days = EVERY
    timezone: Annotated[Zone | None, BeforeValidator(client_zone)] = None
    holidays: Country | None = None
    at_least: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.begins == self.finished_by:
            raise ValueError('begins when it is to be over; write it like {begins: "01:00", finished_by: "06:00"}')
        return self

    def batch(self) -> Batch:
        """Return the value; without a zone, each client's own counts."""
        return Batch(
            begins=self.begins,
            finished_by=self.finished_by,
            cut=self.cut,
            days=self.days,
            zone=self.timezone,
            holidays=self.holidays,
            at_least=self.at_least,
        )
