"""A shipped connector set up against the sandbox's play of its vendor, as a user would set it up in YAML."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from monitor.load.connector import Connectors
from monitor.load.document import read_text
from monitor.load.form import filled
from monitor.load.systems_form import SystemForm
from monitor.sandbox.dialects.dialect import Ill
from monitor.sandbox.dialects.plays import PLAYS
from monitor.sandbox.vendor import Vendor
from monitor.sandbox.world import World
from probes.adapters.http import HttpxTransport, shared_client
from probes.adapters.look import Instruments, Look, look
from probes.adapters.oauth import Tokens, TokensInMemory
from probes.budget import Balance, Grant
from probes.catalog import Probe, ProbeId, System
from probes.observation import Observation
from tests.monitor.sandbox.settable import START, Settable

TLS = ssl.create_default_context()
SHIPPED = Connectors().shipped()
AMPLE = timedelta(seconds=30)


def written(name: str, *, base_url: str | None = None) -> System:
    """Return the system that this YAML stands for; the values are those of the play."""
    play = PLAYS[name]
    lines = [f"connector: {name}", f"base_url: {base_url or f'https://sandbox.example/{name}'}"]
    if play.values:
        lines += ["values:", *(f"  {key}: '{value}'" for key, value in play.values.items())]
    if play.secret:
        lines += ["credential: env:SECRET"]
    if play.secrets:
        lines += ["credential:", *(f"  {key}: env:{key.upper()}" for key in play.secrets)]
    if play.token_path:
        lines += [f"overrides: {{auth: {{token_url: {play.token_path}}}}}"]
    document = read_text(Path("system.yaml"), "\n".join(lines))
    assert document.root is not None
    connector, problems = Connectors().read(document.root)
    assert connector is not None, problems
    form, misfits = filled(SystemForm, document.root)
    assert form is not None, misfits
    return form.system(name, connector)


@dataclass
class Played:
    """One vendor under a clock that is set by hand, and the connector that looks at it."""

    name: str
    system: System
    vendor: Vendor
    world: World
    clock: Settable
    instruments: Instruments

    def ill(self, ill: Ill, *, on: bool = True) -> None:
        """Let something be wrong with the whole API."""
        ills: set[Ill] = self.vendor.ills  # type: ignore[attr-defined]
        (ills.add if on else ills.discard)(ill)

    async def look(self, resource: str = "", since: datetime | None = None, *fields: str) -> Observation:
        """Look once, at a list or at who we are."""
        play = PLAYS[self.name]
        return await look(self.request(resource, since, fields, play.secret, play.secrets), self.instruments)

    async def look_with(self, secret: str | None, secrets: Mapping[str, str]) -> Observation:
        """Look at who we are, with another credential."""
        return await look(self.request("", None, (), secret, secrets), self.instruments)

    def request(
        self,
        resource: str,
        since: datetime | None,
        fields: tuple[str, ...],
        secret: str | None,
        secrets: Mapping[str, str],
    ) -> Look:
        """Return what a look asks for."""
        probe = Probe(id=ProbeId(f"{self.name}.{resource}"), system=self.system.id, resource=resource, fields=fields)
        return Look(probe=probe, system=self.system, secret=secret, secrets=secrets, since=since, deadline=AMPLE)


@asynccontextmanager
async def played(name: str) -> AsyncIterator[Played]:
    """Play one vendor for two minutes, and set its connector up."""
    clock = Settable()
    world = World(now=clock.now, started=START)
    vendor = PLAYS[name].played(world, clock.sleep)
    app = Starlette(routes=[Mount(f"/{name}", vendor.app())])
    clock.advance(minutes=2)

    async def sleep_until(at: datetime) -> None:
        clock.at = max(clock.at, at)

    async with shared_client(TLS, httpx.ASGITransport(app)) as client:
        transport = HttpxTransport(client)
        instruments = Instruments(
            transport=transport,
            take=lambda _purpose, _now: Grant(granted=True, wait=timedelta(), balance=Balance()),
            now=clock.now,
            sleep_until=sleep_until,
            tokens=Tokens(transport, TokensInMemory(), clock.now, sleep_until),
        )
        yield Played(name, written(name), vendor, world, clock, instruments)
