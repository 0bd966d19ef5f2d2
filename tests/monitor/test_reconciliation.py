"""`tierwatch reconcile`: exactly what the ends do not agree on, within the requests that it may cost."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from monitor.comparing import Found
from monitor.load import Config, ConfigError, load
from monitor.reconciliation import Wish, comparable, compared_over, flow_named, instant, lines
from monitor.sandbox.app import sandbox
from monitor.sandbox.config import write
from monitor.sandbox.erp import FORGOTTEN_EVERY
from monitor.sandbox.faults import Fault
from monitor.sandbox.inbox import Inbox
from monitor.sandbox.world import World
from probes.adapters.http import HttpxTransport, shared_client
from probes.bisect import Difference
from probes.tracked import Ending
from tests.stories.day import MORNING, SANDBOX, environment

MINUTE = timedelta(minutes=1)
USUAL = MINUTE


class Leaping:
    """A clock that is where somebody wants to sleep until."""

    def __init__(self, at: datetime) -> None:
        """Begin."""
        self.at = at

    def now(self) -> datetime:
        """Return the instant."""
        return self.at

    async def sleep_until(self, at: datetime) -> None:
        """Be there."""
        self.at = max(self.at, at)


class Stage:
    """The demo's systems some minutes after they began, and the command over them."""

    def __init__(self, folder: Path, world: World, clock: Leaping, transport: HttpxTransport) -> None:
        """Read the configuration."""
        self.world, self.clock, self._transport = world, clock, transport
        loaded = load(folder, now=clock.now())
        assert loaded.config is not None, loaded.errors
        self.config: Config = loaded.config

    def wish(self, requests: int = 100) -> Wish:
        """Compare ten minutes."""
        flow = flow_named(self.config, "invoices")
        return Wish(flow=flow, start=MORNING, end=MORNING + 10 * MINUTE, usual=USUAL, requests=requests)

    async def found(self, requests: int = 100) -> Found:
        """Compare."""
        return await compared_over(self._transport, self.config, self.wish(requests), self.clock, lambda: "")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The demo's configuration, with its secrets in the environment."""
    with environment(dict(write(tmp_path, SANDBOX))):
        yield tmp_path


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    clock = Leaping(MORNING)
    world = World(now=clock.now, started=MORNING)
    asgi = sandbox(world, Inbox(clock.now), sleep=lambda time: clock.sleep_until(clock.now() + time))
    async with shared_client(ssl.create_default_context(), httpx.ASGITransport(asgi)) as client:
        clock.at = MORNING + 12 * MINUTE
        yield Stage(folder, world, clock, HttpxTransport(client))


async def test_two_ends_that_agree_have_no_difference(folder: Path) -> None:
    async with staged(folder) as stage:
        found = await stage.found()
        assert (found.differences, found.unread, found.compared) == ((), (), 8)
        assert list(lines(stage.wish(), found))[-1] == (
            f"found no difference in {found.requests} requests; 8 windows were compared"
        )


async def test_exactly_the_records_that_the_destination_lost_are_named_with_their_clients(folder: Path) -> None:
    async with staged(folder) as stage:
        stage.world.switch(Fault.ERP_FORGETS, on=True)
        found = await stage.found()
        lost = {
            entry.invoice.id
            for entry in stage.world.entries().since(None)
            if entry.invoice.number % FORGOTTEN_EVERY == 0 and MORNING <= entry.invoice.created < MORNING + 10 * MINUTE
        }
        assert len(lost) > 10
        assert set(found.differences) == {Difference(key=key, ending=Ending.MISSING) for key in lost}
        assert all(found.clients[key] in stage.config.catalog.clients for key in lost)
        told = list(lines(stage.wish(), found))
        assert told[-1] == f"found {len(lost)} missing in {found.requests} requests; 8 windows were compared"
        assert told[1].startswith("  missing: in_")


async def test_the_requests_are_a_limit_and_what_was_not_compared_is_said(folder: Path) -> None:
    async with staged(folder) as stage:
        found = await stage.found(requests=2)
        assert found.requests == 2
        assert found.unread
        assert "not everything was compared (billing.invoices: the requests are used up)" in found.sentence
        assert any("not compared from" in line for line in lines(stage.wish(), found))


def test_what_is_misspelt_is_said_with_what_there_is(folder: Path) -> None:
    loaded = load(folder, now=MORNING)
    assert loaded.config is not None
    with pytest.raises(ConfigError, match="no flow bills; there are invoices"):
        flow_named(loaded.config, "bills")
    with pytest.raises(ConfigError, match="write it like"):
        instant("yesterday")
    assert instant("2026-03-04T08:00") == MORNING


async def test_a_time_of_which_nothing_can_be_compared_is_an_error_and_not_an_agreement(folder: Path) -> None:
    async with staged(folder) as stage:
        wish = stage.wish()
    assert comparable(wish, wish.start + USUAL + MINUTE) is wish
    with pytest.raises(ConfigError, match=r"may be on their way for 1 min .--in-flight.; choose an earlier --from"):
        comparable(wish, wish.start + USUAL)
    with pytest.raises(ConfigError, match="--to is not after --from"):
        comparable(replace(wish, end=wish.start), wish.end)
