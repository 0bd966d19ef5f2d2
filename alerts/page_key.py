"""The key of a client's status page: issued once, kept as a digest only, void as soon as it is revoked.

The key itself is part of the page's address and is told once, to who issues it; nothing here can open a page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from probes.catalog import ClientId

SHORT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKey:
    """Whose page a key opens. `note` says who was given it; `revoked` is since when it opens nothing."""

    digest: str
    client: ClientId
    created: datetime
    by: str
    note: str = ""
    revoked: datetime | None = None
    revoked_by: str = ""

    @property
    def id(self) -> str:
        """By what people name it: the beginning of its digest, which opens nothing."""
        return self.digest[:SHORT]

    @property
    def live(self) -> bool:
        """Whether it still opens the page."""
        return self.revoked is None


def digest_of(key: str) -> str:
    """Return the digest that is kept of a key."""
    return sha256(key.encode("utf-8", "replace")).hexdigest()


def opened_by(key: str, known: Mapping[str, PageKey]) -> PageKey | None:
    """Return what a key opens, None where it is unknown or revoked.

    Who compares the time that this takes learns something of a digest, from which no key can be found.
    """
    found = known.get(digest_of(key))
    return found if found is not None and found.live else None


def keys_of(client: ClientId, known: Iterable[PageKey]) -> tuple[PageKey, ...]:
    """Return the keys of a client, those that open its page first, each the newest first."""
    own = sorted((one for one in known if one.client == client), key=lambda one: one.created, reverse=True)
    return tuple(sorted(own, key=lambda one: not one.live))


def revoked(key: PageKey, by: str, now: datetime) -> PageKey:
    """Return a key that opens nothing any more; one that did not before stays as it is."""
    return replace(key, revoked=now, revoked_by=by) if key.live else key
