"""What people decide about clients' status pages: keys issued and revoked, with the audit's word.

Each function returns a decision for `Desk.decide`. A key is made here and told to nobody else than who asked for it.
"""

import secrets
from datetime import datetime, timedelta

from alerts.page_key import PageKey, digest_of, keys_of, revoked
from monitor.changes import Act, Changes
from monitor.quieting import Decision
from monitor.situation import Situation
from probes.catalog import ClientId

REMEMBERED = timedelta(days=400)
"""How long a revoked key stays on record."""
MOST_LIVE = 100
"""So many live keys a client has at most."""


class UnknownPageError(LookupError):
    """There is no such client, or no such key of its page."""


class TooManyKeysError(ValueError):
    """A client has as many keys as it may have."""


def issue_page(client: str, note: str, by: str, now: datetime) -> Decision[tuple[str, PageKey]]:
    """Return the decision that issues a key of a client's page; its answer is the key itself, and what is kept of it.

    The decision raises UnknownPageError where there is no such client, TooManyKeysError where it has too many.
    """

    def decision(situation: Situation) -> tuple[tuple[str, PageKey], Changes]:
        known = _client(situation, client)
        if sum(one.live for one in keys_of(known, situation.page_keys.values())) >= MOST_LIVE:
            raise TooManyKeysError(f"{client} has {MOST_LIVE} keys; revoke those that nobody uses")
        key = secrets.token_urlsafe(32)
        made = PageKey(digest=digest_of(key), client=known, created=now, by=by, note=note)
        act = Act(at=now, actor=by, action="issue page", subject=known, detail=f"{made.id} {note}".strip())
        return (key, made), Changes(page_keys={**_outlived(situation, now), made.digest: made}, acts=(act,))

    return decision


def revoke_page(client: str, identity: str | None, by: str, now: datetime) -> Decision[tuple[PageKey, ...]]:
    """Return the decision that makes a key of a client's page void, or all of them where none is named.

    The decision raises UnknownPageError where there is no such client or key.
    """

    def decision(situation: Situation) -> tuple[tuple[PageKey, ...], Changes]:
        own = keys_of(_client(situation, client), situation.page_keys.values())
        meant = [one for one in own if identity in (None, one.id)]
        if not meant:
            raise UnknownPageError(f"{client} has no key {identity or 'at all'}")
        ended = tuple(revoked(one, by, now) for one in meant if one.live)
        acts = tuple(Act(at=now, actor=by, action="revoke page", subject=client, detail=one.id) for one in ended)
        return ended, Changes(page_keys={one.digest: one for one in ended}, acts=acts)

    return decision


def _client(situation: Situation, client: str) -> ClientId:
    """A client that has left the configuration may still have keys: they can be revoked."""
    kept = {one.client for one in situation.page_keys.values()}
    if ClientId(client) not in situation.config.catalog.clients and ClientId(client) not in kept:
        raise UnknownPageError(f"there is no client {client}")
    return ClientId(client)


def _outlived(situation: Situation, now: datetime) -> dict[str, None]:
    keys = situation.page_keys.values()
    return {one.digest: None for one in keys if one.revoked is not None and one.revoked < now - REMEMBERED}
