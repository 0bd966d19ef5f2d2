"""The ERP stops taking invoices: the standstill is found before any record is late, and all of it is one incident."""

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.message import MessageKind, Stage
from monitor.sandbox.faults import Fault
from tests.stories.day import a_day

pytestmark = pytest.mark.story


def _watch_closely(folder: Path) -> None:
    flows = folder / "systems.yaml"
    written = flows.read_text()
    assert "mode: realtime}" in written
    flows.write_text(written.replace("mode: realtime}", "mode: realtime, stagnation: {at_least: 10s}}", 1))


async def test_a_standstill_pages_once_before_records_are_late_and_ends_when_they_arrive_again(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=_watch_closely) as day:
        await day.advance(minutes=2)
        assert day.incidents == []
        day.breaks(Fault.ERP_STOPPED)
        broke = day.clock.now()
        await day.advance(seconds=25)

        (incident,) = day.incidents
        assert list(incident.alerts) == ["stagnation/invoices"]
        sentence = incident.alerts["stagnation/invoices"]
        assert sentence.startswith("nothing has arrived at erp.invoices for 1")
        assert "records wait between billing.invoices and it, the oldest since 08:0" in sentence
        assert "would have arrived at the rate of the last hour" in sentence
        assert abs(incident.onset - broke) < timedelta(seconds=10)
        assert len(incident.impacts) > 20
        assert [page.recipient for page in day.told(MessageKind.PAGE)] == ["madrid-2"]

        # The first records pass their limits: the same incident, and nobody is paged anew.
        await day.advance(seconds=20)
        (incident,) = day.incidents
        assert {key.partition("/")[0] for key in incident.alerts} == {"stagnation", "sync_latency"}
        assert len(day.told(MessageKind.PAGE)) == 1
        await day.application.acknowledge(incident.id, by="madrid-2")

        day.mends(Fault.ERP_STOPPED)
        await day.advance(minutes=4)
        (incident,) = day.incidents
        assert incident.resolved is not None
        assert len(day.told(MessageKind.PAGE, Stage.RESOLVED)) == 1
