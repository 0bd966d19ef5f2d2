"""Keeps the access tokens of OAuth 2 systems: renews each early, once, and never loses a rotated refresh token.

Whoever renews first claims the token in the store, so that two pollers never spend one refresh token; the new one is
stored before it is used. What is asked and what an answer grants is `access`'s work.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from probes.access import Token, read_token, seed_of, token_ask
from probes.adapters.http import Call, Transport
from probes.answer import Failure
from probes.auth import Auth
from probes.budget import Grant
from probes.catalog import SystemId
from probes.failure import FailureClass

PATIENCE = timedelta(seconds=15)
"""How long a renewal may take; its claim ends a little later, so that a process that died holds nobody up."""

PAUSE = timedelta(seconds=1)

WEARING = timedelta(minutes=1)
"""A token younger than this is not renewed because it was refused: the next would fare no better."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Whose requests are to be signed, and the one secret or the several ones that it takes."""

    owner: SystemId
    auth: Auth
    base_url: str
    secret: str | None = field(repr=False, default=None)
    secrets: Mapping[str, str] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The way to one system: what takes a request from its quota, and what sends it."""

    take: Callable[[datetime], Grant]
    transport: Transport


class TokensUnavailableError(Exception):
    """The store of the tokens cannot be used at this moment; the text says why."""


class TokenStore(Protocol):
    """Where tokens outlive the process. Each method raises :class:`TokensUnavailableError` where it cannot be used."""

    async def token(self, owner: SystemId) -> Token | None:
        """Return the token that is kept."""

    async def claim(self, owner: SystemId, until: datetime, now: datetime) -> bool:
        """Claim the right to renew it, and tell whether nobody else has it; it ends by itself."""

    async def keep(self, owner: SystemId, token: Token | None) -> None:
        """End the claim, and keep a token from now on where there is one."""


class TokensInMemory:
    """A store for tokens that can be had again at any time."""

    def __init__(self) -> None:
        self._tokens: dict[SystemId, Token] = {}

    async def token(self, owner: SystemId) -> Token | None:
        """Return the token that is kept."""
        return self._tokens.get(owner)

    async def claim(self, owner: SystemId, until: datetime, now: datetime) -> bool:  # noqa: ARG002 - the protocol's
        """Claim the right to renew it: within one process there is no other."""
        return True

    async def keep(self, owner: SystemId, token: Token | None) -> None:
        """Keep a token from now on."""
        if token is not None:
            self._tokens[owner] = token


class Tokens:
    """The access tokens of all systems."""

    def __init__(
        self,
        transport: Transport,
        store: TokenStore,
        now: Callable[[], datetime],
        sleep_until: Callable[[datetime], Awaitable[None]],
    ) -> None:
        self._transport = transport
        self._store = store
        self._now = now
        self._sleep_until = sleep_until
        self._locks: defaultdict[SystemId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._worn: dict[SystemId, str] = {}
        self._unkept: dict[SystemId, Token] = {}
        self._ends: dict[SystemId, datetime | None] = {}

    async def access(self, credential: Credential, door: Door | None = None) -> str | Failure:
        """Return an access token, renewed where it is due, or why there is none.

        A renewal goes through the door: it takes from the system's quota as any other request does.
        """
        async with self._locks[credential.owner]:
            try:
                return await self._had(credential, door)
            except TokensUnavailableError as error:
                return Failure(failure=FailureClass.OWN, reason=f"the access tokens cannot be kept: {error}")

    async def _had(self, credential: Credential, door: Door | None) -> str | Failure:
        given_up = self._now() + PATIENCE
        while True:
            known = await self._known(credential)
            if known is not None and self._usable(credential.owner, known):
                return self._taken(credential.owner, known)
            now = self._now()
            if await self._store.claim(credential.owner, now + 2 * PATIENCE, now):
                return await self._renewed(credential, door)
            if now >= given_up:
                return Failure(failure=FailureClass.OWN, reason="another process has not renewed the access token")
            await self._sleep_until(now + PAUSE)

    def ends(self, owner: SystemId) -> datetime | None:
        """Return when the refresh token that was last used ends; None where nobody says."""
        return self._ends.get(owner)

    def _taken(self, owner: SystemId, token: Token) -> str:
        self._ends[owner] = token.refresh_expires
        return token.access

    def refused(self, owner: SystemId, access: str) -> None:
        """Hear that a vendor refused a token: it is renewed before the next use, whatever its age."""
        self._worn[owner] = access

    def _usable(self, owner: SystemId, token: Token) -> bool:
        worn = self._worn.get(owner) == token.access and self._now() - token.issued > WEARING
        return token.fresh(self._now()) and not worn

    async def _known(self, credential: Credential) -> Token | None:
        known = self._unkept.get(credential.owner) or await self._store.token(credential.owner)
        return known if known is not None and known.seed == seed_of(credential.secrets) else None

    async def _renewed(self, credential: Credential, door: Door | None) -> str | Failure:
        """Renew what the store holds now: until the claim was won somebody else may have renewed it."""
        kept: Token | None = None
        try:
            known = await self._known(credential)
            if known is not None and self._usable(credential.owner, known):
                return self._taken(credential.owner, known)
            result = await self._asked(credential, known, door)
            kept = result if isinstance(result, Token) else None
            return self._taken(credential.owner, result) if isinstance(result, Token) else result
        finally:
            await self._keep(credential.owner, kept)

    async def _keep(self, owner: SystemId, token: Token | None) -> None:
        """A token that could not be stored is used all the same, and stored when the next one is."""
        try:
            await self._store.keep(owner, token)
        except TokensUnavailableError as error:
            log.warning("the access token of %s is kept in memory only: %s", owner, error)
            if token is not None:
                self._unkept[owner] = token
        else:
            self._unkept.pop(owner, None)

    async def _asked(self, credential: Credential, known: Token | None, door: Door | None) -> Token | Failure:
        grant = door.take(self._now()) if door is not None else None
        if grant is not None and not grant.granted:
            reason = "the quota does not allow the request for an access token yet"
            return Failure(failure=FailureClass.QUOTA, reason=reason)
        transport = door.transport if door is not None else self._transport
        ask = token_ask(credential.auth, credential.secrets, known)
        url = token_url(credential)
        call = Call(url=url, method="POST", headers=ask.headers, content=ask.content, deadline=PATIENCE)
        answer = await transport.send(call, self._now)
        if isinstance(answer, Failure):
            return answer
        return read_token(credential.auth, seed_of(credential.secrets), known, answer)


def token_url(credential: Credential) -> str:
    """Return the address of the token endpoint: a whole one as it is declared, or a path below the system's."""
    declared = credential.auth.token_url
    if declared.startswith(("https://", "http://")):
        return declared
    return f"{credential.base_url.rstrip('/')}/{declared.lstrip('/')}"
