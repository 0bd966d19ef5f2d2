"""What one check costs in CPU: the quota, asking over loopback, reading, folding, judging, storing, counting.

The application is whole and in this process, the vendor in another. Beside it, in turns, the same addresses are asked
by httpx as it comes, and nothing is done with the answer: the ratio of the two is held against the goal, because it
depends little on the machine, and because that neighbour does not change when our own network becomes faster. What a
bare request costs over our own network is told too: the rest of a check is what Tierwatch adds.
"""

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import process_time

import httpx

from alerts.channels.dispatch import Channels
from monitor.application import Application
from monitor.clock import SystemClock
from monitor.load import load
from monitor.parts import Parts
from monitor.secrets import Secrets
from monitor.store import Retention, Store
from monitor.web.access import Doors, Keys
from probes.adapters.fast import FastTransport
from probes.adapters.http import HttpxTransport, shared_client
from probes.failure import Outcome
from tests.bench.configuration import Source, Written, write
from tests.bench.elsewhere import Elsewhere
from tests.bench.result import Result
from tests.bench.world import CLIENTS

ROUNDS = 7
PAIRS = 30
"""Looks at the source, and as many at the destination, in a round."""

MICROSECONDS = 1e6
MOST = 3.0
"""Bare requests of httpx that a check may cost."""

WRITTEN = Written(
    systems=(Source(id="source", path="/steady/source"), Source(id="destination", path="/steady/destination")),
    clients={f"c{number}": ("source", "destination") for number in range(CLIENTS)},
    flow=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is measured, and the bare clients beside it: one over our network, one as httpx comes."""

    application: Application
    ours: httpx.AsyncClient
    stock: httpx.AsyncClient
    address: str

    async def checks(self) -> None:
        """Look at source and destination in turns, each look to its end."""
        sights = list(self.application.situation.sights.values())
        for _ in range(PAIRS):
            for sight in sights:
                observation = await self.application.looking.look(sight)
                assert observation.outcome is Outcome.GOOD, observation.reason

    async def requests(self, client: httpx.AsyncClient) -> None:
        """Ask for the same lists and do nothing with them."""
        for _ in range(PAIRS):
            for system in WRITTEN.systems:
                answer = await client.get(f"{self.address}{system.path}")
                assert answer.status_code == httpx.codes.OK


async def _each(work: Callable[[], Awaitable[None]]) -> float:
    """Return the CPU of one look, or one request, in microseconds: all threads, and the kernel for them."""
    begun = process_time()
    await work()
    return (process_time() - begun) / (PAIRS * len(WRITTEN.systems)) * MICROSECONDS


@asynccontextmanager
async def _subject(folder: Path, address: str) -> AsyncIterator[Subject]:
    clock = SystemClock()
    secrets = Secrets(dict(write(folder / "configuration", address, WRITTEN)))
    loaded = load(folder / "configuration", secrets=False, now=clock.now())
    tls = ssl.create_default_context()
    async with shared_client(tls, FastTransport(tls)) as client, httpx.AsyncClient(verify=tls) as stock:
        parts = Parts(
            clock=clock,
            store=Store(f"sqlite:///{folder / 'tierwatch.db'}"),
            transport=HttpxTransport(client),
            channel=Channels(now=clock.now),
            secrets=secrets,
            doors=Doors(host="127.0.0.1", port=8080),
            keys=Keys("k" * 40),
            config_path=folder / "configuration",
            retention=Retention(),
        )
        application = Application(parts, loaded)
        try:
            yield Subject(application=application, ours=client, stock=stock, address=address)
        finally:
            await application.driver.idle()
            application.thread.close()


async def _round(subject: Subject) -> tuple[float, float, float]:
    checks = await _each(subject.checks)
    ours = await _each(partial(subject.requests, subject.ours))
    return checks, ours, await _each(partial(subject.requests, subject.stock))


async def _measured(folder: Path, address: str) -> tuple[Result, ...]:
    async with _subject(folder, address) as subject:
        rounds = [await _round(subject) for _ in range(ROUNDS + 1)][1:]
    checks, ours, stock = zip(*rounds, strict=True)
    ratios = tuple(check / request for check, _, request in rounds)
    return (
        Result(name="CPU of a check, in bare httpx requests of its list", unit="x", values=ratios, goal=MOST),
        Result(name="  CPU of a check, everything in it", unit="us", values=checks, digits=0),
        Result(name="  CPU of a bare request over our network", unit="us", values=ours, digits=0),
        Result(name="  CPU of a bare request over httpx's own", unit="us", values=stock, digits=0),
    )


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return the cost of a check and what it is made of."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_measured(Path(folder), world.address))
