"""Vendors misbehave in every way at once: each gives an observation with a reason, and the good one is not harmed."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from alerts.channels.recording import RecordingChannel
from monitor.application import Application
from monitor.clock import SystemClock
from monitor.load import load
from monitor.parts import Parts
from monitor.secrets import Secrets
from monitor.situation import Sight
from monitor.store import Retention, Store
from monitor.web.access import Doors, Keys
from probes.adapters.http import HttpxTransport, shared_client
from probes.catalog import ClientId
from probes.failure import Outcome
from probes.sli import IndicatorKey, IndicatorKind
from tests.weather.configuration import SECRETS, write
from tests.weather.wild import WAYS, wild

pytestmark = pytest.mark.story

WATCHED = timedelta(seconds=16)
REASONS = {
    "noise": "what came is not HTTP",
    "garbage": "the answer is not JSON",
    "latin": "the answer is not UTF-8",
    "huge": "the answer is larger than 10 MB",
    "bomb": "the answer is not JSON",
    "endless": "the list goes on after 100 pages",
    "nameless": "no readable id at `id`",
    "loris": "no complete answer within 10 s",
    "shut": "the connection broke",
}

clock = SystemClock()


def configured(folder: Path, address: str) -> None:
    """Write a configuration in which every way to misbehave is a system with a client of its own."""
    system = "  {way}: {{connector: ./connectors/wild.yaml, base_url: {address}/{way}, every: {every}}}"
    client = "  - {{id: at-{way}, name: At {way}, tier: gold, identifiers: {{{way}: account}}}}"
    every = {"huge": "4s", "endless": "8s"}
    write(
        folder,
        [system.format(way=way, address=address, every=every.get(way, "1s")) for way in WAYS],
        [client.format(way=way) for way in WAYS],
    )


@asynccontextmanager
async def watching(folder: Path) -> AsyncIterator[Application]:
    """Run the application against real sockets, with a channel that remembers."""
    loaded = load(folder / "configuration", secrets=False, now=clock.now())
    assert loaded.config is not None, loaded.errors
    async with shared_client(ssl.create_default_context()) as client:
        parts = Parts(
            clock=clock,
            store=Store(f"sqlite:///{folder / 'tierwatch.db'}"),
            transport=HttpxTransport(client),
            channel=RecordingChannel(now=clock.now, sleep_until=clock.sleep_until),
            secrets=Secrets(SECRETS),
            doors=Doors(host="127.0.0.1", port=8080),
            keys=Keys("k" * 40),
            config_path=folder / "configuration",
            retention=Retention(),
        )
        application = Application(parts, loaded)
        application.driver.spawn(application.driver.run())
        try:
            yield application
        finally:
            application.driver.stop()
            application.driver.cancel()
            await application.driver.idle(timedelta(seconds=5))
            application.thread.close()


async def test_whatever_a_vendor_does_is_an_observation_with_a_reason_and_harms_no_other(tmp_path: Path) -> None:
    async with wild() as address:
        configured(tmp_path / "configuration", address)
        with structlog.testing.capture_logs() as logged:
            async with watching(tmp_path) as application:
                await clock.sleep_until(clock.now() + WATCHED)
                seen: dict[str, Sight] = {sight.probe.system: sight for sight in application.situation.sights.values()}
                looks = application.store.looks(seen["good"].probe.system, clock.now() - timedelta(hours=2))
                key = IndicatorKey(kind=IndicatorKind.FAILURE_RATIO, subject="muddled", client=ClientId("at-muddled"))
                muddled = application.situation.indicators[str(key)].tally.cells.values()
                beats = application.driver.beats.values()
                hurt = {client for incident in application.situation.incidents.values() for client in incident.impacts}
                assert application.ready() == (True, "ready")
                assert sum(beat.failures for beat in beats) == 0
    assert [entry for entry in logged if entry["log_level"] in ("error", "critical")] == []
    told = {way: sight.last.reason for way, sight in seen.items() if sight.last and sight.last.reason}
    assert {way for way in REASONS if REASONS[way] not in told.get(way, "")} == set(), told
    for way in ("good", "ahead", "behind", "muddled"):
        last = seen[way].last
        assert last is not None
        assert last.outcome is Outcome.GOOD, way
    assert sum(good for good, _ in muddled) == 4, "each record counts once"
    assert (looks.bad, looks.unknown) == (0, 0)
    assert looks.good >= WATCHED.total_seconds() * 0.6
    assert "at-good" not in hurt
