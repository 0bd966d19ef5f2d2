"""httpx's network, made for a fleet: aiohttp's connections under httpx's API, and httpx's errors for all that breaks.

httpx's own pool goes through all the connections it holds for each request, so each further host makes the requests to
all others dearer; here a host's connections are found at once. Nothing is decided: no retry, no redirect, no cookie,
no unpacking. What an error means is read in `http`, from the same classes and causes as before.
"""

import asyncio
import select
import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from weakref import WeakSet

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from aiohttp.client_middlewares import ClientHandlerType
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from yarl import URL

from probes.adapters.handshake import chain_of
from probes.certificate import Certificate, certificate_of

KEPT = timedelta(seconds=4)
"""How long an idle connection is kept: less than the five seconds after which common servers hang up.

A request that crosses with a hang-up fails, and would be taken for a failure of the vendor.
"""

LONGEST_HEAD = 100_000
"""Bytes of a line or a header of an answer, as httpx's own network has it."""

MOST_HEADERS = 1000


class FastTransport(httpx.AsyncBaseTransport):
    """A network for one httpx client, which closes it; to be made where the event loop runs."""

    def __init__(self, tls: ssl.SSLContext, kept: timedelta = KEPT, resolver: AbstractResolver | None = None) -> None:
        """Trust what the context trusts, keep idle connections for so long, and look names up by a resolver."""
        self._connector = _Connector(tls, kept, resolver or aiohttp.ThreadedResolver())
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            max_line_size=LONGEST_HEAD,
            max_field_size=LONGEST_HEAD,
            max_headers=MOST_HEADERS,
            middlewares=(_once,),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer as soon as its head is there; its body is read from it.

        Raises:
            httpx.TransportError: there is none; the cause is the error of socket or TLS where there was one.
        """
        content, url = await request.aread(), _address(request.url)
        try:
            answer = await self._session.request(
                request.method,
                url,
                headers=_headers(request),
                data=content or None,
                allow_redirects=False,
                timeout=_patience(request),
            )
        except ValueError as error:
            raise httpx.LocalProtocolError("the request cannot be sent") from error
        shown = self._connector.certificates.get((url.host, url.port)) if url.scheme == "https" else None
        extensions = {"certificate": shown} if shown is not None else None
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer), extensions=extensions)

    async def aclose(self) -> None:
        """Close all connections, and wait until they are closed."""
        await self._session.close()


class _Connector(aiohttp.TCPConnector):
    """Hands out no kept connection on which the server has hung up, even where the loop has not heard of it yet."""

    def __init__(self, tls: ssl.SSLContext, kept: timedelta, resolver: AbstractResolver) -> None:
        """Names are looked up for each connection: an old address would hide a failure."""
        seconds = kept.total_seconds()
        super().__init__(ssl=tls, limit=0, keepalive_timeout=seconds, use_dns_cache=False, resolver=resolver)
        self._kept: WeakSet[object] = WeakSet()
        self.certificates: dict[tuple[str | None, int | None], Certificate] = {}

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's
    ) -> Connection:
        """Return a connection, kept or new."""
        while (connection := await super().connect(req, traces, timeout)).protocol in self._kept:
            if not _hung_up(connection.transport):
                return connection
            connection.close()
        self._kept.add(connection.protocol)
        self._shown(req.url, connection)
        return connection

    def _shown(self, url: URL, connection: Connection) -> None:
        """Note what certificates the peer at the end of a new connection has shown."""
        tls = connection.transport.get_extra_info("ssl_object") if connection.transport else None
        known = certificate_of(chain_of(tls)) if tls is not None else None
        if known is not None:
            self.certificates[url.host, url.port] = known


def _hung_up(transport: asyncio.Transport | None) -> bool:
    """Whether there is something to read where nothing was asked: the end, or what belongs to no answer."""
    if transport is None:
        return True
    poll = select.poll()
    poll.register(transport.get_extra_info("socket"), select.POLLIN)
    return bool(poll.poll(0))


class _Body(httpx.AsyncByteStream):
    """The body of an answer, in the pieces in which it comes; nobody reads on faster than it is taken."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._answer.content.iter_any():
                yield piece
        except (aiohttp.ClientError, OSError) as error:
            raise _told(error) from _cause(error)

    async def aclose(self) -> None:
        """Give up what was not read, and with it the connection; one that was read to its end is kept already."""
        self._answer.close()


async def _once(request: aiohttp.ClientRequest, send: ClientHandlerType) -> aiohttp.ClientResponse:
    """Send a request once, and tell of errors in httpx's words.

    Without that aiohttp sends it again where a kept connection broke: it spends quota, and hides what is watched for.
    """
    try:
        return await send(request)
    except (aiohttp.ClientError, OSError) as error:
        raise _told(error) from _cause(error)


ERRORS: dict[type[Exception], type[httpx.TransportError]] = {
    aiohttp.ClientConnectorError: httpx.ConnectError,
    aiohttp.ClientConnectorCertificateError: httpx.ConnectError,
    aiohttp.ConnectionTimeoutError: httpx.ConnectTimeout,
    aiohttp.ServerTimeoutError: httpx.ReadTimeout,
    aiohttp.ClientResponseError: httpx.RemoteProtocolError,
    aiohttp.ClientPayloadError: httpx.RemoteProtocolError,
    aiohttp.ServerDisconnectedError: httpx.RemoteProtocolError,
    aiohttp.InvalidURL: httpx.UnsupportedProtocol,
}
"""The first class that an error is an instance of counts; any other is a connection that broke."""


def _told(error: Exception) -> httpx.TransportError:
    """Say it in httpx's words, and without aiohttp's text: that may quote the address with its query."""
    kind = next((ours for theirs, ours in ERRORS.items() if isinstance(error, theirs)), httpx.ReadError)
    return kind(type(error).__name__)


def _cause(error: Exception) -> Exception | None:
    """The error of socket or TLS below."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return error.certificate_error
    if not isinstance(error, aiohttp.ClientConnectorError):
        return error if isinstance(error, OSError) else None
    cut = isinstance(error.os_error, ConnectionError) and error.os_error.errno is None
    return _cut_short() if cut else error.os_error


def _cut_short() -> ssl.SSLError:
    """What OpenSSL says of a hand-shake that was cut short; asyncio says that a connection was reset, by no number."""
    error = ssl.SSLEOFError(ssl.SSL_ERROR_EOF, "EOF occurred in violation of protocol")
    error.reason = "UNEXPECTED_EOF_WHILE_READING"
    return error


def _address(url: httpx.URL) -> URL:
    """The address as httpx wrote it, without the user: that is in a header by now."""
    if url.scheme not in {"http", "https"} or not url.host:
        raise httpx.UnsupportedProtocol("the address is neither http nor https")
    return URL(f"{url.scheme}://{url.netloc.decode()}{url.raw_path.decode()}", encoded=True)


def _headers(request: httpx.Request) -> list[tuple[str, str]]:
    """The headers as text; how the body's end is told is aiohttp's to say, who has it whole."""
    raw = ((name.decode("ascii"), value.decode("ascii")) for name, value in request.headers.raw)
    return [(name, value) for name, value in raw if name.lower() != "transfer-encoding"]


def _patience(request: httpx.Request) -> aiohttp.ClientTimeout:
    """The patience that httpx has with each phase; its deadline for the whole is kept by who sends."""
    seconds = request.extensions.get("timeout", {})
    return aiohttp.ClientTimeout(total=None, connect=seconds.get("connect"), sock_read=seconds.get("read"))
