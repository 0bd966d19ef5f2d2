"""Names made into addresses that may be connected to: what is checked is what is connected to.

A client's webhook or relay must not be a way into our own network. A name is resolved once for each connection, every
address that it has is judged, and the connection goes to one of these: no second look-up could answer differently.
"""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from aiohttp.abc import AbstractResolver, ResolveResult

from alerts.channels.destination import is_private


class PrivateDestinationError(OSError):
    """A name leads into a private network, where it must not."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address to connect to, as the socket library has it."""

    family: int
    address: str
    port: int


async def places(host: str, port: int, *, allow_private: bool) -> list[Place]:
    """Return where a host can be reached.

    Raises:
        PrivateDestinationError: one of its addresses is private, and that is not allowed.
        OSError: it has no address.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise socket.gaierror(socket.EAI_NONAME, "the host is no valid name") from error
    if not allow_private and any(is_private(str(place[0])) for *_, place in found):
        raise PrivateDestinationError("the destination is private")
    return [Place(family=family, address=str(place[0]), port=port) for family, *_, place in found]


def names_private(host: str) -> bool:
    """Return whether a host is written as an address, and that is private; a name is not looked up."""
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return is_private(host)


class CheckedResolver(AbstractResolver):
    """Resolves names for aiohttp, which connects to what is returned here and to nothing else."""

    def __init__(self, allow_private: Callable[[], bool]) -> None:
        """Ask whether private destinations are allowed each time: a reload may change it."""
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return a host's addresses. Raises OSError where it has none, or a private one."""
        found = await places(host, port, allow_private=self._allow_private())
        return [_result(host, place) for place in found if family in (socket.AF_UNSPEC, place.family)]

    async def close(self) -> None:
        """Nothing is held open."""


def _result(host: str, place: Place) -> ResolveResult:
    return ResolveResult(
        hostname=host, host=place.address, port=place.port, family=place.family, proto=0, flags=socket.AI_NUMERICHOST
    )
