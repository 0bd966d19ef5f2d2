"""Which endpoint an address leads to: its scheme, and a digest of its scheme, host and account there.

Of plain webhooks each path is an account: behind the host of a platform are thousands of receivers that have nothing
to do with each other, and one that hangs says nothing of the others.

The digest tells endpoints apart and nothing else: it is made with a key of this process's own, and kept nowhere.
"""

import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from alerts.channel_kind import scheme_of

_OURS = secrets.token_bytes(16)
_MAIL = frozenset({"mailto", "mailtos"})
_WEBHOOKS = frozenset({"json", "jsons", "xml", "xmls", "form", "forms"})
_SECURED = {"jsons": "json", "mailtos": "mailto"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where messages go: the kind of it, and what it is told apart by."""

    kind: str
    key: str


NOWHERE = Place(kind="", key="")
"""Where an address is missing or leads nowhere: such attempts end by themselves."""


def place_of(address: str) -> Place:
    """Return the place that an address leads to, `NOWHERE` for what is no address."""
    kind = scheme_of(address)
    if kind is None:
        return NOWHERE
    try:
        account = _account(kind, address.strip())
    except ValueError:
        account = address
    named = f"{_SECURED.get(kind, kind)}\n{account}".encode(errors="replace")
    return Place(kind=kind, key=hashlib.blake2b(named, key=_OURS, digest_size=12).hexdigest())


def _account(kind: str, address: str) -> str:
    """Return the host with the account there: of mail that of the relay, of a service with a token its first part."""
    parts = urlsplit(address)
    user, _, host = parts.netloc.rpartition("@")
    if kind in _MAIL:
        relay = parse_qs(parts.query).get("smtp", [host])[0]
        return f"{user.partition(':')[0]}@{relay}".lower()
    path = parts.path.rstrip("/") if kind in _WEBHOOKS else ""
    return f"{user.partition(':')[0]}@{host}{path}"
