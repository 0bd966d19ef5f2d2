"""What the metrics say of a day at the sandbox: nothing that nobody could know, and nothing too late to see it rise."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.sandbox.faults import Fault
from tests.stories.day import Day, a_day


def total(day: Day, name: str, **labels: str) -> float:
    """Return the sum of a metric's samples that have these labels; AssertionError where there is none."""
    families = text_string_to_metric_families(day.application.metrics().decode())
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    found = [sample.value for sample in samples if labels.items() <= sample.labels.items()]
    assert found, f"no {name} with {labels}"
    return sum(found)


async def test_what_can_be_counted_begins_at_0_before_anything_happens(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        assert total(day, "tierwatch_probe_runs_total", probe="erp.invoices", outcome="bad") == 0
        assert total(day, "tierwatch_throttled_total", system="billing") == 0
        assert total(day, "tierwatch_sync_records_bad_total", client="kitano-rail") == 0
        assert total(day, "tierwatch_records_bad_total", client="kitano-rail", system="gateway") == 0
        assert total(day, "tierwatch_incident_repair_seconds_count", tier="platinum") == 0
        assert total(day, "tierwatch_deliveries_total", kind="page", state="unknown") == 0
        assert total(day, "tierwatch_alerts", kind="availability", state="firing") == 0
        assert total(day, "tierwatch_quota_remaining", system="billing") == 5


async def test_no_series_begins_for_a_promise_that_was_not_made(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        exposition = day.application.metrics().decode()
        assert 'tierwatch_records_bad_total{client="kitano-rail",system="erp"' not in exposition


async def test_records_that_were_there_before_us_have_no_latency(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(seconds=40)
        counted = total(day, "tierwatch_sync_latency_seconds_count")
        assert 50 < counted < 24 * 40 / 5
        assert total(day, "tierwatch_sync_latency_seconds_bucket", le="10.0") == counted


@pytest.mark.story
async def test_a_metric_tells_of_an_incident_only_once(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(seconds=20)
        day.breaks(Fault.ERP_STOPPED)
        await day.advance(minutes=2)
        (incident,) = day.incidents
        await day.application.acknowledge(incident.id, "madrid-1")
        await day.advance(seconds=5)
        await day.application.acknowledge(incident.id, "madrid-2")
        hurt = len(day.application.situation.incidents[incident.id].impacts)
        assert total(day, "tierwatch_incidents_total") == 1
        assert total(day, "tierwatch_incident_acknowledge_seconds_count") == 1
        assert total(day, "tierwatch_incident_detect_seconds_count") == hurt
        assert total(day, "tierwatch_incident_repair_seconds_count") == 0
        assert total(day, "tierwatch_incidents_open", tier="platinum") == 1
        day.mends(Fault.ERP_STOPPED)
        await day.advance(minutes=4)
        assert total(day, "tierwatch_incident_repair_seconds_count") == hurt
        assert total(day, "tierwatch_incidents_open") == 0
