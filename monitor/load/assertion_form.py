"""The shapes of what is asserted of data as they are written in YAML, and their values."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import model_validator

from monitor.load.fields import Dotted, Duration, Fraction, one_of
from monitor.load.form import Form
from probes.assertion import Assertion, AssertionKind, Totals


class AssertionForm(Form):
    """One assertion on the records of a list."""

    kind: Annotated[AssertionKind, one_of(AssertionKind)]
    field: Dotted | None = None
    at_most: Fraction | None = None
    over: Duration = timedelta(days=1)
    page: bool = False

    @model_validator(mode="after")
    def _names_its_field(self) -> Self:
        if (self.field is None) != (self.kind is AssertionKind.SAME):
            advice = "is about the whole record; take its field away"
            raise ValueError(advice if self.field else f"{self.kind} is about one field; add field")
        return self

    def assertion(self) -> Assertion:
        """Return the assertion; without at_most no record may break it."""
        return Assertion(
            kind=self.kind, field=self.field or "", at_most=self.at_most or 0.0, over=self.over, page=self.page
        )


class TotalsForm(Form):
    """That both ends of a flow add up to the same."""

    over: Duration = Totals().over
    settling: Duration = Totals().settling
    at_most: Fraction | None = None
    page: bool = False

    def totals(self) -> Totals:
        """Return the value; without at_most nothing may differ."""
        return Totals(over=self.over, settling=self.settling, at_most=self.at_most or 0.0, page=self.page)
