"""Whether a host can be reached at all: a connection is opened and closed, and nothing is sent over it.

It costs no vendor's quota, for it is no request. What it says about our own network is for `attribution`.
"""

import asyncio
from datetime import timedelta
from typing import Protocol

from probes.attribution import Host

PATIENCE = timedelta(seconds=1)
"""How long a connection may take; three of them in a row must not hold a page up for long."""


class Reach(Protocol):
    """How a host is tried."""

    async def __call__(self, host: Host) -> bool:
        """Return whether a connection could be opened."""


async def reach(host: Host) -> bool:
    """Return whether a connection to a host could be opened within a second; no error is raised."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            _, writer = await asyncio.open_connection(host.name, host.port)
    except (OSError, TimeoutError, UnicodeError):
        return False
    writer.close()
    return True
