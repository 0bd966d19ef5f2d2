"""Connections to mail relays: kept and used again, and each reply to one mail read for what it means.

Until the text of a mail has been handed over nothing can have been taken, so whatever goes wrong is a rejection; after
that, silence leaves open what became of it. Nothing is tried again, but for a kept connection that the relay had given
up meanwhile: a new one is opened in its place, before any of the mail was sent.
"""

import asyncio
import re
import socket
import ssl
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import IntEnum

import aiosmtplib

from alerts.channels import verdict
from alerts.channels.network import Place, PrivateDestinationError, places
from alerts.channels.verdict import Verdict
from alerts.message import DeliveryState, Lane
from alerts.reason import ReasonClass

MOST_LINES = 8
"""Connections to one relay for one lane. Common relays allow one host 20 to 50."""

MAILS_A_LINE = 100
"""Mails over one connection: common relays end it after as many."""

IDLE = timedelta(seconds=20)
PARTING = 2.0
NOT_AVAILABLE = 421
BROKEN_BEFORE = Verdict(
    state=DeliveryState.REJECTED,
    reason="the connection broke before the mail was handed over",
    why=ReasonClass.BROKEN,
)
NOT_OFFERED = Verdict(
    state=DeliveryState.REJECTED,
    reason="refused: the relay does not offer what the address asks",
    why=ReasonClass.MISCONFIGURED,
)
ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")


class Security(IntEnum):
    """How a connection is made safe."""

    NONE = 0
    STARTTLS = 1
    TLS = 2


class Phase(IntEnum):
    """How far a mail has come."""

    CONNECT = 0
    SENDER = 1
    RECIPIENT = 2
    TEXT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """A mail server and who we are there."""

    host: str = field(repr=False)
    port: int = field(repr=False)
    security: Security = Security.NONE
    user: str = field(repr=False, default="")
    password: str = field(repr=False, default="")
    trusting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail to one mailbox, and whoever else gets a copy."""

    sender: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(slots=True, eq=False)
class _Line:
    smtp: aiosmtplib.SMTP
    mails: int = 0
    parting: asyncio.TimerHandle | None = None


@dataclass(slots=True, eq=False)
class _Pool:
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_LINES))
    idle: deque[_Line] = field(default_factory=deque)


@dataclass(slots=True)
class _Progress:
    """How far a mail has come; `ended` is the relay's word on it, whatever becomes of the connection after that."""

    phase: Phase = Phase.CONNECT
    ended: Verdict | None = None


@dataclass(slots=True, kw_only=True)
class Relays:
    """The relays that are spoken to. `allow_private` is asked for each connection."""

    allow_private: Callable[[], bool]
    _pools: dict[tuple[Relay, Lane], _Pool] = field(default_factory=dict)
    _tls: dict[bool, ssl.SSLContext] = field(default_factory=dict)

    async def deliver(self, relay: Relay, lane: Lane, letter: Letter, deadline: timedelta) -> Verdict:
        """Return how a mail fared, within the deadline."""
        progress = _Progress()
        pool = self._pools.setdefault((relay, lane), _Pool())
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                async with pool.places:
                    return await self._deliver(relay, pool, letter, progress)
        except TimeoutError:
            return progress.ended or _silent(progress.phase, deadline)

    async def _deliver(self, relay: Relay, pool: _Pool, letter: Letter, progress: _Progress) -> Verdict:
        kept = _kept(pool)
        if kept is not None:
            found = await _sent(kept, pool, letter, progress)
            if not (progress.phase is Phase.SENDER and _given_up(found)):
                return found
            progress.phase, progress.ended = Phase.CONNECT, None
        try:
            line = await self._line(relay)
        except (OSError, aiosmtplib.SMTPException, ValueError) as error:
            return _unconnected(error)
        return await _sent(line, pool, letter, progress)

    async def _line(self, relay: Relay) -> _Line:
        """Return a new connection, to an address that has been checked."""
        found = await places(relay.host, relay.port, allow_private=self.allow_private())
        smtp = aiosmtplib.SMTP(
            hostname=relay.host,
            local_hostname=socket.gethostname(),
            username=relay.user or None,
            password=relay.password if relay.user else None,
            use_tls=relay.security is Security.TLS,
            start_tls=relay.security is Security.STARTTLS,
            tls_context=self._context(trusting=relay.trusting) if relay.security else None,
            sock=await _connected(found),
            timeout=None,
        )
        try:
            await smtp.connect()
        except BaseException:
            smtp.close()
            raise
        return _Line(smtp)

    def _context(self, *, trusting: bool) -> ssl.SSLContext:
        if trusting not in self._tls:
            made = ssl.create_default_context()
            if trusting:
                made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
            self._tls[trusting] = made
        return self._tls[trusting]

    async def aclose(self) -> None:
        """Take leave of every relay."""
        lines = [line for pool in self._pools.values() for line in pool.idle]
        self._pools.clear()
        for line in lines:
            await _part(line)


async def _connected(found: list[Place]) -> socket.socket:
    """Return a connection to the first of the places that takes one. Raises OSError where none does."""
    loop, failed = asyncio.get_running_loop(), OSError("there is no address")
    for place in found:
        made = socket.socket(place.family, socket.SOCK_STREAM)
        made.settimeout(0)
        try:
            await loop.sock_connect(made, (place.address, place.port))
        except OSError as error:
            made.close()
            failed = error
        except BaseException:
            made.close()
            raise
        else:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made
    raise failed


def _kept(pool: _Pool) -> _Line | None:
    while pool.idle:
        line = pool.idle.pop()
        if line.parting is not None:
            line.parting.cancel()
        if line.smtp.is_connected:
            return line
    return None


async def _sent(line: _Line, pool: _Pool, letter: Letter, progress: _Progress) -> Verdict:
    """Hand a mail over a line, and keep the line where it can be used again."""
    try:
        code = await _told(line.smtp, letter, progress)
        if code is not None:
            await _begin_anew(line, pool, code)
        else:
            line.mails += 1
            await _keep(line, pool)
    except (aiosmtplib.SMTPException, OSError):
        line.smtp.close()
    except BaseException:
        line.smtp.close()
        raise
    return progress.ended or _broken(progress.phase)


async def _told(smtp: aiosmtplib.SMTP, letter: Letter, progress: _Progress) -> int | None:
    """Note what the relay says of a mail; return the code of its refusal, None where it took it."""
    try:
        await _converse(smtp, letter, progress)
    except aiosmtplib.SMTPResponseException as error:
        progress.ended = of_reply(error.code, error.message, progress.phase)
        return error.code
    progress.ended = verdict.ACCEPTED
    return None


async def _converse(smtp: aiosmtplib.SMTP, letter: Letter, progress: _Progress) -> None:
    progress.phase = Phase.SENDER
    await smtp.mail(letter.sender)
    progress.phase = Phase.RECIPIENT
    for recipient in letter.recipients:
        await smtp.rcpt(recipient)
    progress.phase = Phase.TEXT
    await smtp.data(letter.content)


async def _begin_anew(line: _Line, pool: _Pool, code: int) -> None:
    """Take a refused mail back, so that the next one can follow on the same line."""
    if code == NOT_AVAILABLE or not line.smtp.is_connected:
        line.smtp.close()
        return
    try:
        await line.smtp.rset()
    except (aiosmtplib.SMTPException, OSError):
        line.smtp.close()
    else:
        await _keep(line, pool)


async def _keep(line: _Line, pool: _Pool) -> None:
    if line.mails >= MAILS_A_LINE:
        await _part(line)
        return
    pool.idle.append(line)
    line.parting = asyncio.get_running_loop().call_later(IDLE.total_seconds(), _let_go, line, pool)


def _let_go(line: _Line, pool: _Pool) -> None:
    with suppress(ValueError):
        pool.idle.remove(line)
    line.smtp.close()


async def _part(line: _Line) -> None:
    """Say goodbye, as a relay may expect it, and close the line whatever it answers."""
    if line.parting is not None:
        line.parting.cancel()
    with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        await line.smtp.quit(timeout=PARTING)
    line.smtp.close()


def of_reply(code: int, text: str, phase: Phase) -> Verdict:
    """Return what a relay's refusal says: its code, and the enhanced one where it gives one, never its words.

    Only what is said of the recipient or of the mail itself is for good: a sender or a credential that is refused is
    ours to mend, and the mail goes out once it is.
    """
    found = ENHANCED.match(text)
    told = f"refused ({code} {found[1]})" if found else f"refused ({code})"
    judged = verdict.of_reply(code)
    return replace(judged, reason=told, permanent=judged.permanent and phase in (Phase.RECIPIENT, Phase.TEXT))


def _given_up(found: Verdict) -> bool:
    return found.state is DeliveryState.REJECTED and (found == BROKEN_BEFORE or "(421" in found.reason)


def _broken(phase: Phase) -> Verdict:
    if phase is Phase.TEXT:
        return verdict.BROKEN
    return BROKEN_BEFORE


def _silent(phase: Phase, deadline: timedelta) -> Verdict:
    unknown = verdict.no_answer(deadline)
    if phase is Phase.TEXT:
        return unknown
    if phase is Phase.CONNECT:
        return verdict.not_connected(deadline)
    return replace(unknown, state=DeliveryState.REJECTED, reason=f"{unknown.reason}, before the mail was handed over")


def _unconnected(error: BaseException) -> Verdict:
    """Return why no connection came about; no mail was sent."""
    if isinstance(error, PrivateDestinationError):
        return verdict.PRIVATE
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return of_reply(error.code, error.message, Phase.CONNECT)
    if verdict.is_distrust(error):
        return verdict.UNTRUSTED
    if isinstance(error, ValueError | aiosmtplib.SMTPNotSupported) or type(error) is aiosmtplib.SMTPException:
        return NOT_OFFERED
    return verdict.UNREACHABLE
