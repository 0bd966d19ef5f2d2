"""A sandbox under a settable clock, and a client that talks to it without a socket."""

from collections.abc import AsyncIterator

import httpx
import pytest

from monitor.sandbox.app import sandbox
from monitor.sandbox.inbox import Inbox
from monitor.sandbox.world import World
from tests.monitor.sandbox.settable import START, Settable


@pytest.fixture
def clock() -> Settable:
    """Return a clock that stands at the sandbox's start until it is moved."""
    return Settable()


@pytest.fixture
def world(clock: Settable) -> World:
    """Return a world with nothing wrong in it."""
    return World(now=clock.now, started=START)


@pytest.fixture
def inbox(clock: Settable) -> Inbox:
    """Return an empty inbox."""
    return Inbox(clock.now)


@pytest.fixture
async def http(world: World, inbox: Inbox, clock: Settable) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of the whole sandbox, whose buttons and inbox want the token `opener`."""
    app = sandbox(world, inbox, sleep=clock.sleep, token="opener")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        yield client
