"""The shape of a rule test as it is written in YAML."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from alerts.clocks import Promise
from alerts.message import Stage
from monitor.load.fields import Duration, Identity, Text, one_of
from monitor.load.form import Form


class Ignored(StrEnum):
    """Of what a rule test says nothing: anything may happen."""

    PAGES = "pages"
    NOTICES = "notices"
    BROKEN = "broken"


class MessageForm(Form):
    """A page or a notice that is expected: soon after an instant, or between two."""

    to: Identity
    at: Text | None = None
    within: Duration = timedelta(minutes=1)
    not_before: Text | None = None
    not_after: Text | None = None
    stage: Annotated[Stage | None, one_of(Stage)] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.at is not None and (self.not_before is not None or self.not_after is not None):
            raise ValueError("has its instant twice; write at with within, or not_before and not_after")
        return self


class BrokenForm(Form):
    """A promise that is expected to break."""

    client: Identity
    promise: Annotated[Promise, one_of(Promise)]


class ExpectForm(Form):
    """What is expected of a story."""

    incidents: int | None = None
    pages: list[MessageForm] = Field(default_factory=list)
    warnings: list[MessageForm] | None = None
    notices: list[MessageForm] = Field(default_factory=list)
    broken: list[BrokenForm] = Field(default_factory=list)
    ignore: list[Annotated[Ignored, one_of(Ignored)]] = Field(default_factory=list)


class RuleForm(Form):
    """A rule test."""

    config: Text
    story: Any
    expect: ExpectForm
