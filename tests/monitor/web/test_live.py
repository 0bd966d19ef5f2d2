"""The live line tells that something has changed, and its reader need not ask."""

import asyncio

from starlette.requests import Request

from monitor.web.live import versions
from tests.monitor.web.office import MemoryOffice


def _reader(*, gone: bool = False) -> Request:
    messages = [{"type": "http.disconnect"}] if gone else []

    async def receive() -> dict[str, str]:
        return messages.pop() if messages else await asyncio.get_running_loop().create_future()

    return Request({"type": "http", "method": "GET", "path": "/live", "headers": []}, receive)


async def test_the_line_begins_with_the_version_and_tells_each_change(office: MemoryOffice) -> None:
    line = versions(_reader(), office)
    assert await anext(line) == f"event: version\ndata: {office.version}\n\n"
    asyncio.get_running_loop().call_later(0.01, office.bump)
    assert await anext(line) == f"event: version\ndata: {office.version}\n\n"


async def test_many_changes_at_once_are_told_once(office: MemoryOffice) -> None:
    line = versions(_reader(), office)
    await anext(line)
    for _ in range(50):
        office.bump()
    assert await anext(line) == f"event: version\ndata: {office.version}\n\n"


async def test_the_line_ends_when_its_reader_is_gone(office: MemoryOffice) -> None:
    told = [event async for event in versions(_reader(gone=True), office)]
    assert len(told) == 1
