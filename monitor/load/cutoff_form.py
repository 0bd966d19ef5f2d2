"""The shape of a cut-off as it is written in YAML, and its value.

Whether the names in it are defined is for `references`.
"""

from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from monitor.load.fields import Duration, Identity, Zone
from monitor.load.form import Form
from monitor.load.heartbeats_form import expression
from probes.catalog import Cutoff, FlowId, TierId


class CutoffForm(Form):
    """An instant by which records must be there, again and again."""

    cron: Annotated[str, BeforeValidator(expression)]
    timezone: Zone | None = None
    flow: Identity | None = None
    raise_within: Duration | None = None
    raise_to: Identity | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.raise_within is None) != (self.raise_to is None):
            raise ValueError("raises by half; write both, like raise_within: 1h and raise_to: platinum, or neither")
        return self

    def cutoff(self, name: str) -> Cutoff:
        """Return the value; without a zone, the client's own counts."""
        return Cutoff(
            name=name,
            expression=self.cron,
            zone=self.timezone,
            flow=None if self.flow is None else FlowId(self.flow),
            raise_within=self.raise_within,
            raise_to=None if self.raise_to is None else TierId(self.raise_to),
        )
