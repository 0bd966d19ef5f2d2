"""The example that `tierwatch init` writes is right, complete, and uses each of its own parts."""

from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from monitor.example import write_example
from monitor.load import load
from monitor.load.connector_form import ConnectorForm
from monitor.load.cutoff_form import CutoffForm
from monitor.load.document import read_document
from monitor.load.dunning_form import DunningForm
from monitor.load.escalation_form import EscalationForm, ForecastForm, StepForm, WithinForm
from monitor.load.flows_form import FlowForm
from monitor.load.form import Form
from monitor.load.heartbeats_form import HeartbeatForm
from monitor.load.intake_form import IntakeForm, LabelsForm
from monitor.load.node import Node, children
from monitor.load.notices_form import CommunicationsForm, NoticesForm
from monitor.load.parts import SettingsForm
from monitor.load.people_form import PersonForm
from monitor.load.schedule_form import ScheduleForm
from monitor.load.sections import KEYS
from monitor.load.status_form import StatusPagesForm
from monitor.load.systems_form import SystemForm
from monitor.load.telling_form import CanariesForm, MailForm
from monitor.load.tiers_form import ClientForm, TierForm
from monitor.load.wording_form import PhrasesForm, TemplateForm
from monitor.problem import ConfigError

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FORMS = (
    TierForm,
    ClientForm,
    SystemForm,
    FlowForm,
    CutoffForm,
    PersonForm,
    ScheduleForm,
    StepForm,
    EscalationForm,
    WithinForm,
    ForecastForm,
    SettingsForm,
    ConnectorForm,
    HeartbeatForm,
    IntakeForm,
    LabelsForm,
    DunningForm,
    StatusPagesForm,
    NoticesForm,
    CommunicationsForm,
    MailForm,
    CanariesForm,
    TemplateForm,
    PhrasesForm,
)


def keys_of(node: Node) -> set[str]:
    own = set(node.value) if isinstance(node.value, dict) else set()
    return own.union(*(keys_of(child) for child in children(node)))


def fields_of(form: type[Form]) -> set[str]:
    inner = (found for info in form.model_fields.values() for found in forms_in(info.annotation))
    return {info.alias or name for name, info in form.model_fields.items()}.union(*map(fields_of, inner))


def forms_in(annotation: object) -> list[type[Form]]:
    if isinstance(annotation, type) and issubclass(annotation, Form):
        return [annotation]
    return [form for part in get_args(annotation) for form in forms_in(part)]


def written(folder: Path) -> list[Path]:
    return [file for file in write_example(folder) if file.suffix == ".yaml"]


def test_the_example_loads_without_errors_and_with_no_finding_but_the_one_that_its_owner_accepts(
    tmp_path: Path,
) -> None:
    write_example(tmp_path / "new" / "folder")
    loaded = load(tmp_path / "new" / "folder", now=NOW, secrets=False)
    assert loaded.errors == ()
    assert [(problem.path, problem.grade) for problem in loaded.findings] == [("systems.accounting.every", "accepted")]
    assert loaded.config is not None


def test_without_its_secrets_the_example_starts_all_the_same(tmp_path: Path) -> None:
    write_example(tmp_path)
    loaded = load(tmp_path, now=NOW)
    assert loaded.config is not None
    severe = [problem for problem in loaded.findings if problem.grade == "severe"]
    assert len(severe) == len(loaded.config.secrets)
    assert {problem.grade for problem in loaded.findings} == {"severe", "accepted"}


def test_the_example_shows_every_key_that_there_is(tmp_path: Path) -> None:
    shown = set[str]()
    for file in written(tmp_path):
        root = read_document(file).root
        assert root is not None
        shown |= keys_of(root)
    known = set(KEYS).union(*(fields_of(form) for form in FORMS))
    assert known - shown == set()


def test_every_file_of_the_example_explains_itself(tmp_path: Path) -> None:
    for file in written(tmp_path):
        assert file.read_text(encoding="utf-8").startswith("# ")


def test_every_connector_of_the_example_is_used(tmp_path: Path) -> None:
    definitions = {file.stem for file in write_example(tmp_path) if file.parent.name == "connectors"}
    config = load(tmp_path, now=NOW, secrets=False).config
    assert config is not None
    used = {system.connector.name for system in config.catalog.systems.values()}
    assert used == definitions | {"stripe"}


def test_nothing_is_overwritten_and_nothing_is_written_beside_it(tmp_path: Path) -> None:
    (tmp_path / "people.yaml").write_text("mine")
    with pytest.raises(ConfigError, match=r"there already: \S*/people\.yaml; name a new directory"):
        write_example(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["people.yaml"]
    assert (tmp_path / "people.yaml").read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"file/folder cannot be written to \(Not a directory\)"):
        write_example(tmp_path / "file" / "folder")
