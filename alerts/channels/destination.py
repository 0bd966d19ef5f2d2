"""Where an address leads: its host, and whether that host lies in a private network.

A client's webhook must not be a way into our own network. The name is resolved here and again by the library a moment
later; whoever controls the name can answer differently in between, so this is a guard against mistakes and against
plain attempts, and no replacement for a firewall.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from apprise import NotifyBase

# The public service of ntfy and the bridge of Matrix: what stands in the host's place is a topic or a token, and asking
# a name server for it would give it away.
_HOSTED_ELSEWHERE = frozenset({"cloud", "t2bot"})
# Addresses that carry an IPv4 address inside: translation (RFC 6052, RFC 8215) and 6to4.
_CARRYING = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16"))


def host_of(service: NotifyBase) -> str | None:
    """Return the host that a service is going to speak to, None where the provider's own is fixed."""
    relay = getattr(service, "smtp_host", None)
    named = "{host}" in str(service.templates)
    if not named or getattr(service, "mode", None) in _HOSTED_ELSEWHERE:
        return None
    return str(relay or service.host).strip("[]")


def is_private(address: str) -> bool:
    """Return whether an IP address is anything but a public one: loopback, private, link-local, metadata, multicast."""
    ip = ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return _is_private(mapped or ip)


def _is_private(ip: IPv4Address | IPv6Address) -> bool:
    carrying = isinstance(ip, IPv6Address) and any(ip in network for network in _CARRYING)
    return not ip.is_global or ip.is_multicast or carrying


def leads_inside(host: str) -> bool:
    """Return whether any address that a host resolves to is private. Asks the system's resolver, and blocks.

    Raises:
        OSError: the host has no address.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError("the host is no valid name") from error
    return any(is_private(str(place[0])) for *_, place in found)
