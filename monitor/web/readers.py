"""Readers of notices by keys that nobody can guess: one for where they choose, one for mails that come back.

A key is drawn for a contact of a client and says nothing of either. Where one is offered, all contacts are compared.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monitor.situation import Situation
from monitor.web.access import Doors, Keys
from probes.catalog import Client, ClientId, Contact

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
    return _found(situation, offered, lambda client, contact: reader_key(keys, client, contact))


def returned_to(situation: Situation, keys: Keys, offered: str) -> Reader | None:
    """Return whose mail came back by the key of a mailbox, None where it is nobody's."""
    return _found(situation, offered.lower(), lambda client, contact: bounce_key(keys, client, contact))


def _found(situation: Situation, offered: str, key: Callable[[ClientId, str], str]) -> Reader | None:
    given, found = hashlib.sha256(offered.encode("utf-8", "replace")).digest(), None
    for one in _readers(situation):
        # Every one is compared, so that the time taken tells nothing.
        own = key(one.client.id, one.contact.name).encode()
        if hmac.compare_digest(hashlib.sha256(own).digest(), given):
            found = one
    return found


def _readers(situation: Situation) -> Iterator[Reader]:
    for client in situation.config.catalog.clients.values():
        yield from (Reader(client, contact) for contact in client.contacts)
