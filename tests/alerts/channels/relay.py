"""A mail relay that behaves as it is told: refuses, goes silent or hangs up at a chosen step of the conversation."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

SILENT, HANG_UP = "silent", "hang up"
ANSWERS: Mapping[str, str] = {
    "EHLO": "250 relay",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 go on",
    ".": "250 taken",
    "RSET": "250 OK",
    "QUIT": "221 bye",
}


@dataclass(slots=True)
class Relay:
    """Each step is answered by `acts`, a reply, silence or the end of the connection; else as a good relay does.

    What stands in `once` is done the next time only.
    """

    port: int = 0
    acts: dict[str, str] = field(default_factory=dict)
    once: dict[str, str] = field(default_factory=dict)
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    connections: int = 0
    steps: list[str] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def address(self, to: str = "ada@example.com", query: str = "") -> str:
        """Return the channel address of a recipient."""
        return f"mailto://127.0.0.1:{self.port}?from=tierwatch@example.com&to={to}{query}"

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                if await self._say(writer, "greeting", "220 relay"):
                    await self._serve(reader, writer)
        finally:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = recipient = ""
        while line := (await reader.readline()).decode("latin-1"):
            step = line[:4].strip().upper()
            sender = line.strip() if step == "MAIL" else sender
            recipient = line.strip() if step == "RCPT" else recipient
            if not await self._say(writer, step, ANSWERS.get(step, "250 OK")):
                return
            if step == "DATA" and self.acts.get("DATA", "354").startswith("354"):
                content = await reader.readuntil(b"\r\n.\r\n")
                if not await self._say(writer, ".", ANSWERS["."]):
                    return
                self.mails.append((sender, recipient, content[:-3]))
            if step == "QUIT":
                return

    async def _say(self, writer: asyncio.StreamWriter, step: str, usual: str) -> bool:
        self.steps.append(step)
        said = self.once.pop(step, None) or self.acts.get(step, usual)
        if said == SILENT:
            await self.released.wait()
        if said in {HANG_UP, SILENT}:
            return False
        writer.write(f"{said}\r\n".encode())
        return True


@asynccontextmanager
async def relay() -> AsyncIterator[Relay]:
    """Serve SMTP on a free port of loopback."""
    one, serving = Relay(), set[asyncio.Task[None]]()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            serving.add(task)
        await one.accept(reader, writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        server.close()
        one.released.set()
        await asyncio.gather(*serving)
