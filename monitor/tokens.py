"""Access tokens kept in the store, off the event loop: what `probes.adapters.oauth` asks of a place to keep them."""

from datetime import datetime

from monitor.store import Store, StoreThread, StoreUnreadable, StoreUnwritable
from probes.access import Token
from probes.adapters.oauth import TokensUnavailableError
from probes.catalog import SystemId


class StoredTokens:
    """The tokens of all systems in one store."""

    def __init__(self, store: Store, thread: StoreThread) -> None:
        self._store = store
        self._thread = thread

    async def token(self, owner: SystemId) -> Token | None:
        """Return the token that is kept."""
        try:
            return await self._thread.read(self._store.token, owner)
        except StoreUnreadable as error:
            raise TokensUnavailableError(str(error)) from None

    async def claim(self, owner: SystemId, until: datetime, now: datetime) -> bool:
        """Claim the right to renew it, and tell whether nobody else has it."""
        try:
            return await self._thread.write(self._store.claim_token, owner, until, now)
        except StoreUnwritable as error:
            raise TokensUnavailableError(str(error)) from None

    async def keep(self, owner: SystemId, token: Token | None) -> None:
        """End the claim, and keep a token from now on where there is one."""
        try:
            await self._thread.write(self._store.keep_token, owner, token)
        except StoreUnwritable as error:
            raise TokensUnavailableError(str(error)) from None
