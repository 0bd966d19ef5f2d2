"""Clients' status pages as they are written: what services are made of, and the names that lead nowhere."""

from pathlib import Path

import pytest

from alerts.services import provided_to, provided_to_all
from monitor.example import write_example
from monitor.load import load
from probes.catalog import ClientId
from tests.monitor.example.test_example import NOW

GOOD = "status_pages: {services: {invoices: {name: Invoices, flows: [invoices]}}}"


def errors(folder: Path, written: str) -> list[tuple[str, str]]:
    write_example(folder)
    (folder / "status-pages.yaml").write_text(f"# pages\n{written}\n", encoding="utf-8")
    return [(one.path, one.message) for one in load(folder, now=NOW, secrets=False).errors]


def test_the_example_gives_each_client_its_services_under_names_for_clients(tmp_path: Path) -> None:
    write_example(tmp_path)
    config = load(tmp_path, now=NOW, secrets=False).config
    assert config is not None
    assert config.pages.public is not None
    acme = config.catalog.clients[ClientId("acme")]
    named = {one.id: one.name for one in provided_to(acme, config.pages, config.catalog)}
    assert named["invoices"] == "Invoice synchronisation"
    assert named["integration"] == ""
    everybody = provided_to_all(config.pages.public, config.pages, config.catalog)
    assert [one.id for one in everybody] == ["invoices", "payments"]


@pytest.mark.parametrize(
    ("written", "path", "message"),
    [
        (GOOD.replace("[invoices]", "[invoice]"), "status_pages.services.invoices.flows[0]", "did you mean invoices?"),
        (GOOD.replace("flows: [invoices]", "systems: [x]"), "status_pages.services.invoices.systems[0]", "not defined"),
        (GOOD.replace(", flows: [invoices]", ""), "status_pages.services.invoices", "is made of nothing"),
        ("status_pages: {public: {name: We}}", "status_pages", "public page without services"),
        (f"{GOOD[:-1]}, public: {{name: We, services: [x]}}}}", "status_pages.public.services[0]", "not defined"),
        (f"{GOOD[:-1]}, public: {{name: We, clients: 1}}}}", "status_pages.public.clients", "at least 2"),
        (GOOD.replace("{invoices: {", "{integration: {"), "status_pages", "no name of its own"),
    ],
)
def test_what_cannot_be_a_page_is_told_with_its_place(tmp_path: Path, written: str, path: str, message: str) -> None:
    ((place, text),) = errors(tmp_path, written)
    assert (place, message in text) == (path, True), text
