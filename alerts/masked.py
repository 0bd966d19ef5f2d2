"""Addresses as they may be shown: what kind of channel, and so much of it as tells it from others to who knows them.

A channel's address is a secret: it may hold passwords, tokens and topics. Of mail its recipient is shown in part, of
everything else only what kind it is.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from alerts.channel_kind import kind_of, scheme_of
from alerts.message import ChannelKind

HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class Masked:
    """What kind of channel an address is of, and its masked form."""

    kind: ChannelKind
    shown: str


NOT_FOUND = Masked(ChannelKind.OTHER, "no address found")


def masked(address: str) -> Masked:
    """Return an address as it may be shown; of what is no address, nothing."""
    scheme = scheme_of(address)
    if scheme is None:
        return NOT_FOUND
    kind = kind_of(scheme)
    recipient = _mail(address) if kind is ChannelKind.MAIL else ""
    local, at, domain = recipient.rpartition("@")
    if not at or not local or not domain:
        return Masked(kind, f"{scheme} {HIDDEN}")
    end = domain.rpartition(".")[2]
    return Masked(kind, f"{local[0]}{HIDDEN}@{domain[0]}{HIDDEN}.{end}")


def _mail(address: str) -> str:
    """Return whom a mail address of Apprise writes to; "" where that cannot be told."""
    try:
        parts = urlsplit(address.strip())
        to = parse_qs(parts.query).get("to", [""])[0]
        path = unquote(parts.path.strip("/"))
        user, host = unquote(parts.username or ""), parts.hostname or ""
    except ValueError:
        return ""
    if to or "@" in path:
        return (to or path).split(",")[0].split("/")[-1]
    return user if "@" in user else f"{user}@{host}" if user and host else ""
