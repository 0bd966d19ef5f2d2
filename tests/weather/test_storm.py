"""A storm: thousands of clients' alerts within seconds from one dead system are one incident and one page."""

import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import process_time

import httpx
import pytest

from alerts.channels.recording import RecordingChannel
from alerts.message import Message, MessageKind, Stage
from monitor.application import Application
from monitor.clock import SettableClock
from monitor.load import load
from monitor.parts import Parts
from monitor.secrets import Secrets
from monitor.store import Retention, Store
from monitor.virtual import advance
from monitor.web.access import Doors, Keys
from probes.adapters.http import HttpxTransport, shared_client
from tests.stories.day import MORNING
from tests.weather.configuration import SECRETS, write
from tests.weather.crowd import Crowd

pytestmark = pytest.mark.story

CLIENTS = 5000
TOLD = 1000
"""How many of them have somebody to be told."""

SYSTEM = "  {id}: {{connector: ./connectors/wild.yaml, base_url: http://crowd.test/{id}, every: 5s}}"
CLIENT = (
    "  - {{id: c{number}, name: Client {number}, tier: gold,"
    " identifiers: {{source: c{number}, destination: c{number}}}, contacts: [{contact}]}}"
)
CONTACT = "{{name: Desk, channel: env:DESK_{number}}}"
FLOW = "flows:\n  invoices: {source: source.records, destination: destination.records, match: {id: id}}"


def client(number: int) -> str:
    """Return a client's line."""
    return CLIENT.format(number=number, contact=CONTACT.format(number=number) if number < TOLD else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """The application, its thousands of clients, and what hears it."""

    application: Application
    clock: SettableClock
    crowd: Crowd
    channel: RecordingChannel

    async def advance(self, time: timedelta) -> float:
        """Let time pass, and return what that cost in seconds of CPU."""
        begun = process_time()
        await advance(self.application.driver, self.clock, self.clock.now() + time)
        return process_time() - begun

    def told(self, kind: MessageKind, stage: Stage) -> list[Message]:
        """Return what was accepted."""
        return [one for one in self.channel.accepted() if (one.kind, one.stage) == (kind, stage)]


@asynccontextmanager
async def storm(folder: Path) -> AsyncIterator[Storm]:
    """Start an application that watches one flow of thousands of clients."""
    clock = SettableClock(MORNING)
    crowd = Crowd(clock, CLIENTS)
    systems = [SYSTEM.format(id=name) for name in ("source", "destination")]
    write(folder / "configuration", systems, map(client, range(CLIENTS)), FLOW)
    secrets = {**SECRETS, **{f"DESK_{number}": f"json://desk-{number}/" for number in range(CLIENTS)}}
    loaded = load(folder / "configuration", secrets=False, now=clock.now())
    assert loaded.config is not None, loaded.errors
    channel = RecordingChannel(now=clock.now, sleep_until=clock.sleep_until)
    async with shared_client(ssl.create_default_context(), httpx.ASGITransport(crowd.app())) as asking:
        parts = Parts(
            clock=clock,
            store=Store(f"sqlite:///{folder / 'tierwatch.db'}"),
            transport=HttpxTransport(asking),
            channel=channel,
            secrets=Secrets(secrets),
            doors=Doors(host="127.0.0.1", port=8080),
            keys=Keys("k" * 40),
            config_path=folder / "configuration",
            retention=Retention(),
        )
        application = Application(parts, loaded)
        try:
            yield Storm(application=application, clock=clock, crowd=crowd, channel=channel)
        finally:
            application.driver.stop()
            application.driver.cancel()
            application.thread.close()


@pytest.mark.answers("louislam/uptime-kuma#1089")
async def test_five_thousand_client_alerts_from_one_dead_system_are_one_incident_and_one_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with storm(tmp_path) as day:
        calm = await day.advance(timedelta(seconds=25))
        assert day.application.situation.incidents == {}
        day.crowd.stopped = day.clock.now()
        found = await day.advance(timedelta(seconds=62))
        alerts = [alert for alert in day.application.situation.alerts.values() if alert.active]
        assert len(alerts) == CLIENTS
        began = sorted(alert.since for alert in alerts)
        assert began[-1] - began[0] < timedelta(seconds=10)

        day.crowd.down = True
        told = await day.advance(timedelta(seconds=60))
        (incident,) = day.application.situation.incidents.values()
        assert len(incident.impacts) == CLIENTS
        assert len(incident.alerts) == CLIENTS + 1, "the system's own alert joined what its clients' had opened"
        assert [page.recipient for page in day.told(MessageKind.PAGE, Stage.INVESTIGATING)] == ["ada"]
        notices = Counter(notice.client for notice in day.told(MessageKind.NOTICE, Stage.INVESTIGATING))
        assert (len(notices), set(notices.values())) == (TOLD, {1})
        assert len(day.channel.attempts) == 1 + TOLD
        with capsys.disabled():
            print(
                f" [CPU: calm {calm:.1f} s, until all are found {found:.1f} s, until all are told {told:.1f} s] ",
                end="",
            )
