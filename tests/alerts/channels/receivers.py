"""Real receivers on loopback for messages: an HTTP server and an SMTP server, whose answers depend on what is asked."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

TLS_HELLO = b"\x16"
ANSWERS: Mapping[str, bytes] = {
    "/ok": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
    "/broken": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf",
    "/silent-close": b"",
    "/garbage": b"\x00\xff not http at all\r\n\r\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a receiver got, as it stood on the wire; header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class HttpReceiver:
    """Answers by path: /ok, /hang, /drip, /broken, /silent-close, /garbage, /redirect, or any status such as /503."""

    port: int = 0
    requests: list[Request] = field(default_factory=list)
    hanging: int = 0
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _change: asyncio.Condition = field(default_factory=asyncio.Condition)
    _serving: set["asyncio.Task[None]"] = field(default_factory=set)

    def address(self, path: str, query: str = "") -> str:
        """Return the channel address of a path."""
        return f"json://127.0.0.1:{self.port}{path}{query}"

    def asked(self, path: str) -> list[Request]:
        """Return what came in for a path."""
        return [request for request in self.requests if request.path == path]

    async def until_hanging(self, number: int) -> None:
        """Wait until so many requests hang."""
        async with self._change:
            await self._change.wait_for(lambda: self.hanging >= number)

    def release(self) -> None:
        """Let every hanging request be answered."""
        self._released.set()

    async def stop(self) -> None:
        """Answer what hangs and wait until every connection is closed."""
        self.release()
        await asyncio.gather(*self._serving)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request, answer it and close the connection."""
        task = asyncio.current_task()
        if task is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._serve(reader, writer)
            writer.close()
            await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(1)
        if first == TLS_HELLO:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        path = head[0].split()[1].partition("?")[0]
        self.requests.append(Request(path=path, headers=headers, body=body))
        if path.startswith("/hang"):
            async with self._change:
                self.hanging += 1
                self._change.notify_all()
            await self._released.wait()
        while path.startswith("/drip") and not self._released.is_set():
            writer.write(b"HTTP/1.1 200 OK\r\nX-Drip: " if not self.hanging else b".")
            self.hanging += 1
            await asyncio.sleep(0.05)  # noqa: TID251 - a real socket drips in real time
        writer.write(self._answer(path))

    def _answer(self, path: str) -> bytes:
        if path == "/redirect":
            return (
                f"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{self.port}/elsewhere\r\n"
                "Content-Length: 0\r\nConnection: close\r\n\r\n"
            ).encode()
        if path[1:].isdigit():
            return f"HTTP/1.1 {path[1:]} So\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        return ANSWERS.get(path, ANSWERS["/ok"])


@asynccontextmanager
async def http_receiver() -> AsyncIterator[HttpReceiver]:
    """Serve HTTP on a free port of loopback."""
    receiver = HttpReceiver()
    server = await asyncio.start_server(receiver.accept, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await receiver.stop()


@dataclass(slots=True)
class MailReceiver:
    """Takes mail; a recipient such as `550@example.com` is refused with that code."""

    port: int = 0
    mails: list[tuple[tuple[str, ...], Mail]] = field(default_factory=list)

    def address(self, to: str) -> str:
        """Return the channel address of a recipient."""
        return f"mailto://127.0.0.1:{self.port}?from=tierwatch@example.com&to={to}"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Refuse those who are to be refused."""
        code = address.partition("@")[0]
        if code.isdigit():
            return f"{code} refused for {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        """Keep a mail."""
        mail = message_from_bytes(envelope.content or b"", policy=default)  # type: ignore[arg-type]
        self.mails.append((tuple(envelope.rcpt_tos), mail))
        return "250 OK"


@asynccontextmanager
async def mail_receiver() -> AsyncIterator[MailReceiver]:
    """Serve SMTP on a free port of loopback."""
    receiver = MailReceiver()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(receiver, hostname="inbox", loop=loop), "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
