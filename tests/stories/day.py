"""A day: the whole application on a clock that is set by hand, with the sandbox as its world.

`await day.advance(minutes=30)` lets time pass; what was told is what the recording channel heard.
"""

import os
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from starlette.applications import Starlette

from alerts.channels.recording import RecordingChannel
from alerts.incident import Incident
from alerts.message import Message, MessageKind, Stage
from monitor.application import Application
from monitor.clock import SettableClock
from monitor.load import load
from monitor.parts import Parts
from monitor.sandbox.addresses import Addresses
from monitor.sandbox.app import sandbox
from monitor.sandbox.config import write
from monitor.sandbox.faults import Fault
from monitor.sandbox.inbox import Inbox
from monitor.sandbox.world import World
from monitor.secrets import Secrets
from monitor.store import Retention, Store, StoreThread
from monitor.store.thread import OneThread
from monitor.virtual import advance
from monitor.web.access import Doors, Keys
from probes.adapters.http import HttpxTransport, shared_client
from probes.attribution import Host

MORNING = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
SANDBOX = Addresses(http="http://sandbox.test", smtp="127.0.0.1:1")


class Network(httpx.AsyncBaseTransport):
    """The way out to the sandbox, which can be cut: then no host can be reached."""

    def __init__(self, beyond: httpx.AsyncBaseTransport) -> None:
        """Lead to what is beyond."""
        self.beyond = beyond
        self.cut = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, or fail as a machine without a network does."""
        if self.cut:
            raise httpx.ConnectError("Network is unreachable")
        return await self.beyond.handle_async_request(request)

    async def reach(self, host: Host) -> bool:  # noqa: ARG002 - all hosts share the way out
        """Return whether a host can be reached."""
        return not self.cut


@dataclass(slots=True, kw_only=True)
class Day:
    """A running application with its world, its clock and its receivers."""

    application: Application
    clock: SettableClock
    world: World
    channel: RecordingChannel
    network: Network
    folder: Path

    async def advance(self, *, minutes: float = 0, seconds: float = 0) -> None:
        """Let time pass."""
        until = self.clock.now() + timedelta(minutes=minutes, seconds=seconds)
        await advance(self.application.driver, self.clock, until)

    async def advance_until(self, so: Callable[[], object], *, minutes: float) -> None:
        """Let time pass until something is so; AssertionError where it is not so after this many minutes."""
        last = self.clock.now() + timedelta(minutes=minutes)
        while not so():
            assert self.clock.now() < last, f"not so after {minutes} min"
            await self.advance(seconds=5)

    def breaks(self, fault: Fault) -> None:
        """Switch a fault on."""
        self.world.switch(fault, on=True)

    def mends(self, fault: Fault) -> None:
        """Switch a fault off."""
        self.world.switch(fault, on=False)

    @property
    def incidents(self) -> list[Incident]:
        """All incidents, oldest first."""
        return sorted(self.application.situation.incidents.values(), key=lambda one: one.opened)

    def told(self, kind: MessageKind, stage: Stage | None = None) -> list[Message]:
        """What was accepted by its receiver, in the order of arrival."""
        found = [one for one in self.channel.accepted() if one.kind is kind]
        return [one for one in found if stage in (None, one.stage)]


def leisurely(folder: Path) -> None:
    """Look less often than the demo does, for stories that are not about speed: a third of the work."""
    systems = folder / "systems.yaml"
    systems.write_text(systems.read_text().replace("every: 3s", "every: 5s").replace("every: 2s", "every: 5s"))


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the length of a block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@asynccontextmanager
async def a_day(
    folder: Path,
    *,
    clock: SettableClock | None = None,
    world: World | Starlette | None = None,
    configure: Callable[[Path], None] | None = None,
    thread: Callable[[Store], StoreThread] = OneThread,
) -> AsyncIterator[Day]:
    """Begin a day on a fresh database, or go on with the one in the folder.

    `configure` may change the written configuration, whose folder it is given, before it is read; an API may stand in
    the place of the sandbox's world. Writes and reads need no `thread` of their own, which costs a seventh.
    """
    clock = clock or SettableClock(MORNING)
    vendors = world if isinstance(world, Starlette) else None
    world = world if isinstance(world, World) else World(now=clock.now, started=clock.now())
    asgi = vendors or sandbox(world, Inbox(clock.now), sleep=lambda time: clock.sleep_until(clock.now() + time))
    secrets = dict(write(folder / "configuration", SANDBOX))
    if configure is not None:
        configure(folder / "configuration")
    loaded = load(folder / "configuration", now=clock.now())
    channel = RecordingChannel(now=clock.now, sleep_until=clock.sleep_until)
    network = Network(httpx.ASGITransport(asgi))

    async with shared_client(ssl.create_default_context(), network) as client:
        parts = Parts(
            clock=clock,
            store=Store(f"sqlite:///{folder / 'tierwatch.db'}"),
            transport=HttpxTransport(client),
            channel=channel,
            secrets=Secrets(secrets),
            doors=Doors(host="127.0.0.1", port=8080),
            keys=Keys("k" * 40),
            config_path=folder / "configuration",
            retention=Retention(),
            reach=network.reach,
            thread=thread,
        )
        application = Application(parts, loaded)
        day = Day(application=application, clock=clock, world=world, channel=channel, network=network, folder=folder)
        try:
            yield day
        finally:
            application.driver.stop()
            application.driver.cancel()
            application.thread.close()
