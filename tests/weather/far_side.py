"""Receivers as a process of their own that misbehave at first and then come back: `python -m tests.weather.far_side`.

They listen on loopback at free ports and print both as one line. A message is known by its key. Its first attempt meets
what the path or the recipient's name says; later ones are taken. A line on standard input is answered with a line of
JSON: everything that was taken or refused so far. The process ends with its standard input.

HTTP: /ok, /hang (never answered, not taken), /late (taken, never answered), /half (taken, cut in mid-answer), /500,
/429 (with Retry-After: 1). SMTP: ok-1@..., 450-1@... (at first), 550-1@... (always).
"""

import asyncio
import json
import sys
from contextlib import suppress
from email import message_from_bytes
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

TAKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf"
REFUSALS = {
    "500": b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "429": b"HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
}
FOR_EVER = 60


class FarSide:
    """What came in: how each attempt of each key ended, in their order, and in what words a repeated one came."""

    def __init__(self) -> None:
        self.log: list[tuple[str, str, str]] = []

    def _came(self, key: str, end: str, subject: str) -> None:
        self.log.append((key, end, subject))

    def _first(self, key: str) -> bool:
        return all(known != key for known, *_ in self.log)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(fields.get("content-length", 0)))
            key, how = fields.get("idempotency-key", ""), head[0].split()[1].strip("/").partition("/")[0]
            writer.write(await self._answer(key, how, str(json.loads(body).get("title", ""))))
            await writer.drain()
        writer.close()

    async def _answer(self, key: str, how: str, subject: str) -> bytes:
        first = self._first(key)
        if how == "ok" or not first:
            self._came(key, "taken", subject)
            return TAKEN
        self._came(key, "taken" if how in {"late", "half"} else "refused", subject)
        if how in {"hang", "late"}:
            await asyncio.sleep(FOR_EVER)  # noqa: TID251 - a real receiver that hangs
        return HALF if how == "half" else REFUSALS.get(how, b"")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Refuse whom is to be refused."""
        code = address.partition("-")[0]
        if code == "550" or (code == "450" and self._first(address)):
            self._came(address, "refused", "")
            return f"{code} not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - the same
        """Take a mail."""
        mail = message_from_bytes(envelope.original_content or b"", policy=default)
        for recipient in envelope.rcpt_tos:
            self._came(recipient, "taken", str(mail["Subject"]))
        return "250 OK"


async def main() -> None:
    """Serve until standard input ends."""
    side, loop = FarSide(), asyncio.get_running_loop()
    web = await asyncio.start_server(side.serve, "127.0.0.1", 0)
    mail = await loop.create_server(lambda: SMTP(side, hostname="far", loop=loop), "127.0.0.1", 0)
    print(web.sockets[0].getsockname()[1], mail.sockets[0].getsockname()[1], flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while await orders.readline():
        print(json.dumps(side.log), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
