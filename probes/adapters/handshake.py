"""The certificates that a peer sends in its hand-shake, whether or not anybody trusts them.

Two ways: off a connection that is there anyway, and by a hand-shake of its own with a peer that is not trusted, over
which nothing is sent. What the certificates say is read in `probes.certificate`.
"""

import asyncio
import ssl
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from probes.certificate import Certificate, certificate_of

HTTPS = 443
DER = 2
"""OpenSSL's name for the form, where Python hands out its objects."""


def chain_of(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """Return what the peer sent, the leaf first, in DER; () where there was no hand-shake.

    Python hands out the whole chain from 3.13 on; before, the object inside has it, and without that there is the leaf.
    """
    told = getattr(tls, "get_unverified_chain", None)
    if told is not None:
        return tuple(told())
    told = getattr(getattr(tls, "_sslobj", None), "get_unverified_chain", None)
    if told is not None:
        return tuple(one.public_bytes(DER) for one in told() or ())
    leaf = tls.getpeercert(binary_form=True)
    return (leaf,) if leaf else ()


def unverified() -> ssl.SSLContext:
    """Return a context that trusts everybody: good for reading what a peer shows, and for sending it nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def shown_certificate(base_url: str, patience: timedelta = timedelta(seconds=5)) -> Certificate | None:
    """Shake hands with the peer at an address, hang up, and return its certificates' ends; None where it shows none."""
    parts = urlsplit(base_url)
    if parts.scheme != "https" or parts.hostname is None:
        return None
    with suppress(OSError, ssl.SSLError, TimeoutError, ValueError):
        async with asyncio.timeout(patience.total_seconds()):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or HTTPS, ssl=unverified())
        try:
            return certificate_of(chain_of(writer.get_extra_info("ssl_object")), trusted=False)
        finally:
            writer.transport.abort()
    return None
