"""Readers of notices by keys that nobody can guess: one for where they choose, one for mails that come back.

A key is drawn for a contact of a client and says nothing of either.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from monitor.situation import Situation
from monitor.web.access import Doors, Keys
from probes.catalog import Catalog, Client, ClientId, Contact

LENGTH = 40
"""Characters of a key: 160 bits, which a mailbox has room for (RFC 5321 gives it 64)."""

MAILBOX = "bounces+"
RETURNED = re.compile(rf"{re.escape(MAILBOX)}(?P<key>[0-9a-f]{{{LENGTH}}})@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reader:
    """A contact, and whose it is."""

    client: Client
    contact: Contact


def reader_key(keys: Keys, client: ClientId, contact: str) -> str:
    """Return the key of the address where a contact's reader chooses what they are sent."""
    return keys.drawn(f"subscription {client}/{contact}")[:LENGTH]


def reader_link(doors: Doors, keys: Keys, client: ClientId, contact: str) -> str:
    """Return that address."""
    return f"{doors.address}/subscription/{reader_key(keys, client, contact)}"


def bounce_key(keys: Keys, client: ClientId, contact: str) -> str:
    """Return the key of the mailbox to which a contact's mails come back."""
    return keys.drawn(f"bounce {client}/{contact}")[:LENGTH]


def bounce_mailbox(keys: Keys, client: ClientId, contact: str, domain: str) -> str:
    """Return that mailbox (a variable envelope return path)."""
    return f"{MAILBOX}{bounce_key(keys, client, contact)}@{domain}"


def reader_of(situation: Situation, keys: Keys, offered: str) -> Reader | None:
    """Return whose choice an address is, None where it is nobody's."""
    return _found(_Drawn(reader_key, keys, situation.config.catalog), offered)


def returned_to(situation: Situation, keys: Keys, offered: str) -> Reader | None:
    """Return whose mail came back by the key of a mailbox, None where it is nobody's."""
    return _found(_Drawn(bounce_key, keys, situation.config.catalog), offered.lower())


class _Drawn(NamedTuple):
    """Of what a table of readers was made."""

    draw: Callable[[Keys, ClientId, str], str]
    keys: Keys
    catalog: Catalog


_tables: dict[Callable[[Keys, ClientId, str], str], tuple[_Drawn, Mapping[bytes, Reader]]] = {}
"""The last table of each kind: anybody may ask with any key, and drawing thousands each time would hold all else up."""


def _found(drawn: _Drawn, offered: str) -> Reader | None:
    # What is looked for is a digest: how long that takes says nothing of the key.
    return _table(drawn).get(_digest(offered))


def _table(drawn: _Drawn) -> Mapping[bytes, Reader]:
    known = _tables.get(drawn.draw)
    if known is None or known[0].keys is not drawn.keys or known[0].catalog is not drawn.catalog:
        known = (
            drawn,
            {_digest(drawn.draw(drawn.keys, one.client.id, one.contact.name)): one for one in _readers(drawn)},
        )
        _tables[drawn.draw] = known
    return known[1]


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()


def _readers(drawn: _Drawn) -> Iterator[Reader]:
    for client in drawn.catalog.clients.values():
        yield from (Reader(client, contact) for contact in client.contacts)
