"""The shape of a tier's limits on failures as it is written in YAML, and its values.

Which list tells of which way of failing is in the connectors.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from monitor.load.fields import Duration, Fraction
from monitor.load.form import Form
from probes.connector import FailureKind
from probes.failing import LIMITED
from probes.limit import FailureLimit


class FailureLimitForm(Form):
    """How many records may fail in one way within a time, and which share of them is not to be reached."""

    over: Duration
    at_most: Annotated[int, Field(ge=0)] | None = None
    below: Fraction | None = None

    @model_validator(mode="after")
    def _limits(self) -> Self:
        if self.at_most is None and self.below is None:
            raise ValueError("limits nothing; add at_most (a number like 5), below (a share like 2%), or both")
        return self


class FailuresForm(Form):
    """The limits on failures, each way of failing by itself."""

    payments_failed: FailureLimitForm | None = None
    hard_declines: FailureLimitForm | None = None
    retries_exhausted: FailureLimitForm | None = None
    dunning_failed: FailureLimitForm | None = None
    webhooks_failed: FailureLimitForm | None = None
    records_rejected: FailureLimitForm | None = None
    mandates_failed: FailureLimitForm | None = None
    payouts_failed: FailureLimitForm | None = None
    disputes: FailureLimitForm | None = None

    def limits(self) -> dict[FailureKind, FailureLimit]:
        """Return the limits that are written."""
        written: dict[str, FailureLimitForm | None] = dict(self)
        found = {kind: written[name] for kind, name in LIMITED.items()}
        return {kind: FailureLimit(**dict(form)) for kind, form in found.items() if form is not None}
