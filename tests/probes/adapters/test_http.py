"""One request against real sockets on loopback: every way to fail has its class, and no secret shows."""

import gzip
import logging
import ssl
import tracemalloc
import zlib
from asyncio import StreamReader, StreamWriter, Task, current_task, gather, start_server, timeout
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from probes.adapters.fast import FastTransport
from probes.adapters.http import Call, HttpxTransport, failure_of, place, shared_client, signed
from probes.answer import LARGEST_BODY, Answer, Failure
from probes.auth import Auth, AuthKind
from probes.failure import FailureClass

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TLS = ssl.create_default_context()
SECRET = "sk_live_do_not_show"


def now() -> datetime:
    return NOW


Reply = Callable[[StreamReader, StreamWriter], Awaitable[None]]


async def silence(reader: StreamReader, writer: StreamWriter) -> None:
    """Keep the connection open and say nothing."""
    await reader.read()


async def drip(reader: StreamReader, writer: StreamWriter) -> None:
    """Send a byte every 20 ms, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not reader.at_eof():
        writer.write(b"1\r\n \r\n")
        await writer.drain()
        with suppress(TimeoutError):
            async with timeout(0.02):
                await reader.read()


class Wire:
    """A server that sends the same bytes to whoever connects, and keeps what it was sent."""

    def __init__(self, reply: bytes | Reply) -> None:
        """Reply with these bytes, or in this manner."""
        self.reply = reply
        self.requests: list[bytes] = []
        self.port = 0
        self.served: set[Task[None]] = set()

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one connection."""
        self.served |= {task for task in [current_task()] if task}
        with suppress(ConnectionError):
            self.requests.append(await reader.read(65_536))
            if isinstance(self.reply, bytes):
                writer.write(self.reply)
                await writer.drain()
            else:
                await self.reply(reader, writer)
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    @property
    def url(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self.port}/v1/list"


@asynccontextmanager
async def wire(reply: bytes | Reply) -> AsyncIterator[Wire]:
    served = Wire(reply)
    server = await start_server(served.serve, "127.0.0.1", 0)
    served.port = server.sockets[0].getsockname()[1]
    async with server:
        yield served
    await gather(*served.served)


Network = Callable[[], httpx.AsyncBaseTransport | None]
Get = Callable[..., Awaitable[Answer | Failure]]


@pytest.fixture(params=[lambda: None, lambda: FastTransport(TLS)], ids=["httpx", "fast"])
def network(request: pytest.FixtureRequest) -> Network:
    """What makes the network below the client: what is true of httpx's own is true of ours."""
    made: Network = request.param
    return made


@pytest.fixture
def get(network: Network) -> Get:
    """Send one request through a client of its own."""

    async def get(url: str, **call: object) -> Answer | Failure:
        async with shared_client(TLS, network()) as client:
            return await HttpxTransport(client).send(Call(url=url, **call), now)  # type: ignore[arg-type]

    return get


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


async def test_an_answer_of_any_status_comes_back_with_its_headers_and_instant(get: Get) -> None:
    async with wire(http(b"{}", "Retry-After: 7", status="429 Slow Down")) as vendor:
        answer = await get(vendor.url)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.headers["retry-after"], answer.body, answer.answered) == (429, "7", b"{}", NOW)


async def test_a_redirect_is_handed_back_and_not_followed(get: Get) -> None:
    async with wire(b"") as elsewhere, wire(http(b"", f"Location: {elsewhere.url}", status="302 Found")) as vendor:
        answer = await get(vendor.url)
    assert isinstance(answer, Answer)
    assert (answer.status, elsewhere.requests) == (302, [])


async def test_query_headers_and_a_name_of_ours_are_sent(get: Get) -> None:
    async with wire(http(b"{}")) as vendor:
        await get(f"{vendor.url}?page=2")
        await get(vendor.url, query={"created[gte]": "5"}, headers={"Authorization": "Bearer x"})
    first, second = (request.decode() for request in vendor.requests)
    assert first.startswith("GET /v1/list?page=2 HTTP/1.1")
    assert second.startswith("GET /v1/list?created%5Bgte%5D=5 HTTP/1.1")
    assert "Authorization: Bearer x" in second
    assert "user-agent: tierwatch" in second.lower()


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (b"", FailureClass.CONNECT),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", FailureClass.CONNECT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", FailureClass.CONNECT),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", FailureClass.CONNECT),
        (http(b"no gzip", "Content-Encoding: gzip"), FailureClass.SCHEMA),
        (http(b"{}", "Content-Encoding: br"), FailureClass.SCHEMA),
    ],
)
async def test_what_is_not_proper_http_has_a_class_and_a_reason(get: Get, reply: bytes, expected: FailureClass) -> None:
    async with wire(reply) as vendor:
        failure = await get(vendor.url)
    assert isinstance(failure, Failure)
    assert failure.failure is expected
    assert failure.reason


async def test_a_silent_vendor_is_a_timeout_after_the_deadline(get: Get) -> None:
    async with wire(silence) as vendor:
        failure = await get(vendor.url, deadline=timedelta(milliseconds=80))
    assert failure == Failure(failure=FailureClass.TIMEOUT, reason="no complete answer within 0.08 s")


async def test_a_vendor_that_drips_is_a_timeout_although_each_byte_comes_in_time(get: Get) -> None:
    async with wire(drip) as vendor:
        failure = await get(vendor.url, deadline=timedelta(milliseconds=150))
    assert isinstance(failure, Failure)
    assert failure.failure is FailureClass.TIMEOUT


async def test_a_refused_connection_names_the_refusal(get: Get) -> None:
    async with wire(b"") as closed:
        url = closed.url
    failure = await get(url)
    assert failure == Failure(failure=FailureClass.CONNECT, reason="cannot connect: Connection refused")


async def test_an_unknown_host_is_a_dns_failure(get: Get) -> None:
    failure = await get("http://vendor.invalid/")
    assert failure == Failure(failure=FailureClass.DNS, reason="the host's name is not known")


async def test_a_vendor_that_does_not_speak_tls_is_a_tls_failure(get: Get) -> None:
    async with wire(http(b"{}")) as vendor:
        failure = await get(vendor.url.replace("http:", "https:"))
    assert isinstance(failure, Failure)
    assert failure.failure is FailureClass.TLS


def test_an_untrusted_certificate_says_what_is_wrong_with_it() -> None:
    cause = ssl.SSLCertVerificationError(1, "long text")
    cause.verify_message = "certificate has expired"
    error = httpx.ConnectError("long text")
    error.__cause__ = cause
    assert failure_of(error).failure is FailureClass.TLS
    assert failure_of(error).reason.endswith("certificate has expired")


def test_a_pool_that_ran_dry_is_our_own_fault() -> None:
    assert failure_of(httpx.PoolTimeout("full")).failure is FailureClass.OWN


@pytest.mark.parametrize(
    ("packed", "encoding"), [(gzip.compress, "gzip"), (zlib.compress, "deflate"), (bytes, "identity")]
)
async def test_bodies_are_unpacked(get: Get, packed: Callable[[bytes], bytes], encoding: str) -> None:
    async with wire(http(packed(b'{"rows": []}'), f"Content-Encoding: {encoding}")) as vendor:
        answer = await get(vendor.url)
    assert isinstance(answer, Answer)
    assert (answer.body, answer.cut) == (b'{"rows": []}', False)


@pytest.mark.parametrize(("size", "cut"), [(LARGEST_BODY, False), (LARGEST_BODY + 1, True), (40_000_000, True)])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_body_is_read_up_to_ten_megabytes_however_it_is_packed(
    get: Get,
    size: int,
    cut: bool,  # noqa: FBT001 - parametrized
    encoding: str,
) -> None:
    body = bytes(size)
    async with wire(
        http(gzip.compress(body) if encoding == "gzip" else body, f"Content-Encoding: {encoding}")
    ) as vendor:
        answer = await get(vendor.url)
    assert isinstance(answer, Answer)
    assert (len(answer.body), answer.cut) == (min(size, LARGEST_BODY), cut)


async def test_a_small_body_that_unpacks_to_a_huge_one_is_never_held_in_memory(get: Get) -> None:
    async with wire(http(gzip.compress(bytes(60_000_000)), "Content-Encoding: gzip")) as vendor:
        tracemalloc.start()
        answer = await get(vendor.url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert isinstance(answer, Answer)
    assert peak < 45_000_000


async def test_cookies_of_one_account_are_not_sent_for_another(network: Network) -> None:
    reply = http(b"{}", "Set-Cookie: session=acme; Path=/")
    async with wire(reply) as vendor, shared_client(TLS, network()) as client:
        for _ in range(2):
            await HttpxTransport(client).send(Call(url=vendor.url), now)
    assert all(b"session" not in request for request in vendor.requests)


@pytest.mark.parametrize("secret", [SECRET + "\nX-Evil: 1", SECRET + "é"])
async def test_a_credential_that_cannot_be_sent_is_our_own_mistake_and_is_not_told(get: Get, secret: str) -> None:
    async with wire(http(b"{}")) as vendor:
        failure = await get(vendor.url, headers=signed(Auth(kind=AuthKind.BEARER), secret))
    assert isinstance(failure, Failure)
    assert failure.failure is FailureClass.REQUEST
    assert SECRET not in failure.reason


@pytest.mark.parametrize("url", ["ftp://vendor.example/", "http://[::1", "no address"])
async def test_an_address_that_is_none_is_our_own_mistake(get: Get, url: str) -> None:
    failure = await get(url)
    assert isinstance(failure, Failure)
    assert failure.failure is FailureClass.REQUEST


@pytest.mark.parametrize(
    ("auth", "headers"),
    [
        (Auth(), {}),
        (Auth(kind=AuthKind.BEARER), {"Authorization": "Bearer key"}),
        (Auth(kind=AuthKind.BASIC), {"Authorization": "Basic a2V5Og=="}),
        (Auth(kind=AuthKind.HEADER, header="X-Key"), {"X-Key": "key"}),
    ],
)
def test_a_credential_travels_as_the_vendor_wants_it(auth: Auth, headers: dict[str, str]) -> None:
    assert signed(auth, "key") == headers
    assert signed(auth, None) == {}
    assert signed(Auth(kind=AuthKind.BASIC), "user:pass") == {"Authorization": "Basic dXNlcjpwYXNz"}


async def test_no_log_and_no_repr_shows_a_query_a_header_or_a_user(get: Get, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    call = Call(url="", query={"key": SECRET}, headers=signed(Auth(kind=AuthKind.BEARER), SECRET))
    async with wire(http(b"{}")) as vendor:
        url = vendor.url.replace("http://", f"http://user:{SECRET}@")
        await get(url, query=call.query, headers=call.headers)
        assert SECRET not in caplog.text
        assert "http://127.0.0.1/v1/list: 200 after" in caplog.text
    assert SECRET not in repr(call)
    assert place(f"http://{SECRET}:x@[::1") == "an unreadable address"
