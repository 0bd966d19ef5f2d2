"""Histograms of how long the parts of incidents took: by tier and cause, with edges at every promise."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from prometheus_client import CollectorRegistry

from alerts.report import Phase
from alerts.timeline import Resolved
from monitor.changes import Changes, Entry
from monitor.situation import Situation
from monitor.telemetry.promises import Promises
from tests.alerts.test_month import CATALOG, incident

NOW = datetime(2026, 3, 5, tzinfo=UTC)


@pytest.mark.answers("prometheus/alertmanager#3999")
def test_what_took_hours_is_told_apart_and_what_met_a_promise_is_an_exact_count() -> None:
    kept, broken = incident(1, timedelta(), timedelta(minutes=60)), incident(2, timedelta(), timedelta(hours=11))
    known = {one.id: one for one in (kept, broken)}
    situation = SimpleNamespace(config=SimpleNamespace(catalog=CATALOG), incidents=known)
    registry = CollectorRegistry()
    promises = Promises(registry, lambda: cast("Situation", situation), lambda: NOW)
    ends = [Entry(incident=one, sequence=9, event=Resolved(at=NOW, why="drained")) for one in known]
    promises.heard(Changes(entries=tuple(ends)))

    def up_to(seconds: float) -> float | None:
        labels = {"tier": "platinum", "cause": "availability", "phase": Phase.REPAIR, "le": str(seconds)}
        return registry.get_sample_value("tierwatch_incident_phase_seconds_bucket", labels)

    assert (up_to(1800.0), up_to(3600.0), up_to(28800.0), up_to(86400.0)) == (0, 1, 1, 2)
    place = {"client": "acme", "tier": "platinum"}
    assert registry.get_sample_value("tierwatch_month_breach_seconds", place) == 10 * 3600
    assert registry.get_sample_value("tierwatch_month_breach_budget_seconds", place) == 3600
    assert registry.get_sample_value("tierwatch_month_credit_ratio", place) == 0.25
