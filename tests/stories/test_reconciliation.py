"""An ERP that deletes what it had taken: lists never show it, single look-ups do."""

import re
from pathlib import Path

import pytest

from alerts.alert import AlertKind
from monitor.sandbox.faults import Fault
from monitor.web.view.flows import flow
from probes.catalog import FlowId
from probes.reconcile import bound
from tests.stories.day import a_day

pytestmark = pytest.mark.story

INVOICES = FlowId("invoices")


def seldom(folder: Path) -> None:
    """Look every twenty seconds: a story of half an hour is then short to tell."""
    path = folder / "systems.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("every: 3s", "every: 20s").replace("every: 2s", "every: 20s"), encoding="utf-8")


@pytest.mark.answers("datastax/cassandra-data-migrator#395")
async def test_records_that_were_lost_after_they_arrived_are_found_by_look_ups_and_told(tmp_path: Path) -> None:
    """A green sync that loses records is seen, and nothing on its way is called missing."""
    async with a_day(tmp_path, configure=seldom) as day:
        situation = day.application.situation
        await day.advance(minutes=4)
        found = bound(situation.samples[INVOICES], day.clock.now())
        assert found is not None
        assert (found.missing, found.asked > 2) == (0, True)
        assert not [alert for alert in situation.alerts.values() if alert.key.kind is AlertKind.RECORDS_MISSING]
        sentence = flow(situation, INVOICES, day.clock.now()).reconciled
        assert sentence is not None
        assert sentence.endswith(f"({found.asked} look-ups in the last day, none missing)")

        day.breaks(Fault.ERP_FORGETS)
        await day.advance(minutes=9)
        found = bound(situation.samples[INVOICES], day.clock.now())
        assert found is not None
        assert found.missing > 0
        told = [alert for alert in situation.alerts.values() if alert.key.kind is AlertKind.RECORDS_MISSING]
        assert told
        assert {alert.key.subject for alert in told} == {"invoices"}
        sentence = flow(situation, INVOICES, day.clock.now()).reconciled
        assert sentence is not None
        assert re.search(r"both ends compared: found [0-9]+ missing in [0-9]+ requests$", sentence)
        await day.advance(minutes=6)
        assert len(situation.samples[INVOICES].missing) > 5
        found = bound(situation.samples[INVOICES], day.clock.now())
        assert found is not None
        metrics = day.application.metrics().decode()
        assert f'tierwatch_reconciliation_missing_records{{flow="invoices"}} {float(found.missing)}' in metrics
    sampled = situation.samples[INVOICES]
    async with a_day(tmp_path, world=day.world, clock=day.clock) as again:
        remembered = again.application.situation.samples[INVOICES]
        assert (remembered.hours, remembered.missing) == (sampled.hours, sampled.missing)
