"""The shapes of predicates as they are written in YAML, and of what is recognised by several of them.

Where they may stand is for `resource_form` and `connector_form`.
"""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from monitor.load.fields import Dotted, one_of
from monitor.load.form import Form
from probes.connector import FailedWhen, FailureKind, Op, Predicate, Refusal, RefusalKind, TimeFormat

SCALARS = ["string", "number", "boolean"]


def _predicate_value(value: object) -> object:
    parts = value if isinstance(value, list) else [value]
    if not all(part is None or isinstance(part, str | int | float) for part in parts):
        raise ValueError("must be one text, number or truth value, or a list of them")
    return tuple(parts) if isinstance(value, list) else value


PredicateValue = Annotated[
    Any,
    BeforeValidator(_predicate_value),
    WithJsonSchema({"anyOf": [{"type": SCALARS}, {"type": "array", "items": {"type": SCALARS}}]}),
]
Status = Annotated[int, Field(ge=400, le=599)]


class PredicateForm(Form):
    """One condition on a JSON value."""

    path: Dotted
    op: Annotated[Op, one_of(Op)]
    value: PredicateValue = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        number = type(self.value) in {int, float}
        wants = {
            Op.IN: (isinstance(self.value, tuple) and bool(self.value), "takes a list of values"),
            Op.GT: (number, "takes a number"),
            Op.LT: (number, "takes a number"),
            Op.CONTAINS: (isinstance(self.value, str) and bool(self.value), "takes a text"),
            Op.LT_NOW: (self.value in set(TimeFormat), f"takes the form of the time, one of {', '.join(TimeFormat)}"),
            Op.EXISTS: (self.value is None, "takes no value; take it away"),
            Op.NULL: (self.value is None, "takes no value; take it away"),
        }
        scalar = (self.value is not None and not isinstance(self.value, tuple), "takes one text, number or truth value")
        fits, sentence = wants.get(self.op, scalar)
        if not fits:
            raise ValueError(f"{self.op} {sentence}")
        return self

    def predicate(self) -> Predicate:
        """Return the predicate."""
        return Predicate(path=self.path, op=self.op, value=self.value)


def predicates(forms: list[PredicateForm]) -> tuple[Predicate, ...]:
    """Return the predicates of several forms."""
    return tuple(form.predicate() for form in forms)


class FailedWhenForm(Form):
    """One way in which a record can have failed."""

    kind: Annotated[FailureKind, one_of(FailureKind)]
    when: Annotated[list[PredicateForm], Field(min_length=1)]
    code_path: Dotted | None = None

    def failed_when(self) -> FailedWhen:
        """Return the way."""
        return FailedWhen(kind=self.kind, when=predicates(self.when), code_path=self.code_path or "")


class RefusalForm(Form):
    """How a refused credential is recognised."""

    kind: Annotated[RefusalKind, one_of(RefusalKind)]
    statuses: Annotated[list[Status], Field(min_length=1)]
    when: list[PredicateForm] = Field(default_factory=list)

    def refusal(self) -> Refusal:
        """Return the refusal."""
        return Refusal(kind=self.kind, statuses=tuple(self.statuses), when=predicates(self.when))
