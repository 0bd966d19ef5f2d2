"""The network for a fleet, on real sockets: what it adds to httpx's own, which passes the tests beside these too."""

import asyncio
import socket
import ssl
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from probes.adapters.fast import FastTransport
from probes.adapters.http import Call, HttpxTransport, shared_client
from probes.answer import Answer, Failure
from probes.failure import FailureClass
from tests.real_parts import free_port

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
AUTHORITY = trustme.CA()
TRUSTING = ssl.create_default_context()
AUTHORITY.configure_trust(TRUSTING)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 201))
SHORT = timedelta(milliseconds=200)


def now() -> datetime:
    return NOW


Served = Callable[["Vendor", StreamReader, StreamWriter], Awaitable[None]]


async def answering(vendor: "Vendor", reader: StreamReader, writer: StreamWriter) -> None:
    """Answer each request of a connection."""
    while await vendor.asked(reader):
        writer.write(OK)


async def once(vendor: "Vendor", reader: StreamReader, writer: StreamWriter) -> None:
    """Answer one request, and hang up without having said so."""
    await vendor.asked(reader)
    writer.write(OK)


async def breaking(vendor: "Vendor", reader: StreamReader, writer: StreamWriter) -> None:
    """Answer the first request of a connection, and hang up on the second."""
    await once(vendor, reader, writer)
    await vendor.asked(reader)


async def silent(vendor: "Vendor", reader: StreamReader, writer: StreamWriter) -> None:
    """Say nothing to anybody."""
    await vendor.asked(reader)
    await reader.read()


async def stalling(vendor: "Vendor", reader: StreamReader, writer: StreamWriter) -> None:
    """Send half of a body, and no more."""
    await vendor.asked(reader)
    writer.write(OK[:-1])
    await reader.read()


async def endless(vendor: "Vendor", reader: StreamReader, writer: StreamWriter) -> None:
    """Send a body without end, as fast as it is taken."""
    await vendor.asked(reader)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(bytes(65_536))
        vendor.sent += 65_536
        await writer.drain()


async def resetting(vendor: "Vendor", reader: StreamReader, writer: StreamWriter) -> None:
    """Read a request and reset the connection."""
    await vendor.asked(reader)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Vendor:
    """A server that counts its connections, those that are open, and the requests."""

    def __init__(self, served: Served) -> None:
        """Serve each connection in this manner."""
        self.served = served
        self.port = self.connections = self.open = self.requests = self.sent = 0
        self.changed = asyncio.Condition()

    async def asked(self, reader: StreamReader) -> bool:
        """Read one request; False at the end of the connection."""
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            await self._told("requests", 1)
            return True
        return False

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one connection to its end."""
        await self._told("connections", 1)
        await self._told("open", 1)
        with suppress(ConnectionError):
            await self.served(self, reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        await self._told("open", -1)

    async def until(self, reached: Callable[["Vendor"], bool]) -> None:
        """Wait until something is so; TimeoutError where it never is."""
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(lambda: reached(self))

    async def _told(self, count: str, more: int) -> None:
        async with self.changed:
            setattr(self, count, getattr(self, count) + more)
            self.changed.notify_all()


@asynccontextmanager
async def vendor(
    served: Served, tls: ssl.SSLContext | None = None, hosts: Sequence[str] = HOSTS[:1]
) -> AsyncIterator[Vendor]:
    made = Vendor(served)
    made.port = free_port()
    server = await asyncio.start_server(made.serve, hosts, made.port, ssl=tls, backlog=512)
    async with server:
        yield made
        await made.until(lambda one: one.open == 0)


@asynccontextmanager
async def fleet() -> AsyncIterator[HttpxTransport]:
    async with shared_client(TRUSTING, FastTransport(TRUSTING)) as client:
        yield HttpxTransport(client)


def certified(name: str) -> ssl.SSLContext:
    """What a server needs that is known by this name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


async def failure(transport: HttpxTransport, url: str, deadline: timedelta = timedelta(seconds=5)) -> Failure:
    result = await transport.send(Call(url=url, deadline=deadline), now)
    assert isinstance(result, Failure)
    return result


async def good(transport: HttpxTransport, url: str) -> None:
    result = await transport.send(Call(url=url), now)
    assert isinstance(result, Answer), result


@contextmanager
def nothing_left_behind() -> Iterator[None]:
    """Whatever tasks were begun within the block, of ours or the server's, have ended with it."""
    before = asyncio.all_tasks()
    yield
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("tls", [None, certified("127.0.0.1")], ids=["plain", "tls"])
async def test_one_request_after_another_takes_the_same_connection(tls: ssl.SSLContext | None) -> None:
    async with vendor(answering, tls) as one, fleet() as transport:
        for _ in range(5):
            await good(transport, f"http{'s' if tls else ''}://127.0.0.1:{one.port}/")
        assert (one.connections, one.requests) == (1, 5)


async def test_a_host_that_hangs_delays_none_of_two_hundred_others() -> None:
    async with vendor(answering, hosts=HOSTS) as well, vendor(silent, hosts=HOSTS) as hung, fleet() as transport:
        waiting = [failure(transport, f"http://{host}:{hung.port}/", SHORT) for host in HOSTS]
        answered = [good(transport, f"http://{host}:{well.port}/") for host in HOSTS]
        await asyncio.gather(*answered, *waiting)
        assert (well.connections, hung.connections) == (len(HOSTS), len(HOSTS))
        await asyncio.gather(*(good(transport, f"http://{host}:{well.port}/") for host in HOSTS))
        assert well.connections == len(HOSTS)


async def test_a_kept_connection_on_which_the_vendor_hung_up_is_not_used_again() -> None:
    async with vendor(once) as one, fleet() as transport:
        for _ in range(5):
            await good(transport, f"http://127.0.0.1:{one.port}/")
        assert (one.connections, one.requests) == (5, 5)


async def test_a_connection_that_was_idle_for_longer_than_it_is_kept_is_not_used_again() -> None:
    network = FastTransport(TRUSTING, kept=timedelta())
    async with vendor(answering) as one, shared_client(TRUSTING, network) as client:
        for _ in range(2):
            await good(HttpxTransport(client), f"http://127.0.0.1:{one.port}/")
        assert one.connections == 2


async def test_a_request_is_never_sent_twice_where_a_kept_connection_breaks() -> None:
    async with vendor(breaking) as one, fleet() as transport:
        await good(transport, f"http://127.0.0.1:{one.port}/")
        broken = await failure(transport, f"http://127.0.0.1:{one.port}/")
        assert (broken.failure, one.requests) == (FailureClass.CONNECT, 2)


async def test_a_reset_connection_names_the_reset() -> None:
    async with vendor(resetting) as one, fleet() as transport:
        broken = await failure(transport, f"http://127.0.0.1:{one.port}/")
        assert broken.failure is FailureClass.CONNECT
        assert broken.reason == "the connection broke: Connection reset by peer"


async def test_a_name_with_two_addresses_that_both_refuse_names_the_refusal() -> None:
    async with vendor(answering) as closed, fleet() as transport:
        pass
    async with fleet() as transport:
        refused = await failure(transport, f"http://localhost:{closed.port}/")
    assert refused == Failure(failure=FailureClass.CONNECT, reason="cannot connect: Connection refused")


async def test_a_certificate_for_another_name_is_a_tls_failure_that_says_so() -> None:
    async with vendor(answering, certified("127.0.0.9")) as one, fleet() as transport:
        refused = await failure(transport, f"https://127.0.0.1:{one.port}/")
        assert refused.failure is FailureClass.TLS
        assert "IP address mismatch" in refused.reason


async def test_a_certificate_of_an_unknown_authority_is_a_tls_failure_that_says_so() -> None:
    strict = ssl.create_default_context()
    async with vendor(answering, certified("127.0.0.1")) as one, shared_client(strict, FastTransport(strict)) as client:
        refused = await failure(HttpxTransport(client), f"https://127.0.0.1:{one.port}/")
        assert refused.failure is FailureClass.TLS
        assert "unable to get local issuer certificate" in refused.reason


async def hanging_up(vendor: Vendor, reader: StreamReader, writer: StreamWriter) -> None:
    """Hang up in the middle of the hand-shake."""
    await reader.read(1)
    await reader.read(65_536)


async def test_a_hand_shake_that_is_cut_short_is_a_tls_failure() -> None:
    async with vendor(hanging_up) as one, fleet() as transport:
        assert (await failure(transport, f"https://127.0.0.1:{one.port}/")).failure is FailureClass.TLS


@pytest.mark.parametrize(
    ("scheme", "expected"), [("https", httpx.ConnectTimeout), ("http", httpx.ReadTimeout)], ids=["tls", "answer"]
)
async def test_the_patience_of_a_client_holds_for_each_phase(scheme: str, expected: type[Exception]) -> None:
    async with (
        vendor(silent) as one,
        vendor(hung) as dumb,
        httpx.AsyncClient(transport=FastTransport(TRUSTING)) as client,
    ):
        with pytest.raises(expected):
            await client.get(f"{scheme}://127.0.0.1:{(dumb if scheme == 'https' else one).port}/", timeout=0.1)


async def hung(vendor: Vendor, reader: StreamReader, writer: StreamWriter) -> None:
    """Take whatever comes, and say nothing."""
    while await reader.read(65_536):
        pass


async def test_a_body_is_sent_as_it_was_given() -> None:
    bodies = []

    async def echo(vendor: Vendor, reader: StreamReader, writer: StreamWriter) -> None:
        await vendor.asked(reader)
        bodies.append(await reader.readexactly(9))
        writer.write(OK)

    async with vendor(echo) as one, fleet() as transport:
        call = Call(url=f"http://127.0.0.1:{one.port}/", method="POST", content=b'{"a": 10}')
        assert isinstance(await transport.send(call, now), Answer)
    assert bodies == [b'{"a": 10}']


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with vendor(answering) as one, fleet() as transport:
        await good(transport, f"http://127.0.0.1:{one.port}/")


@pytest.mark.parametrize("served", [silent, stalling])
async def test_what_is_given_up_leaves_neither_a_connection_nor_a_task(served: Served) -> None:
    async with vendor(served) as one, fleet() as transport:
        with nothing_left_behind():
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await transport.send(Call(url=f"http://127.0.0.1:{one.port}/"), now)
            await one.until(lambda vendor: (vendor.requests, vendor.open) == (1, 0))


async def test_closing_the_client_closes_every_connection() -> None:
    with nothing_left_behind():
        async with vendor(answering, hosts=HOSTS) as one:
            async with fleet() as transport:
                await asyncio.gather(*(good(transport, f"http://{host}:{one.port}/") for host in HOSTS))
                assert one.open == len(HOSTS)
            await one.until(lambda vendor: vendor.open == 0)


async def test_a_body_comes_no_faster_than_it_is_read() -> None:
    async with vendor(endless) as one, httpx.AsyncClient(transport=FastTransport(TRUSTING)) as client:
        request = client.build_request("GET", f"http://127.0.0.1:{one.port}/")
        answer = await client.send(request, stream=True)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(one.until(lambda vendor: vendor.sent > 20_000_000), 0.3)
        await answer.aclose()


@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_that_a_vendor_sends_raise_an_error(noise: bytes, proper: bool) -> None:  # noqa: FBT001 - drawn
    async def noisy(vendor: Vendor, reader: StreamReader, writer: StreamWriter) -> None:
        await vendor.asked(reader)
        writer.write((b"HTTP/1.1 200 OK\r\n" if proper else b"") + noise)

    async def play() -> Answer | Failure:
        async with vendor(noisy) as one, fleet() as transport:
            return await transport.send(Call(url=f"http://127.0.0.1:{one.port}/"), now)

    result = asyncio.run(play())
    assert isinstance(result, Answer) or result.failure in {FailureClass.CONNECT, FailureClass.SCHEMA}
