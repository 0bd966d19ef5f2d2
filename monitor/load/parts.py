"""Reads every part of the configuration with its form, each by itself, so that one mistake hides no other."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field

from alerts.draft import RECURRENCE
from monitor.load.calendar_form import CalendarForm
from monitor.load.connector import Connectors
from monitor.load.contact_form import JurisdictionForm
from monitor.load.delivery_form import DeliveryForm
from monitor.load.dunning_form import DunningForm
from monitor.load.escalation_form import EscalationForm
from monitor.load.fields import Duration
from monitor.load.flows_form import FlowForm
from monitor.load.form import Form, filled
from monitor.load.heartbeats_form import HeartbeatForm
from monitor.load.intake_form import IntakeForm
from monitor.load.maintenance_form import WindowForm
from monitor.load.node import Node
from monitor.load.notices_form import CommunicationsForm
from monitor.load.people_form import PersonForm, Target, person_target
from monitor.load.schedule_form import ScheduleForm
from monitor.load.sections import Sections
from monitor.load.status_form import StatusPagesForm
from monitor.load.systems_form import SystemForm
from monitor.load.telling_form import CanariesForm, MailForm
from monitor.load.tiers_form import ClientForm, TierForm
from monitor.load.wording_form import PhrasesForm, TemplateForm
from monitor.problem import Problem
from probes.connector import Connector

F = TypeVar("F", bound=Form)


class SettingsForm(Form):
    """What is allowed to the whole configuration. Process settings are not here."""

    allow_private_destinations: bool = False
    false_pages_per_week: Annotated[float, Field(gt=0, le=1000)] = 1.0
    recurrence: Duration = RECURRENCE


class SingleForm(Form):
    """The keys of a configuration that have one value."""

    catch_all: Annotated[Target, BeforeValidator(person_target)]
    settings: SettingsForm = SettingsForm()
    intake: IntakeForm = IntakeForm()
    dunning: DunningForm = DunningForm()
    status_pages: StatusPagesForm = StatusPagesForm()
    communications: CommunicationsForm = CommunicationsForm()
    mail: MailForm = MailForm()
    canaries: CanariesForm = CanariesForm()
    delivery: DeliveryForm = DeliveryForm()


@dataclass(slots=True)
class Parts:
    """The parts whose form is right, by their names, and every problem of those whose form is not."""

    tiers: dict[str, TierForm]
    clients: dict[str, ClientForm]
    systems: dict[str, SystemForm]
    flows: dict[str, FlowForm]
    people: dict[str, PersonForm]
    schedules: dict[str, ScheduleForm]
    escalations: dict[str, EscalationForm]
    heartbeats: dict[str, HeartbeatForm]
    maintenance: dict[str, WindowForm] = field(default_factory=dict)
    calendars: dict[str, CalendarForm] = field(default_factory=dict)
    jurisdictions: dict[str, JurisdictionForm] = field(default_factory=dict)
    templates: dict[str, TemplateForm] = field(default_factory=dict)
    phrases: dict[str, PhrasesForm] = field(default_factory=dict)
    connectors: dict[str, Connector] = field(default_factory=dict)
    single: SingleForm | None = None


def read_parts(sections: Sections) -> tuple[Parts, tuple[Problem, ...]]:
    """Return the parts of all sections, and what does not fit its form."""
    problems: list[Problem] = []
    parts = Parts(
        tiers=_read(sections, "tiers", TierForm, problems),
        clients=_read(sections, "clients", ClientForm, problems),
        systems=_read(sections, "systems", SystemForm, problems),
        flows=_read(sections, "flows", FlowForm, problems),
        people=_read(sections, "people", PersonForm, problems),
        schedules=_read(sections, "schedules", ScheduleForm, problems),
        escalations=_read_escalations(sections, problems),
        heartbeats=_read(sections, "heartbeats", HeartbeatForm, problems),
        calendars=_read(sections, "calendars", CalendarForm, problems),
        maintenance=_read(sections, "maintenance", WindowForm, problems),
        jurisdictions=_read(sections, "jurisdictions", JurisdictionForm, problems),
        templates=_read(sections, "templates", TemplateForm, problems),
        phrases=_read(sections, "phrases", PhrasesForm, problems),
    )
    connectors = Connectors()
    for name, node in sections.parts["systems"].items():
        connector, found = connectors.read(node)
        problems.extend(found)
        if connector is not None:
            parts.connectors[name] = connector
    if sections.sources and (sections.whole or "catch_all" in sections.single):
        parts.single, found = filled(SingleForm, Node(dict(sections.single), sections.root, 0))
        problems.extend(found)
    return parts, tuple(problems)


def _read(sections: Sections, section: str, form: type[F], problems: list[Problem]) -> dict[str, F]:
    return _filled(form, sections.parts[section].items(), problems)


def _read_escalations(sections: Sections, problems: list[Problem]) -> dict[str, EscalationForm]:
    # A policy may be written as the list of its steps; its form is a mapping that has them.
    nodes = sections.parts["escalations"].items()
    wrapped = (
        (name, node if isinstance(node.value, dict) else Node({"steps": node}, node.file, node.line, node.path))
        for name, node in nodes
    )
    return _filled(EscalationForm, wrapped, problems)


def _filled(form: type[F], nodes: Iterable[tuple[str, Node]], problems: list[Problem]) -> dict[str, F]:
    read: dict[str, F] = {}
    for name, node in nodes:
        part, found = filled(form, node)
        problems.extend(found)
        if part is not None:
            read[name] = part
    return read
