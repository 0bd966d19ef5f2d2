"""The shape of how alerts of others are taken in, as it is written in YAML, and its value."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from alerts.intake import QUIET, Intake, OnTimeout, Role
from monitor.load.fields import Duration, Secret, one_of
from monitor.load.form import Form

LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def _label(value: object) -> str:
    if not isinstance(value, str) or not LABEL.fullmatch(value):
        raise ValueError("must be the name of a label: letters, digits and _, not a digit first")
    return value


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


LabelName = Annotated[str, BeforeValidator(_label)]
LabelNames = Annotated[list[LabelName], BeforeValidator(_listed)]
LabelValues = Annotated[list[str], BeforeValidator(_listed)]


def _quiet() -> dict[str, list[str]]:
    return {name: sorted(values) for name, values in QUIET.items()}


class LabelsForm(Form):
    """Which labels name a client, a system, a flow and a tier; of several the first that names one counts."""

    client: LabelNames = Field(default_factory=lambda: ["client"])
    system: LabelNames = Field(default_factory=lambda: ["system"])
    flow: LabelNames = Field(default_factory=lambda: ["flow"])
    tier: LabelNames = Field(default_factory=lambda: ["tier"])


class IntakeForm(Form):
    """How alerts of others are taken in."""

    labels: LabelsForm = LabelsForm()
    tickets: dict[LabelName, LabelValues] = Field(default_factory=_quiet)
    resolve_timeout: Duration = Intake().resolve_timeout
    on_timeout: Annotated[OnTimeout, one_of(OnTimeout)] = OnTimeout.RESOLVE
    open: bool | None = None
    token: Secret | None = None

    def intake(self) -> Intake:
        """Return what is written as a value."""
        return Intake(
            labels={role: tuple(getattr(self.labels, role)) for role in Role},
            tickets={name: frozenset(values) for name, values in self.tickets.items()},
            resolve_timeout=self.resolve_timeout,
            on_timeout=self.on_timeout,
            open=self.open,
            token=self.token,
        )
