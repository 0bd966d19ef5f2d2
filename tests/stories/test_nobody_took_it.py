"""A client's desk takes nothing: that is an incident of its own, it pages once, and makes no further one."""

from pathlib import Path

import pytest

from alerts.alert import AlertKind
from alerts.channels.recording import Answer
from alerts.message import MessageKind
from monitor.sandbox.faults import Fault
from probes.catalog import ClientId
from tests.stories.day import a_day

KITANO = ClientId("kitano-rail")


@pytest.mark.story
@pytest.mark.answers("openstatusHQ/openstatus#2589", "cachethq/cachet#1927")
async def test_a_notice_that_nobody_accepted_by_its_deadline_is_an_incident_that_pages(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(seconds=20)
        desks = {one.channel for one in day.application.situation.config.catalog.clients[KITANO].contacts}
        for desk in desks:
            day.channel.script(desk, Answer.REJECT, times=8)
        day.breaks(Fault.ERP_STOPPED)
        await day.advance(minutes=3)
        about = [one for one in day.incidents if any(key.startswith(AlertKind.UNDELIVERED) for key in one.alerts)]
        (unheard,) = about
        assert not unheard.impacts, "nobody is hurt by it, so no client is told of it"
        assert "kitano-rail" in next(iter(unheard.alerts.values()))
        pages = [one for one in day.told(MessageKind.PAGE) if one.incident == unheard.id]
        assert pages
        assert "kitano-rail" in pages[0].subject
