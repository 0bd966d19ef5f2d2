"""Contract tests against the vendors' own documents: paths, parameters and fields of a definition exist there."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from probes.answer import Answer, Page, read
from probes.ask import first_ask
from probes.connector import Connector, Place, Resource
from tests.connectors.contract import written

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
Json = Mapping[str, Any]


def connector(name: str) -> Connector:
    return written(name).connector


def document(shared: Path, path: str) -> Any:  # noqa: ANN401 - JSON may be anything
    return json.loads((shared / "specs" / path).read_text(encoding="utf-8"))


def read_as(name: str, resource: str, body: object) -> Page:
    vendor = connector(name)
    known = vendor.resources[resource]
    answer = Answer(status=200, headers={}, body=json.dumps(body).encode(), answered=NOW)
    page = read(vendor, known, (), first_ask(vendor, known, NOW, NOW), answer)
    assert isinstance(page, Page), page
    return page


# GoCardless publishes whole answers.


@pytest.mark.parametrize("resource", ["events", "payments", "payouts", "mandates", "webhooks"])
def test_gocardless_own_answers_are_read_without_a_flaw(shared: Path, resource: str) -> None:
    listed = document(shared, f"gocardless/{resource}.json")["list"]["body"]
    page = read_as("gocardless", resource, listed)
    assert page.flaws == ()
    assert len(page.records) == len(listed[resource]) > 0


# Stripe publishes an example of each object.


def resolved(fixtures: Json, name: str, **more: Any) -> Json:  # noqa: ANN401 - JSON may be anything
    return {**fixtures["resources"][name], **more}


@pytest.mark.parametrize(
    ("resource", "example"),
    [
        ("invoices", "invoice"),
        ("charges", "charge"),
        ("customers", "customer"),
        ("events", "event"),
        ("undelivered", "event"),
    ],
)
def test_stripes_own_examples_are_read_without_a_flaw(shared: Path, resource: str, example: str) -> None:
    one = resolved(document(shared, "stripe/fixtures3.json"), example)
    page = read_as("stripe", resource, {"object": "list", "has_more": False, "data": [one]})
    assert page.flaws == ()
    assert [record.id for record in page.records] == [one["id"]]
    stripe = connector("stripe").resources[resource]
    for path in named(stripe):
        if not path.startswith(("metadata.", "data.object.")):
            assert path.split(".")[0] in one, path


# Recurly and PayPal publish OpenAPI documents.


def schema_at(spec: Json, schema: Json, path: str) -> Json | None:
    """What a schema says of a dotted path, None where it knows no such member."""
    for step in path.split(".") if path else ():
        schema = _open(spec, schema)
        if schema.get("type") == "array" or "items" in schema:
            schema = _open(spec, schema["items"])
        if step not in schema.get("properties", {}):
            return None
        schema = schema["properties"][step]
    return _open(spec, schema)


def _open(spec: Json, schema: Json) -> Json:
    """A schema with its references followed and its parts put together."""
    while "$ref" in schema:
        target: Json = spec
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        schema = target
    merged = dict(schema)
    for part in schema.get("allOf", ()):
        inner = _open(spec, part)
        merged = {**inner, **merged, "properties": {**inner.get("properties", {}), **merged.get("properties", {})}}
    return merged


def listed_by(spec: Json, path: str) -> tuple[set[str], Json]:
    """The query parameters of a list, and the schema of its answer."""
    operation = spec["paths"][path]["get"]
    parameters = {_open(spec, one)["name"] for one in operation.get("parameters", ())}
    (content,) = operation["responses"]["200"]["content"].values()
    return parameters, content["schema"]


def named(resource: Resource) -> Iterator[str]:
    """Every path of a record that a definition names."""
    yield resource.id_path
    yield from resource.key_paths
    yield from resource.client_paths
    yield resource.created_path
    yield from filter(None, (resource.updated_path,))
    if resource.amount:
        yield from filter(None, (resource.amount.path, resource.amount.currency_path))
    ways = [predicate for way in resource.failures for predicate in way.when]
    yield from (predicate.path for predicate in (*resource.failed, *resource.settled, *ways))
    yield from (way.code_path for way in resource.failures if way.code_path)


def parameters_of(resource: Resource) -> set[str]:
    """Every query parameter that a definition sends."""
    asked = set(resource.query)
    if resource.since is not None and resource.since.place is Place.QUERY:
        asked |= {resource.since.param, resource.since.until_param} - {""}
    return asked | ({resource.pagination.param} - {""})


SPECIFIED = [
    ("recurly", "recurly/openapi-trimmed.json", "transactions"),
    ("recurly", "recurly/openapi-trimmed.json", "invoices"),
    ("recurly", "recurly/openapi-trimmed.json", "accounts"),
    ("paypal", "paypal/reporting-v1-trimmed.json", "transactions"),
    ("paypal", "paypal/webhooks-v1-trimmed.json", "events"),
]


@pytest.mark.parametrize(("name", "file", "resource"), SPECIFIED)
def test_paths_parameters_and_fields_stand_in_the_vendors_specification(
    shared: Path, name: str, file: str, resource: str
) -> None:
    spec, known = document(shared, file), connector(name).resources[resource]
    parameters, answer = listed_by(spec, known.path)
    assert parameters_of(known) <= parameters
    record = schema_at(spec, answer, known.records_path)
    assert record is not None
    assert [path for path in named(known) if schema_at(spec, record, path) is None] == FREE.get((name, resource), [])
    if known.pagination.total_path:
        assert schema_at(spec, answer, known.pagination.total_path) is not None


@pytest.mark.parametrize(("name", "file", "resource"), SPECIFIED)
def test_states_that_predicates_name_stand_in_the_vendors_specification(
    shared: Path, name: str, file: str, resource: str
) -> None:
    spec, known = document(shared, file), connector(name).resources[resource]
    _, answer = listed_by(spec, known.path)
    record = schema_at(spec, answer, known.records_path)
    assert record is not None
    for predicate in (*known.settled, *(one for way in known.failures for one in way.when)):
        wanted = predicate.value if isinstance(predicate.value, tuple) else (predicate.value,)
        there = (schema_at(spec, record, predicate.path) or {}).get("enum")
        assert there is None or set(wanted) <= set(there), predicate.path


# What an event is about is left open by its specification.
FREE = {("paypal", "events"): ["resource.custom_id", "resource.invoice_id", "resource.id"]}


@pytest.mark.parametrize(("name", "file", "path"), [("recurly", "recurly/openapi-trimmed.json", "/sites")])
def test_who_we_are_is_asked_where_the_specification_has_it(shared: Path, name: str, file: str, path: str) -> None:
    vendor = connector(name)
    assert vendor.whoami == path
    parameters, _ = listed_by(document(shared, file), path)
    assert set(vendor.whoami_query) <= parameters


def test_paypals_longest_report_is_no_longer_than_its_specification_allows(shared: Path) -> None:
    text = (shared / "specs" / "paypal/reporting-v1-trimmed.json").read_text(encoding="utf-8")
    since = connector("paypal").resources["transactions"].since
    assert since is not None
    assert "31" in text
    assert since.max_window == timedelta(days=31)
    assert since.lag == timedelta(hours=3)
