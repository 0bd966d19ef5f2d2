"""What the tests of the web side ask for: an office, and browsers and programs that visit it."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from monitor.web.access import sign_in_link
from monitor.web.site import create
from tests.monitor.web.office import TOKEN, MemoryOffice, with_incident


@pytest.fixture
def office() -> MemoryOffice:
    """Return an office with one open incident."""
    return with_incident()


def visitor(office: MemoryOffice) -> httpx.AsyncClient:
    """Return a browser without script that nobody has signed in."""
    transport = httpx.ASGITransport(create(office), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=office.doors.address)


@pytest.fixture
async def stranger(office: MemoryOffice) -> AsyncIterator[httpx.AsyncClient]:
    """Return a visitor without any key."""
    async with visitor(office) as browser:
        yield browser


@pytest.fixture
async def browser(office: MemoryOffice) -> AsyncIterator[httpx.AsyncClient]:
    """Return a visitor who came in by a sign-in link."""
    async with visitor(office) as one:
        await one.get(sign_in_link(office.doors, office.keys))
        yield one


@pytest.fixture
async def program(office: MemoryOffice) -> AsyncIterator[httpx.AsyncClient]:
    """Return a visitor that holds the bearer token."""
    async with visitor(office) as one:
        one.headers["Authorization"] = f"Bearer {TOKEN}"
        yield one


def form_token(page: str) -> str:
    """Return the token that the forms of a page carry."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found, "the page has no form token"
    return found[1]
