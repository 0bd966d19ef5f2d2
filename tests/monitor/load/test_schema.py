"""The JSON Schemas for editors: everything that ships fits them, and what is misspelt does not."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from monitor.example import write_example
from monitor.load.document import read_document, read_text
from monitor.load.node import plain
from monitor.load.schema import Subject, json_schema
from monitor.load.sections import KEYS
from tests.connectors.contract import SHIPPED

Schema = Mapping[str, Any]
CONFIGURATION, CONNECTOR, STORY, RULE = (json_schema(subject) for subject in Subject)
DEFINITIONS = Path("probes/connectors")
KINDS: Mapping[str, Any] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def misfits(schema: Schema, value: Any, root: Schema, where: str = "") -> Iterator[str]:  # noqa: ANN401 - JSON
    """What does not fit, by as much of JSON Schema as ours use."""
    if "$ref" in schema:
        schema = {**root["$defs"][schema["$ref"].rpartition("/")[2]], **schema}
    known = schema.get("type")
    kinds = known if isinstance(known, list) else [known] if known else []
    if kinds and not any(KINDS[kind](value) for kind in kinds):
        yield f"{where}: no {known}"
    elif "anyOf" in schema and all(list(misfits(one, value, root, where)) for one in schema["anyOf"]):
        yield f"{where}: fits none"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{where}: not one of {schema['enum']}"
    elif isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        yield f"{where}: not written so"
    elif isinstance(value, dict):
        yield from _members(schema, value, root, where)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from misfits(schema.get("items", {}), one, root, f"{where}[{index}]")


def _members(schema: Schema, value: Mapping[str, Any], root: Schema, where: str) -> Iterator[str]:
    properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    yield from (f"{where}.{name}: missing" for name in schema.get("required", ()) if name not in value)
    for name, one in value.items():
        inner = properties.get(name) or next((s for p, s in patterns.items() if re.search(p, name)), None)
        more = schema.get("additionalProperties", True)
        if inner is None and more is False:
            yield f"{where}.{name}: not known"
        else:
            yield from misfits(inner or (more if isinstance(more, dict) else {}), one, root, f"{where}.{name}")


def content(file: Path) -> Any:  # noqa: ANN401 - YAML may be anything
    root = read_document(file).root
    assert root is not None
    return plain(root)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_definition_that_ships_fits(repository: Path, name: str) -> None:
    assert list(misfits(CONNECTOR, content(repository / DEFINITIONS / f"{name}.yaml"), CONNECTOR)) == []


def test_the_whole_example_fits(tmp_path: Path) -> None:
    for file in (file for file in write_example(tmp_path) if file.suffix == ".yaml"):
        schema = {"connectors": CONNECTOR, "rules": RULE}.get(file.parent.name, CONFIGURATION)
        assert list(misfits(schema, content(file), schema)) == [], file.name


@pytest.mark.parametrize(
    ("definition", "misfit"),
    [
        ({"resource": {}}, ".resource: not known"),
        ({"auth": {"kind": "oauth"}}, ".auth.kind: not one of"),
        ({"resources": {"a": {"paths": "/a"}}}, ".resources.a.paths: not known"),
        ({"resources": {"a": {"path": "invoices"}}}, ".resources.a.path: not written so"),
        ({"resources": {"a": {"path": "/a", "since": {"overlap": 300}}}}, ".resources.a.since: fits none"),
        ({"limits": ["10/s"]}, ".limits[0]: no object"),
    ],
)
def test_what_is_misspelt_in_a_definition_does_not_fit(definition: Schema, misfit: str) -> None:
    (found,) = misfits(CONNECTOR, definition, CONNECTOR)
    assert found.startswith(misfit)


@pytest.mark.parametrize(
    ("written", "misfit"),
    [
        ({"tires": {}}, ".tires: not known"),
        ({"systems": {"a": {"connector": 1}}}, ".systems: fits none"),
        ({"people": [{"id": "ana", "channels": ["mailto://hunter2"]}]}, ".people: fits none"),
    ],
)
def test_what_is_misspelt_in_a_configuration_does_not_fit(written: Schema, misfit: str) -> None:
    (found,) = misfits(CONFIGURATION, written, CONFIGURATION)
    assert found.startswith(misfit)


@pytest.mark.parametrize("file", sorted(Path("tests/rules").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_rule_test_and_its_story_fit(repository: Path, file: Path) -> None:
    rule = content(repository / file)
    assert list(misfits(RULE, rule, RULE)) == []
    assert list(misfits(STORY, rule["story"], STORY)) == []


def test_what_the_page_on_replay_shows_fits(repository: Path) -> None:
    page = repository / "docs" / "replay.md"
    story, rule = re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    for schema, text in ((STORY, story), (RULE, rule)):
        document = read_text(page, text)
        assert (document.problems, document.root is None) == ((), False)
        assert document.root is not None
        assert list(misfits(schema, plain(document.root), schema)) == []


def test_every_section_of_a_configuration_is_described() -> None:
    assert set(CONFIGURATION["properties"]) == set(KEYS)


def test_durations_are_shown_as_they_are_written() -> None:
    since = CONNECTOR["$defs"]["SinceForm"]["properties"]
    assert since["overlap"]["default"] == "5m"
    assert since["overlap"]["pattern"].startswith("^(")
