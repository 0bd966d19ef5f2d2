"""One HTTP request to a receiver: sent once, within a deadline, and its answer or failure as a verdict.

No redirect is followed, no cookie kept, nothing retried. What a receiver's words mean is for its own adapter.
"""

import asyncio
import json
import re
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from alerts.channels import verdict
from alerts.channels.network import CheckedResolver, PrivateDestinationError, names_private
from alerts.channels.verdict import Verdict
from probes.adapters.fast import FastTransport
from probes.adapters.http import shared_client

LARGEST_ANSWER = 262_144
CONNECTING = 0.8
"""Part of the deadline, so that a connection that is not made is known to be none before we stop waiting."""

SECONDS = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One request. Its address, headers and content may hold secrets, so none of them shows in the repr."""

    url: str = field(repr=False)
    content: bytes = field(repr=False, default=b"")
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)
    params: Mapping[str, str] = field(repr=False, default_factory=dict)
    auth: tuple[str, str] | None = field(repr=False, default=None)
    method: str = "POST"
    trusting: bool = False
    deadline: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a receiver answered; `retry_after` is for how long it sent us away."""

    status: int
    body: bytes = field(repr=False, default=b"")
    retry_after: timedelta | None = None

    @property
    def told(self) -> Mapping[str, object]:
        """The body as a JSON object; empty where it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def verdict(self) -> Verdict:
        """What the status alone says."""
        if 200 <= self.status < 300:  # noqa: PLR2004 - success, as HTTP counts
            return verdict.ACCEPTED
        return verdict.of_status(self.status, self.retry_after)


@dataclass(slots=True, kw_only=True)
class Web:
    """The way to receivers over HTTP. `now` reads the clock; `allow_private` is asked each time."""

    now: Callable[[], datetime]
    allow_private: Callable[[], bool]
    _clients: dict[bool, httpx.AsyncClient] = field(default_factory=dict)

    async def send(self, post: Post) -> Answered | Verdict:
        """Return the answer, or the verdict on why there is none."""
        try:
            if not self.allow_private() and names_private(httpx.URL(post.url).host):
                return verdict.PRIVATE
            async with asyncio.timeout(post.deadline.total_seconds()):
                return await self._send(post)
        except TimeoutError:
            return verdict.no_answer(post.deadline)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return of_failure(error, post.deadline)

    async def _send(self, post: Post) -> Answered:
        request = self._client(trusting=post.trusting).build_request(
            post.method,
            post.url,
            content=post.content,
            headers={**post.headers, **_signed(post.auth)},
            params={**post.params} or None,
            timeout=httpx.Timeout(None, connect=post.deadline.total_seconds() * CONNECTING),
        )
        answer = await self._client(trusting=post.trusting).send(request, stream=True)
        try:
            body = b"" if answer.is_error else await _read(answer)
        finally:
            await answer.aclose()
        return Answered(
            status=answer.status_code,
            body=body,
            retry_after=retry_after(answer.headers.get("retry-after", ""), self.now()),
        )

    def _client(self, *, trusting: bool) -> httpx.AsyncClient:
        """The client, made where the loop runs; one that is trusting believes any certificate, as an address asked."""
        if trusting not in self._clients:
            tls = ssl.create_default_context()
            if trusting:
                tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
            network = FastTransport(tls, resolver=CheckedResolver(self.allow_private))
            self._clients[trusting] = shared_client(tls, network)
        return self._clients[trusting]

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()


def _signed(auth: tuple[str, str] | None) -> Mapping[str, str]:
    """The header of a name and a password, RFC 7617; none without them."""
    if auth is None:
        return {}
    return {"authorization": f"Basic {b64encode(':'.join(auth).encode()).decode('ascii')}"}


async def _read(answer: httpx.Response) -> bytes:
    """The body, as much of it as an answer may have."""
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > LARGEST_ANSWER:
            break
    return bytes(body)


def retry_after(told: str, now: datetime) -> timedelta | None:
    """Return for how long a `Retry-After` sends us away, None where it says nothing that can be read."""
    told = told.strip()
    if SECONDS.fullmatch(told):
        return timedelta(seconds=int(told))
    try:
        at = parsedate_to_datetime(told)
    except (ValueError, OverflowError):
        return None
    return max(timedelta(), (at if at.tzinfo else at.replace(tzinfo=UTC)) - now)


def of_failure(error: Exception, deadline: timedelta) -> Verdict:
    """Return the verdict on a request that got no answer; what failed while connecting was surely not taken."""
    if isinstance(error, httpx.ConnectTimeout):
        return verdict.not_connected(deadline * CONNECTING)
    if isinstance(error, httpx.ConnectError):
        cause = error.__cause__
        if isinstance(cause, PrivateDestinationError):
            return verdict.PRIVATE
        return verdict.UNTRUSTED if isinstance(cause, ssl.SSLError | ssl.CertificateError) else verdict.UNREACHABLE
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol | httpx.InvalidURL):
        return verdict.UNPARSABLE
    return verdict.BROKEN
