"""The shape of a story as it is written in YAML. What its names and instants stand for is for `reading`."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from alerts.maintenance import Party, Telling
from alerts.matcher import Matcher, MatcherError
from alerts.matcher_syntax import parse_matcher
from monitor.load.fields import Duration, Fraction, Identity, Text, Zone, one_of
from monitor.load.form import Form
from monitor.replay.acts_form import ActForm
from monitor.replay.story import Saying
from probes.failure import FailureClass


def _matcher(value: object) -> Matcher:
    """Return a matcher; ValueError says how to write one."""
    message = """must be a matcher; write it in quotes, like 'system="erp"' or 'tier=~"gold|silver"'"""
    try:
        if isinstance(value, str):
            return parse_matcher(value)
    except MatcherError as error:
        raise ValueError(f"{message} ({error})") from None
    raise ValueError(message)


MatcherText = Annotated[Matcher, BeforeValidator(_matcher), WithJsonSchema({"type": "string"})]


class SpanForm(Form):
    """From when to when something is so: until an instant, for a time, or to the end of the story."""

    start: Annotated[Text | None, Field(alias="from")] = None
    until: Text | None = None
    lasts: Annotated[Duration | None, Field(alias="for")] = None

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.until is not None and self.lasts is not None:
            raise ValueError("has two ends; write until or for, not both")
        return self


class TrafficForm(SpanForm):
    """Records that come into being where a flow begins."""

    flow: Identity
    every: Duration
    takes: Duration
    clients: list[Identity] | None = None


class TroubleForm(SpanForm):
    """How looks at a system fail."""

    system: Identity
    fails: Annotated[FailureClass | None, one_of(FailureClass)] = None
    declares: Annotated[str | None, Field(pattern="^outage$")] = None
    share: Fraction = 1.0
    catches_up_in: Duration | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.fails is None) == (self.declares is None):
            raise ValueError("must say how: fails: timeout (or another failure), or declares: outage for a status page")
        return self


class SlownessForm(SpanForm):
    """How long a system takes to answer."""

    system: Identity
    takes: Duration


class StopForm(SpanForm):
    """A flow on which nothing travels."""

    flow: Identity
    clients: list[Identity] = Field(default_factory=list)
    catches_up_in: Duration | None = None


class MissedForm(SpanForm):
    """Runs that do not succeed."""

    heartbeat: Identity
    says: Annotated[Saying, one_of(Saying)] = Saying.NOTHING


class HabitForm(Form):
    """What a person does whenever they are paged."""

    acknowledges: Duration


class SilenceForm(SpanForm):
    """A silence that a person sets at its beginning."""

    by: Identity
    matchers: Annotated[list[MatcherText], Field(min_length=1)]
    why: str = ""


class WindowForm(SpanForm):
    """A maintenance window; systems, flows and vendors, and clients, say what it is about."""

    title: Text
    party: Annotated[Party, one_of(Party)] = Party.US
    systems: list[Identity] = Field(default_factory=list)
    flows: list[Identity] = Field(default_factory=list)
    clients: list[Identity] = Field(default_factory=list)
    mutes: Annotated[Telling, one_of(Telling)] = Telling.BOTH
    excluded: bool = True


class BoundedForm(SpanForm):
    """From when to when something is so, with an end that is written."""

    @model_validator(mode="after")
    def _some_end(self) -> Self:
        if self.until is None and self.lasts is None:
            raise ValueError("has no end; write until or for")
        return self


class OverrideForm(BoundedForm):
    """Somebody is on call instead of another, or of everybody; it is posted at the story's start, or later."""

    schedule: Identity
    by: Identity
    person: Identity | None = None
    instead_of: Identity | None = None
    why: str = ""
    posted: Text | None = None


class TurnForm(BoundedForm):
    """One of the two turns of a swap."""

    person: Identity


class SwapForm(Form):
    """Two turns, each of which is taken by the person of the other."""

    schedule: Identity
    by: Identity
    turns: list[TurnForm]
    why: str = ""
    posted: Text | None = None

    @model_validator(mode="after")
    def _of_two(self) -> Self:
        if len(self.turns) != 2:  # noqa: PLR2004 - a swap is of two
            raise ValueError("must have two turns; each is taken by the person of the other")
        return self


class ReportForm(SpanForm):
    """An alert that Prometheus, or another sender, reports to us."""

    labels: Annotated[dict[str, str], Field(min_length=1)]
    annotations: dict[str, str] = Field(default_factory=dict)
    every: Duration = timedelta(minutes=1)


class StoryForm(SpanForm):
    """A story."""

    title: Text
    zone: Zone = "UTC"
    start: Annotated[Text, Field(alias="from")]
    traffic: list[TrafficForm] = Field(default_factory=list)
    failing: list[TroubleForm] = Field(default_factory=list)
    slow: list[SlownessForm] = Field(default_factory=list)
    stopped: list[StopForm] = Field(default_factory=list)
    missed: list[MissedForm] = Field(default_factory=list)
    people: dict[Identity, HabitForm] = Field(default_factory=dict)
    acts: list[ActForm] = Field(default_factory=list)
    reported: list[ReportForm] = Field(default_factory=list)
    silences: list[SilenceForm] = Field(default_factory=list)
    maintenance: list[WindowForm] = Field(default_factory=list)
    overrides: list[OverrideForm] = Field(default_factory=list)
    swaps: list[SwapForm] = Field(default_factory=list)
