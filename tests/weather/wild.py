"""Vendors that misbehave in every way, on real sockets: one server on loopback, one path for each way.

The good one among them shows what the others must not harm. Everybody's list is asked for at `/WAY/records`.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import count

from monitor.clock import SystemClock

HOURS = timedelta(hours=5)
DRIP = timedelta(milliseconds=400)
CHUNK = b"x" * 1_000_000

Write = Callable[[bytes], Awaitable[None]]

clock = SystemClock()
numbers = count()


def record(created: datetime, name: str = "") -> dict[str, str]:
    """Return a record that did not fail."""
    found = name or f"r{next(numbers)}"
    return {"id": found, "client": "account", "created": created.isoformat(), "status": "fine"}


def answer(body: bytes, date: datetime | None = None, *extra: str) -> bytes:
    """Return a whole HTTP answer."""
    lines = [
        "HTTP/1.1 200 OK",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Date: {format_datetime(date or clock.now(), usegmt=True)}",
        *extra,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def page(records: list[dict[str, str]], following: str | None = None, date: datetime | None = None) -> bytes:
    """Return a page of a list."""
    return answer(json.dumps({"items": records, "next": following}).encode(), date)


async def good(write: Write) -> None:
    """Answer as one should."""
    await write(page([record(clock.now())]))


async def noise(write: Write) -> None:
    """Say what is no HTTP."""
    await write(bytes(range(256)) * 8)


async def garbage(write: Write) -> None:
    """Say what is no JSON."""
    await write(answer(b"\x00\x01\x02 {]} <html>"))


async def latin(write: Write) -> None:
    """Say what is no UTF-8."""
    await write(answer('{"items": [], "note": "Señor"}'.encode("latin-1")))


async def huge(write: Write) -> None:
    """Never stop."""
    await write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        await write(CHUNK)


async def bomb(write: Write) -> None:
    """Nest deeper than anybody can follow."""
    await write(answer(b"[" * 200_000))


async def endless(write: Write) -> None:
    """Promise another page on every page."""
    await write(page([record(clock.now())], f"/endless/records?page={next(numbers)}"))


async def ahead(write: Write) -> None:
    """Live hours later than we do."""
    await write(page([record(clock.now() + HOURS)], date=clock.now() + HOURS))


async def behind(write: Write) -> None:
    """Live hours earlier than we do."""
    await write(page([record(clock.now() - HOURS)], date=clock.now() - HOURS))


async def muddled(write: Write) -> None:
    """Show the same four records again and again, the youngest first, each twice."""
    begun = clock.now().replace(minute=0, second=0, microsecond=0)
    four = [record(begun + timedelta(seconds=place), f"muddled-{place}") for place in (3, 1, 2, 0)]
    await write(page([*four, *reversed(four)]))


async def nameless(write: Write) -> None:
    """Leave out what makes a record a record."""
    await write(answer(b'{"items": [{}, null, 7, {"id": "a", "created": "the day before yesterday"}]}'))


async def loris(write: Write) -> None:
    """Answer a byte at a time."""
    for byte in answer(b'{"items": [], "next": null}'):
        await write(bytes([byte]))
        await clock.sleep_until(clock.now() + DRIP)


async def shut(write: Write) -> None:
    """Hang up."""
    del write


WAYS = {
    one.__name__: one
    for one in (good, noise, garbage, latin, huge, bomb, endless, ahead, behind, muddled, nameless, loris, shut)
}


async def _served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async def write(piece: bytes) -> None:
        writer.write(piece)
        await writer.drain()

    with suppress(OSError, asyncio.IncompleteReadError):
        while request := await reader.readuntil(b"\r\n\r\n"):
            way = request.split(b" ")[1].decode().split("/")[1]
            await WAYS[way](write)
            if way in ("noise", "huge", "shut", "loris"):
                break
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@asynccontextmanager
async def wild() -> AsyncIterator[str]:
    """Serve all of them; yield the address."""
    open_ones: set[asyncio.StreamWriter] = set()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ones.add(writer)
        with suppress(asyncio.CancelledError):
            await _served(reader, writer)

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    try:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"
    finally:
        server.close()
        for writer in open_ones:
            writer.transport.abort()
        await clock.sleep_until(clock.now() + 2 * DRIP)
