"""A mail server as a process of its own, that notes for whom a mail came and when: `python -m tests.bench.post_office`.

It listens on loopback at any free port and prints `host:port` as one line. On its standard input, a line asks for what
came since the last one: an answer is one line of JSON, with instants by its own clock. Its end is that of its input.
"""

import asyncio
import json
import sys
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP, Envelope, Session


class Notes:
    """Takes every mail and remembers its recipient's name, the instant, and the tier that its words do not tell."""

    def __init__(self) -> None:
        self.came: list[tuple[str, str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        del server, session
        instant = datetime.now(UTC).isoformat()
        self.came += [(one.partition("@")[0], instant) for one in envelope.rcpt_tos]
        return "250 OK"


async def main() -> None:
    """Serve until standard input ends."""
    notes, loop = Notes(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(notes, hostname="office", loop=loop), "127.0.0.1", 0)
    print("{}:{}".format(*server.sockets[0].getsockname()[:2]), flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while await orders.readline():
        came, notes.came = notes.came, []
        print(json.dumps(came), flush=True)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
