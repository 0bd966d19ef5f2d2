"""A receiver over HTTP that answers as it is told, path by path, and remembers what it was asked."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it stood on the wire; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass(slots=True)
class Service:
    """Answers 202 unless something else is scripted for the next request."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    script: deque[tuple[int, Mapping[str, str], bytes]] = field(default_factory=deque)

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, status: int = 200, body: object = None, **headers: str) -> None:
        """Let the next request that has no answer yet be answered so."""
        content = b"" if body is None else json.dumps(body).encode()
        self.script.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, content))

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read requests and answer them until the other side hangs up."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                self.asked.append(await _request(reader))
                status, headers, body = self.script.popleft() if self.script else (202, {}, b"")
                lines = [f"HTTP/1.1 {status} So", *(f"{name}: {value}" for name, value in headers.items())]
                writer.write("\r\n".join((*lines, f"Content-Length: {len(body)}", "", "")).encode() + body)
        writer.close()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    method, target, _ = head[0].split()
    path, _, query = target.partition("?")
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method=method, path=path, query=query, headers=headers, body=body)


@asynccontextmanager
async def service() -> AsyncIterator[Service]:
    """Serve on a free port of loopback."""
    one = Service()
    server = await asyncio.start_server(one.accept, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
