"""JSON Schemas of all that is written in YAML, made from the forms that read it, for editors.

A schema knows the shape; that names are defined, and that parts fit together, only `tierwatch check` knows.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from monitor.load.calendar_form import CalendarForm
from monitor.load.connector_form import ConnectorForm
from monitor.load.contact_form import JurisdictionForm
from monitor.load.delivery_form import DeliveryForm
from monitor.load.dunning_form import DunningForm
from monitor.load.escalation_form import EscalationForm, StepForm
from monitor.load.fields import Identity
from monitor.load.flows_form import FlowForm
from monitor.load.form import Form
from monitor.load.heartbeats_form import HeartbeatForm
from monitor.load.intake_form import IntakeForm
from monitor.load.maintenance_form import WindowForm
from monitor.load.notices_form import CommunicationsForm
from monitor.load.parts import SettingsForm
from monitor.load.people_form import PersonForm, Target, person_target
from monitor.load.schedule_form import ScheduleForm
from monitor.load.status_form import StatusPagesForm
from monitor.load.systems_form import SystemForm
from monitor.load.telling_form import CanariesForm, MailForm
from monitor.load.tiers_form import ClientForm, TierForm
from monitor.load.wording_form import PhrasesForm, TemplateForm
from monitor.replay.form import StoryForm
from monitor.replay.rules_form import RuleForm
from monitor.units import spelled

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SECTIONS: Mapping[str, Any] = {
    "tiers": dict[Identity, TierForm],
    "systems": dict[Identity, SystemForm],
    "flows": dict[Identity, FlowForm],
    "schedules": dict[Identity, ScheduleForm],
    "escalations": dict[Identity, list[StepForm] | EscalationForm],
    "heartbeats": dict[Identity, HeartbeatForm],
    "calendars": dict[Identity, CalendarForm],
    "maintenance": dict[Identity, WindowForm],
    "jurisdictions": dict[Identity, JurisdictionForm],
    "templates": dict[Identity, TemplateForm],
    "phrases": dict[Identity, PhrasesForm],
    "clients": list[ClientForm],
    "people": list[PersonForm],
    "catch_all": Annotated[Target, BeforeValidator(person_target)],
    "settings": SettingsForm,
    "intake": IntakeForm,
    "dunning": DunningForm,
    "status_pages": StatusPagesForm,
    "communications": CommunicationsForm,
    "mail": MailForm,
    "canaries": CanariesForm,
    "delivery": DeliveryForm,
}
PAIRS = {"tuple", "call", "arguments"}


class Subject(StrEnum):
    """What there is a schema of."""

    CONFIGURATION = "configuration"
    CONNECTOR = "connector"
    STORY = "story"
    RULE = "rule"


FORMS: Mapping[Subject, type[BaseModel]] = {
    Subject.CONNECTOR: ConnectorForm,
    Subject.STORY: StoryForm,
    Subject.RULE: RuleForm,
}


class _Written(GenerateJsonSchema):
    """Describes what is written in YAML, not the values that are made of it."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        """What is read from text may be text, alone or in a list; what becomes a pair may be anything."""
        kind = schema["schema"]["type"]
        if kind in PAIRS:
            return {}
        inner = super().function_before_schema(schema)
        if kind == "list":
            return {**inner, "items": {"anyOf": [inner["items"], {"type": "string"}]}}
        exact = kind == "enum" or inner.get("type") in {"string", "object"}
        return inner if exact else {"anyOf": [inner, {"type": "string"}]}

    def encode_default(self, dft: Any) -> Any:  # noqa: ANN401 - pydantic's signature
        """A duration is written with its unit."""
        return spelled(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def json_schema(subject: Subject) -> Mapping[str, Any]:
    """Return the schema of a configuration's file, of a definition, of a story or of a rule test."""
    form = FORMS.get(subject) or _configuration()
    schema = form.model_json_schema(by_alias=True, schema_generator=_Written)
    return {"$schema": DIALECT, **schema, "title": f"Tierwatch {subject}"}


def _configuration() -> type[BaseModel]:
    """The shape of one file: every section may be in another file, or have all of its parts commented out."""
    sections: dict[str, Any] = {name: (form | None, None) for name, form in SECTIONS.items()}
    return create_model("Configuration", __base__=Form, **sections)
