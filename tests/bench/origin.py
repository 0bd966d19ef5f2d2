"""A vendor that costs next to nothing, as a process: 2 KB of JSON at each of many addresses of loopback.

    python -m tests.bench.origin

It prints the ports of its plain and its TLS side and the certificate of its authority as one line of JSON, and ends
with its standard input. A path that begins with /closing is answered and hung up on, any other keeps the connection;
one that begins with /crowd lists a new record of each of a thousand clients, one that begins with /empty lists none;
/count tells how many requests came to a path, /gaps the longest time between two of them since it was last asked.
"""

import asyncio
import json
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import httpx
import trustme

from monitor.clock import SystemClock
from tests.real.process import ANSWER, ROOT, STOP
from tests.real_parts import free_port

MOST_HOSTS = 500
HOSTS = tuple(f"127.0.{number // 250}.{number % 250 + 1}" for number in range(MOST_HOSTS))
NOTE = "one row of an ordinary list, of about two hundred bytes; most of it is of no interest to us, as ever"
CREATED = datetime(2026, 11, 20, 9, tzinfo=UTC)
ROWS = tuple(
    {
        "id": f"in_{number:06d}",
        "client": f"c{number}",
        "created": (CREATED + timedelta(seconds=number)).isoformat(),
        "status": "approved",
        "note": NOTE,
    }
    for number in range(10)
)
LISTED = json.dumps({"items": ROWS}).encode()
CROWD = 1000
CROWDED = "/crowd"
EMPTY = "/empty"
CLOSING = "/closing"
COUNT = "/count"
GAPS = "/gaps"


def _answer(body: bytes, more: str = "") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


def _crowd() -> bytes:
    created = SystemClock().now().isoformat()
    rows = [{"id": f"in_{n}", "client": f"c{n}", "created": created, "status": "approved"} for n in range(CROWD)]
    return json.dumps({"items": rows}).encode()


ANSWERS = {
    CLOSING: _answer(LISTED, "Connection: close\r\n"),
    CROWDED: _answer(_crowd()),
    EMPTY: _answer(json.dumps({"items": []}).encode()),
}
KEPT_ANSWER = _answer(LISTED)


class _Origin(asyncio.Protocol):
    """One connection. Requests have no body, and the next one comes when this one is answered."""

    counted: ClassVar[Counter[str]] = Counter()
    came: ClassVar[dict[str, float]] = {}
    gaps: ClassVar[dict[str, float]] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._begun = b""

    def data_received(self, data: bytes) -> None:
        self._begun += data
        if not self._begun.endswith(b"\r\n\r\n"):
            return
        path = self._begun.split(b" ", 2)[1].decode().partition("?")[0]
        self._begun = b""
        if path == COUNT:
            self._transport.write(_answer(json.dumps(self.counted).encode()))
            return
        if path == GAPS:
            self._transport.write(_answer(json.dumps(self.gaps).encode()))
            self.gaps.clear()
            self.came.clear()
            return
        self._count(path)
        kind = path[: path.index("/", 1)] if "/" in path[1:] else path
        self._transport.write(ANSWERS.get(kind, KEPT_ANSWER))
        if kind == CLOSING:
            self._transport.close()

    def _count(self, path: str) -> None:
        now = asyncio.get_running_loop().time()
        self.gaps[path] = max(self.gaps.get(path, 0.0), now - self.came.get(path, now))
        self.came[path] = now
        self.counted[path] += 1


class _Tether(asyncio.Protocol):
    """Notices the end of standard input, which is the end of the process that holds its other side."""

    def __init__(self, ended: asyncio.Event) -> None:
        self._ended = ended

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._ended.set()


async def main() -> None:
    """Serve until standard input closes."""
    authority, ended, loop = trustme.CA(), asyncio.Event(), asyncio.get_running_loop()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(tls)
    plain, covered = free_port(), free_port()
    await loop.create_server(_Origin, HOSTS, plain, backlog=512)
    await loop.create_server(_Origin, HOSTS, covered, backlog=512, ssl=tls)
    await loop.connect_read_pipe(lambda: _Tether(ended), sys.stdin)
    told = {"plain": plain, "tls": covered, "authority": authority.cert_pem.bytes().decode()}
    print(json.dumps(told), flush=True)
    await ended.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A running one: its ports, and what trusts its certificate."""

    plain: int
    tls: int
    authority: str

    @property
    def trust(self) -> ssl.SSLContext:
        """Return what a client needs that trusts it."""
        return ssl.create_default_context(cadata=self.authority)

    def counted(self, prefix: str) -> int:
        """Return how many requests came to paths that begin so."""
        return int(sum(count for path, count in self._told(COUNT).items() if path.startswith(prefix)))

    def longest_gaps(self, prefix: str) -> tuple[float, ...]:
        """Return the longest time between two requests for each path that begins so, in seconds, and begin anew."""
        return tuple(gap for path, gap in self._told(GAPS).items() if path.startswith(prefix))

    def _told(self, path: str) -> dict[str, float]:
        told: dict[str, float] = httpx.get(
            f"http://{HOSTS[0]}:{self.plain}{path}", timeout=ANSWER, trust_env=False
        ).json()
        return told


@contextmanager
def origin() -> Iterator[Origin]:
    """Run one until the end of the block."""
    pipe = subprocess.PIPE
    command = (sys.executable, "-m", "tests.bench.origin")
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Origin(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()
            try:
                process.wait(STOP)
            finally:
                process.kill()


if __name__ == "__main__":
    asyncio.run(main())
