"""One request to a vendor: sent once, within a deadline, and classified where it fails.

This is the only file of the room that knows an HTTP library; another one takes its place behind :class:`Transport`. It
never retries (a hidden retry spends quota), never follows a redirect, and logs neither queries nor headers. What an
answer means is read in `answer`.
"""

import asyncio
import base64
import logging
import os
import socket
import ssl
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlencode

import httpx

from probes.answer import LARGEST_BODY, Answer, Failure
from probes.auth import Auth, AuthKind
from probes.failure import FailureClass

log = logging.getLogger(__name__)

GZIP_OR_ZLIB = 47
"""The `wbits` by which zlib finds out itself which of the two it is given."""

KNOWN = 1024
"""How many addresses are kept as they were read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. Headers and content hold the credential, and the query may, so none of them shows in the repr."""

    url: str = field(repr=False)
    method: str = "GET"
    query: Mapping[str, str] = field(repr=False, default_factory=dict)
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    content: bytes | None = field(repr=False, default=None)
    deadline: timedelta = timedelta(seconds=10)


class Transport(Protocol):
    """How a call is made."""

    async def send(self, call: Call, now: Callable[[], datetime]) -> Answer | Failure:
        """Return the answer of whatever status, or why there is none; expected errors are never raised."""


def shared_client(tls: ssl.SSLContext, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Return the one client for all systems, to be closed by who made it; `transport` replaces the network.

    It keeps no cookies, for two accounts at one vendor must not meet in them, and uses no proxy from the environment.
    """
    for chatty in ("httpx", "httpcore"):  # they log addresses with their query, and headers
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return _Client(
        verify=tls,
        transport=transport,
        trust_env=False,
        timeout=None,  # each call has a deadline for all of its phases together
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=200),
        headers={"user-agent": "tierwatch", "accept": "application/json", "accept-encoding": "gzip"},
    )


class _Client(httpx.AsyncClient):
    """httpx's client without what is never used here and costs a tenth of a look: cookies, redirects, hooks, its log.

    An answer is read while it is open; its `elapsed` is not known.
    """

    async def send(
        self,
        request: httpx.Request,
        *,
        stream: bool = False,
        auth: object = None,
        follow_redirects: object = False,
    ) -> httpx.Response:
        """Return the answer to a request that carries its credential already."""
        if auth not in (None, httpx.USE_CLIENT_DEFAULT) or follow_redirects is True:
            raise ValueError("requests are signed by who makes them, and redirects are not followed")
        response = await self._transport_for_url(request.url).handle_async_request(request)
        response.request = request
        if not stream:
            await response.aread()
        return response


def signed(auth: Auth, secret: str | None) -> dict[str, str]:
    """Return the headers that carry a credential; a basic one without a colon is a user without a password."""
    if secret is None:
        return {}
    match auth.kind:
        case AuthKind.NONE:
            return {}
        case AuthKind.BEARER:
            return {"Authorization": f"Bearer {secret}"}
        case AuthKind.BASIC:
            pair = secret if ":" in secret else f"{secret}:"
            return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        case AuthKind.HEADER:
            return {auth.header: secret}
        case AuthKind.OAUTH2_CLIENT_CREDENTIALS | AuthKind.OAUTH2_REFRESH | AuthKind.OAUTH1:
            raise ValueError(f"{auth.kind} is made of several secrets")


class HttpxTransport:
    """A transport over one shared client."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        """Take the client; closing it stays its maker's work."""
        self._client = client

    async def send(self, call: Call, now: Callable[[], datetime]) -> Answer | Failure:
        """Return the answer of whatever status, or why there is none."""
        started = now()
        result = await self._answered(call, now)
        if log.isEnabledFor(logging.DEBUG):  # an address costs more to read than the rest of the line
            told = result.status if isinstance(result, Answer) else result.failure
            log.debug("%s: %s after %s s", place(call.url), told, (now() - started).total_seconds())
        return result

    async def _answered(self, call: Call, now: Callable[[], datetime]) -> Answer | Failure:
        seconds = call.deadline.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(call, now)
        except TimeoutError:
            return Failure(failure=FailureClass.TIMEOUT, reason=f"no complete answer within {seconds:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, zlib.error) as error:
            return failure_of(error)

    async def _exchange(self, call: Call, now: Callable[[], datetime]) -> Answer | Failure:
        request = self._client.stream(call.method, _address(call), headers=dict(call.headers), content=call.content)
        async with request as response:
            headers = _named(response)
            encoding = headers.get("content-encoding", "identity").lower()
            if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
                return Failure(failure=FailureClass.SCHEMA, reason="the answer is in an encoding not asked for")
            body, cut = await _body(response, compressed=encoding != "identity")
            return Answer(
                status=response.status_code,
                headers=headers,
                body=body,
                cut=cut,
                answered=now(),
                certificate=response.extensions.get("certificate"),
            )


def _named(response: httpx.Response) -> dict[str, str]:
    """The headers by their names in lower case; several of one name are one, with commas, as HTTP has it."""
    named: dict[str, str] = {}
    for raw, value in response.headers.raw:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        named[name] = f"{named[name]}, {text}" if name in named else text
    return named


def _address(call: Call) -> httpx.URL:
    """The address with the query, where there is one: an empty one would take away what the address has."""
    known = _read(call.url)
    return _Queried(known, urlencode(call.query)) if call.query else known


class _Queried(httpx.URL):
    """An address that was read before, with another query: encoded already, so that nothing is left to be read."""

    def __init__(self, known: httpx.URL, query: str) -> None:
        super().__init__(known)
        self._uri_reference = self._uri_reference._replace(query=query, fragment=None)


@lru_cache(maxsize=KNOWN)
def _read(url: str) -> httpx.URL:
    """Read an address; the same few are asked again and again, and each costs a tenth of a request to read."""
    return httpx.URL(url)


async def _body(response: httpx.Response, *, compressed: bool) -> tuple[bytes, bool]:
    """The body as far as it is read, and whether there was more; a small one may unpack to a huge one."""
    inflate = zlib.decompressobj(GZIP_OR_ZLIB) if compressed else None
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += inflate.decompress(chunk, LARGEST_BODY + 1 - len(body)) if inflate else chunk
        if len(body) > LARGEST_BODY:
            return bytes(body[:LARGEST_BODY]), True
    return bytes(body), False


CLASSES: dict[type[Exception], tuple[FailureClass, str]] = {
    httpx.PoolTimeout: (FailureClass.OWN, "no free connection on our side"),
    httpx.TimeoutException: (FailureClass.TIMEOUT, "no answer in time"),
    httpx.ConnectError: (FailureClass.CONNECT, "cannot connect"),
    httpx.LocalProtocolError: (FailureClass.REQUEST, "the request cannot be sent: look at headers and credential"),
    httpx.UnsupportedProtocol: (FailureClass.REQUEST, "the address is neither http nor https"),
    httpx.InvalidURL: (FailureClass.REQUEST, "the address cannot be read"),
    httpx.RemoteProtocolError: (FailureClass.CONNECT, "the connection broke, or what came is not HTTP"),
    httpx.NetworkError: (FailureClass.CONNECT, "the connection broke"),
    httpx.ProxyError: (FailureClass.CONNECT, "the proxy refused"),
    zlib.error: (FailureClass.SCHEMA, "the answer cannot be unpacked"),
    UnicodeError: (FailureClass.REQUEST, "address, headers or credential hold characters that cannot be sent"),
}
"""The first class that an error is an instance of counts."""


def failure_of(error: Exception) -> Failure:
    """Return the class of an error and a reason in our own words: an error's own may quote the credential."""
    causes = tuple(_causes(error))
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    if tls is not None:
        return Failure(failure=FailureClass.TLS, reason=f"no trusted connection: {_told(tls)}")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Failure(failure=FailureClass.DNS, reason="the host's name is not known")
    number = next((cause.errno for cause in causes if isinstance(cause, OSError) and cause.errno), None)
    found = (known for kind, known in CLASSES.items() if isinstance(error, kind))
    failure, reason = next(found, (FailureClass.CONNECT, "the request failed"))
    return Failure(failure=failure, reason=f"{reason}: {os.strerror(number)}" if number else reason)


def _told(error: ssl.SSLError) -> str:
    return error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else error.reason or "TLS failed"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            yield from error.exceptions
        error = error.__cause__ or error.__context__


def place(url: str) -> str:
    """Return an address without what may be secret in it: no user, no query, no fragment."""
    try:
        known = httpx.URL(url)
    except httpx.InvalidURL:
        return "an unreadable address"
    return f"{known.scheme}://{known.host}{known.path}"
