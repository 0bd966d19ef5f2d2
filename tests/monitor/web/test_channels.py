"""The page of who is on call shows how each channel was of late, and the heartbeat that we send."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from alerts.canary import Canaries, Canary, heard
from alerts.outgoing import Outgoing, answered
from monitor.loops.canarying import Canarying
from monitor.telemetry.canaries import canary_gauges
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice

DAY = timedelta(days=1)


@pytest.fixture
def trying(office: MemoryOffice) -> MemoryOffice:
    """Return an office that tries channels out, and one channel of which is broken."""
    situation = office.situation
    situation.config = replace(situation.config, canaries=Canaries(every=DAY, clients=DAY))
    first, second = town.PEOPLE[0].channels[0], town.PEOPLE[1].channels[0]
    situation.canaries[first] = heard(Canary(channel=first), accepted=True, reason="", now=town.NOW)
    failed = heard(Canary(channel=second), accepted=False, reason="refused (500)", now=town.NOW - DAY)
    situation.canaries[second] = failed
    return office


async def test_channels_and_the_heartbeat_stand_side_by_side(trying: MemoryOffice, browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/oncall")).text
    assert "refused (500)" in page
    assert "none is sent" in page
    trying.situation.outgoing = answered(Outgoing(configured=True), "unreachable (ConnectError)", town.NOW)
    assert "not taken" in (await browser.get("/oncall")).text
    trying.situation.outgoing = answered(trying.situation.outgoing, "", town.NOW)
    page = (await browser.get("/oncall")).text
    assert "not taken" not in page


async def test_without_canaries_the_page_says_how_to_have_them(browser: httpx.AsyncClient) -> None:
    assert "canaries: {every: 1d}" in (await browser.get("/oncall")).text


def test_metrics_tell_of_channels_by_reference(trying: MemoryOffice) -> None:
    found = {one.name: one.samples for one in canary_gauges(trying.situation, town.NOW)}
    broken = {one.labels["channel"]: one.value for one in found["tierwatch_channel_broken"]}
    assert sorted(broken.values()) == [0.0, 1.0]
    assert len(found["tierwatch_channel_last_success_timestamp_seconds"]) == 1
    assert found["tierwatch_outgoing_heartbeat_failing"][0].value == 0.0


async def test_the_tick_writes_what_is_due_and_spreads_clients_over_their_interval(trying: MemoryOffice) -> None:
    tick = Canarying(trying, trying.situation).tick  # type: ignore[arg-type]
    again = await tick(town.NOW)
    assert again is not None
    assert town.NOW < again <= town.NOW + DAY
    clients = [one for one in trying.situation.canaries.values() if one.queued is not None and one.queued < town.NOW]
    assert clients
    assert all(one.queued >= town.NOW - DAY for one in clients if one.queued is not None)
    trying.situation.config = replace(trying.situation.config, canaries=Canaries())
    await tick(town.NOW)
    assert trying.situation.canaries == {}
    assert await tick(town.NOW) is None
