"""Certificates on real sockets: off our own connections, and of a peer that nobody trusts without sending a byte."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import trustme

from alerts.alert import AlertKind, AlertState
from monitor.clock import SystemClock
from monitor.loops.inspecting import Inspecting
from probes.adapters.fast import FastTransport
from probes.adapters.handshake import shown_certificate
from probes.adapters.http import Call, HttpxTransport, shared_client
from probes.answer import Answer
from probes.catalog import ProbeId
from probes.certificate import Certificate
from probes.failure import FailureClass, Outcome
from probes.observation import Observation
from tests.alerts.watch import Watch
from tests.cast import BILLING, SYSTEMS
from tests.real_parts import free_port

# OpenSSL reads the real clock.
NOW = SystemClock().now().replace(microsecond=0)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@dataclass
class Peer:
    """A server with a certificate, and what it was sent."""

    port: int
    authority: trustme.CA
    heard: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return where it is reached."""
        return f"https://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer whatever is asked."""
        try:
            while asked := await reader.read(65_536):
                self.heard.append(asked)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        except (ConnectionError, ssl.SSLError):
            pass
        writer.close()


@asynccontextmanager
async def peer(ends: datetime, authority: trustme.CA | None = None) -> AsyncIterator[Peer]:
    """Serve with a certificate that is good until an instant."""
    authority = authority or trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", not_before=ends - 90 * DAY, not_after=ends).configure_cert(context)
    one = Peer(port=free_port(), authority=authority)
    async with await asyncio.start_server(one.serve, "127.0.0.1", one.port, ssl=context):
        yield one


async def looked(one: Peer) -> Observation:
    """Ask a peer over our own network, trusting its authority, and complete the look as the loop does."""
    trusting = ssl.create_default_context()
    one.authority.configure_trust(trusting)
    async with shared_client(trusting, FastTransport(trusting)) as client:
        answer = await HttpxTransport(client).send(Call(url=one.url), lambda: NOW)
    good = isinstance(answer, Answer)
    observation = Observation(
        probe=ProbeId(BILLING),
        system=BILLING,
        resource="",
        outcome=Outcome.GOOD if good else Outcome.BAD,
        sent=NOW,
        answered=NOW,
        failure=None if isinstance(answer, Answer) else answer.failure,
        certificate=answer.certificate if isinstance(answer, Answer) else None,
    )
    inspecting = Inspecting()
    inspecting.shown = lambda _: shown_certificate(one.url)
    return await inspecting.inspected(observation, SYSTEMS[BILLING], None, None)


async def test_the_certificate_comes_with_the_answer_and_takes_no_connection_of_its_own() -> None:
    async with peer(NOW + 40 * DAY) as one:
        observation = await looked(one)
        assert observation.certificate == Certificate(
            leaf=NOW + 40 * DAY, earliest=NOW + 40 * DAY, life=90 * DAY, trusted=True
        )
        assert len(one.heard) == 1


async def test_a_certificate_that_ends_in_ten_days_is_a_ticket_and_one_in_two_days_a_page() -> None:
    for left, kinds in ((40, set()), (10, {AlertKind.CERTIFICATE_EXPIRY}), (2, set(END_KINDS))):
        watch = Watch()
        async with peer(NOW + left * DAY) as one:
            watch.sees(await looked(one))
        assert {alert.key.kind for alert in watch.alerts.values()} == kinds
    text = watch.alerts["certificate_ends/billing"].explanation
    ends = f"{NOW + 2 * DAY:%Y-%m-%d %H:%M:%S} UTC"
    assert text == f"the certificate of billing ends at {ends}; it should have been renewed 3 days before"


END_KINDS = (AlertKind.CERTIFICATE_EXPIRY, AlertKind.CERTIFICATE_ENDS)


@pytest.mark.answers("prometheus/blackbox_exporter#1119")
async def test_the_end_is_known_after_it_has_passed_too_and_the_peer_is_sent_nothing() -> None:
    watch = Watch()
    async with peer(NOW - DAY) as one:
        observation = await looked(one)
        assert observation.failure is FailureClass.TLS
        assert observation.certificate is not None
        assert observation.certificate.leaf == NOW - DAY
        assert not observation.certificate.trusted
        assert one.heard == []
    watch.sees(observation)
    alert = watch.alerts["certificate_ends/billing"]
    assert alert.state is AlertState.FIRING
    assert alert.explanation == (
        f"the certificate of billing has ended at {NOW - DAY:%Y-%m-%d %H:%M:%S} UTC; "
        "it should have been renewed 3 days before"
    )
    async with peer(NOW + 80 * DAY) as renewed:
        watch.sees(await looked(renewed))
    assert {watch.state(kind, BILLING) for kind in END_KINDS} == {AlertState.RESOLVED}


async def test_a_peer_that_shows_no_certificate_tells_nothing() -> None:
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port := free_port()):
        assert await shown_certificate(f"https://127.0.0.1:{port}", SECOND) is None
    assert await shown_certificate(f"https://127.0.0.1:{free_port()}", SECOND) is None
    assert await shown_certificate("http://127.0.0.1", SECOND) is None
