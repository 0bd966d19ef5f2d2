"""What keeps messages back is on the dashboards: maintenance in place of an outage, silences, ends that are owed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.debt import Debtor
from alerts.maintenance import Party, Scope, Window, WindowId
from monitor.situation import Situation
from monitor.telemetry.quiet import quiet_gauges
from probes.catalog import SystemId
from tests.monitor.web import town
from tests.monitor.web.office import with_incident

HOUR = timedelta(hours=1)


def values(situation: Situation) -> dict[tuple[str, ...], float]:
    """Return samples by their name and the values of their labels."""
    families = quiet_gauges(situation, town.NOW)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


@pytest.mark.answers("TwiN/gatus#1558")
def test_a_window_is_exposed_for_each_system_with_when_it_ends_and_when_the_next_begins() -> None:
    situation = with_incident().situation
    erp = Scope(systems=frozenset({SystemId("erp")}))
    on = Window(
        id=WindowId("on"),
        title="now",
        party=Party.VENDOR,
        scope=erp,
        zone="UTC",
        starts=town.NOW - HOUR,
        ends=town.NOW + HOUR,
    )
    later = replace(on, id=WindowId("later"), party=Party.US, starts=town.NOW + HOUR, ends=town.NOW + 2 * HOUR)
    situation.windows.update({on.id: on, later.id: later})
    found = values(situation)
    assert found["tierwatch_maintenance_active", "on", "vendor", "erp"] == 1
    assert found["tierwatch_maintenance_active", "later", "us", "erp"] == 0
    assert found["tierwatch_maintenance_end_timestamp_seconds", "on", "vendor"] == (town.NOW + HOUR).timestamp()
    begins = found["tierwatch_maintenance_next_start_timestamp_seconds", "later", "us"]
    assert begins == (town.NOW + HOUR).timestamp()


def test_ends_that_are_owed_are_counted_by_whether_their_incident_has_ended() -> None:
    situation = with_incident().situation
    (one,) = situation.incidents.values()
    owing = replace(one, debts={Debtor(recipient="madrid-1"): town.NOW}, resolved=town.NOW - HOUR)
    situation.incidents[one.id] = owing
    found = values(situation)
    assert found["tierwatch_end_debts", "page", "ended"] == 1
    assert found["tierwatch_end_debt_oldest_seconds",] == HOUR.total_seconds()
