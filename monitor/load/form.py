"""What every form has in common: reading a tree with a pydantic model, and saying in words what does not fit.

A form is the shape of one part of the configuration as it is written; pydantic stays within this package. The forms
themselves lie beside this file, one file per room.
"""

import difflib
from collections.abc import Iterable
from typing import TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from monitor.load.fields import FOLDER
from monitor.load.node import Loc, Node, plain
from monitor.problem import Problem


class Form(BaseModel):
    """The shape of one part. Nothing is converted silently and no unknown key is passed over."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


F = TypeVar("F", bound=Form)

WORDS = {
    "missing": "is missing; add it",
    "string_type": "must be text; put it in quotes",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "model_type": "must be a mapping of keys to values",
    "model_attributes_type": "must be a mapping of keys to values",
    "dict_type": "must be a mapping of keys to values",
    "list_type": "must be a list",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "must have at most {max_length} characters",
}


def filled(form: type[F], node: Node) -> tuple[F | None, tuple[Problem, ...]]:
    """Return the form filled with what a node holds, or None and everything that does not fit it."""
    try:
        folder = node.file if node.file.is_dir() else node.file.parent
        return form.model_validate(plain(node), context={FOLDER: folder.absolute()}), ()
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return None, tuple(node.problem(_wording(detail, form), _loc(detail)) for detail in details)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return what to say after "is not known": the nearest name, or else all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"known are: {', '.join(names)}" if names else "none is defined"


def _loc(detail: ErrorDetails) -> Loc:
    # pydantic adds such marks where a key of a mapping does not fit, and for the way of writing a value that was taken.
    return tuple(step for step in detail["loc"] if not str(step).startswith("["))


def _wording(detail: ErrorDetails, form: type[Form]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind == "extra_forbidden":
        return f"is not known here; {suggestion(str(detail['loc'][-1]), _keys(form, detail['loc']))}"
    return WORDS[kind].format_map(context) if kind in WORDS else f"does not fit ({kind}); see the example"


def _keys(form: type[Form], loc: Loc) -> tuple[str, ...]:
    """Return the keys that are known where an unknown one stands."""
    inner: type[Form] | None = form
    for step in loc[:-1]:
        fields = {info.alias or name: info for name, info in inner.model_fields.items()} if inner is not None else {}
        # A step that is no field is a list's index or a key that the configuration chooses: the form stays the same.
        inner = _form_in(fields[step].annotation) if step in fields else inner
    return tuple(info.alias or name for name, info in inner.model_fields.items()) if inner is not None else ()


def _form_in(annotation: object) -> type[Form] | None:
    if isinstance(annotation, type) and issubclass(annotation, Form):
        return annotation
    return next((form for part in get_args(annotation) if (form := _form_in(part))), None)
