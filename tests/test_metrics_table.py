"""The table of metrics in the documents and what a running application exposes are the same, word for word."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import codes
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from alerts.rota import Rota
from monitor.sandbox.faults import Fault
from probes.catalog import SystemId
from probes.certificate import Certificate
from probes.heartbeat import Signal
from probes.upkeep import Upkeep
from tests.stories.day import Day, a_day
from tests.stories.test_webhooks import post

ROW = re.compile(r"^\| `(tierwatch_\w+)` \| (\w+) \|(.*?) \| (.+) \|$", re.MULTILINE)

BILLING = SystemId("billing")


async def test_the_page_lists_every_metric_with_its_type_labels_and_meaning(repository: Path, tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=with_a_run) as day:
        await succeeds(day)
        await day.advance(seconds=20)
        exposed = rows(day)
    page = (repository / "docs" / "metrics.md").read_text("utf-8")
    written = [tuple(map(str.strip, found)) for found in ROW.findall(page)]
    wanted = "\n".join(f"| `{name}` | {kind} | {used} | {text} |" for name, kind, used, text in exposed)
    assert written == exposed, f"the table should be:\n{wanted}"


@pytest.mark.story
async def test_labels_are_the_same_in_good_times_and_in_bad(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=with_a_run) as day:
        await succeeds(day)
        await day.advance(seconds=20)
        good = rows(day)
        day.breaks(Fault.ERP_STOPPED)
        day.breaks(Fault.BILLING_THROTTLED)
        await day.advance(seconds=90)  # shorter than the window of what is asserted of the ERP's invoices
        assert rows(day) == good


def with_a_run(folder: Path) -> None:
    """Add a heartbeat to the written configuration, flows in runs and over hops, and when a credential ends."""
    systems = folder / "systems.yaml"
    systems.write_text(systems.read_text().replace("  gateway:\n", "  gateway:\n    credential_expires: 2027-03-01\n"))
    tiers = folder / "tiers.yaml"
    tiers.write_text(tiers.read_text().replace("    escalation:", "    breach_budget: 1h\n    escalation:", 1))
    (folder / "telling.yaml").write_text("canaries: {every: 1h}\n")
    (folder / "heartbeats.yaml").write_text("heartbeats: {export: {every: 1h, token: env:EXPORT}}\n")
    window = '{title: Patches, systems: [gateway], every: {from: "03:00", until: "03:30", days: [28]}}'
    (folder / "maintenance.yaml").write_text(f"maintenance: {{patches: {window}}}\n")
    ends = "source: billing.invoices, destination: erp.invoices, match: {id: external_id}"
    feed = "{url: env:ROTA, people: {ana: madrid-1}}"
    (folder / "rota.yaml").write_text(f"schedules: {{told: {{rotations: [], from_calendar: {feed}}}}}\n")
    window = 'mode: batch, batch: {begins: "01:00", finished_by: "06:00"}'
    hops = "[{to: erp.invoices, match: {id: external_id}}, {to: gateway.payments, match: {id: metadata.invoice}}]"
    way = f"source: billing.invoices, hops: {hops}"
    (folder / "nightly.yaml").write_text(f"flows: {{nightly: {{{ends}, {window}}}, way: {{{way}}}}}\n")


async def succeeds(day: Day) -> None:
    """Let the run tell of its success, and the billing post a webhook."""
    application = day.application
    (export,) = application.situation.config.heartbeats.values()
    ends = day.clock.now() + timedelta(days=60)
    shown = Certificate(leaf=ends, earliest=ends, life=timedelta(days=90))
    application.situation.upkeep[BILLING] = Upkeep(system=BILLING, certificate=shown)
    application.situation.rotas["told"] = Rota(schedule="told", read=day.clock.now(), tried=day.clock.now())
    await application.heard(export, Signal.SUCCESS)
    assert await post(day, day.clock.now()) == codes.ACCEPTED


def rows(day: Day) -> list[tuple[str, str, str, str]]:
    """Return what is exposed as rows of the table, sorted by name."""
    exposed = text_string_to_metric_families(day.application.metrics().decode())
    families = (one for one in exposed if not one.name.startswith("alertmanager_"))
    return sorted((*name_and_type(one), ", ".join(labels(one)), one.documentation) for one in families)


def name_and_type(family: Metric) -> tuple[str, str]:
    """Return the name as it stands in a query, which for a counter the parser has shortened, and the type."""
    return (f"{family.name}_total" if family.type == "counter" else family.name), family.type


def labels(family: Metric) -> Iterator[str]:
    """Yield the labels of a family, sorted; the edges of a histogram's buckets are its own business."""
    assert family.samples, f"{family.name} says nothing"
    return iter(sorted({label for sample in family.samples for label in sample.labels} - {"le"}))
