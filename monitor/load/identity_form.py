"""How a system's `identity` is written in YAML: rules of normalisation, a file of clients, a field of its records.

The file itself is read by `roll`; whose an identifier is, and what is claimed twice, is for `claims`.
"""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema

from monitor.load.fields import FOLDER, Dotted, Text
from monitor.load.fields import Identity as Name
from monitor.load.form import Form
from probes.connector import Connector, Resource
from probes.identity import WITH_TEXT, Identity, Rule, RuleKind
from probes.status import Status

LONGEST_NAME = 500
ALONE = tuple(kind for kind in RuleKind if kind not in WITH_TEXT)
_RULES: dict[str, Any] = {
    "type": "array",
    "items": {
        "anyOf": [
            {"enum": [str(kind) for kind in ALONE]},
            {
                "type": "object",
                "maxProperties": 1,
                "minProperties": 1,
                "additionalProperties": False,
                "properties": {kind.value: {"type": "string", "minLength": 1} for kind in sorted(WITH_TEXT)},
            },
        ]
    },
}


def _rule(value: object) -> Rule:
    message = f"must be one of {', '.join(ALONE)}, or {', '.join(f'{{{kind}: TEXT}}' for kind in sorted(WITH_TEXT))}"
    if isinstance(value, str) and value in set(ALONE):
        return Rule(kind=RuleKind(value))
    if isinstance(value, dict) and len(value) == 1:
        ((kind, text),) = value.items()
        if kind in set(WITH_TEXT) and isinstance(text, str) and text:
            return Rule(kind=RuleKind(kind), text=text)
    raise ValueError(message)


def _file(value: object, info: ValidationInfo) -> Path:
    """Return a file's path; a relative one is seen from the file that names it."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("must be the path of a CSV file; write it like ./clients-in-erp.csv")
    folder = (info.context or {}).get(FOLDER)
    return Path(folder) / value if folder else Path(value)


def _names(value: object) -> tuple[str, ...]:
    written = value if isinstance(value, list) else [value]
    names = tuple(name for name in written if isinstance(name, str))
    if len(names) < len(written):
        raise ValueError("must be text; put it in quotes")
    if not names or not all(0 < len(name) <= LONGEST_NAME for name in names):
        raise ValueError(f"must not be empty and have at most {LONGEST_NAME} characters")
    return names


Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_names),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
"""One identifier, or a list of them."""


class ColumnsForm(Form):
    """What the columns of a file of clients are called."""

    identifier: Text = "identifier"
    client: Text = "client"


class StatusForm(Form):
    """Where a system says how a client stands, and what its words mean in ours."""

    resource: Name
    field: Dotted
    words: Annotated[dict[Text, Text], Field(min_length=1)]

    def status(self) -> Status:
        """Return the status."""
        return Status(resource=self.resource, field=self.field, words=dict(self.words))


class IdentityForm(Form):
    """How a system's records say whom they are about."""

    normalise: Annotated[list[Annotated[Rule, BeforeValidator(_rule)]], WithJsonSchema(_RULES)] = Field(
        default_factory=list
    )
    file: Annotated[Path, BeforeValidator(_file), WithJsonSchema({"type": "string"})] | None = None
    columns: ColumnsForm = ColumnsForm()
    field: Dotted | None = None
    status: StatusForm | None = None

    def identity(self) -> Identity:
        """Return the identity."""
        status = self.status.status() if self.status else None
        return Identity(rules=tuple(self.normalise), field=self.field or "", status=status)

    def led(self, connector: Connector) -> Connector:
        """Return a connector whose lists look first at the field that holds our own client id."""
        if self.field is None:
            return connector
        resources = {name: _led(resource, self.field) for name, resource in connector.resources.items()}
        return replace(connector, resources=resources)


def _led(resource: Resource, field: str) -> Resource:
    return replace(resource, client_paths=(field, *resource.client_paths))
