"""Signs requests by OAuth 1.0 with HMAC-SHA256, as RFC 5849 describes it for SHA-1.

Pure: nonce and instant are handed in. The bodies that we send are JSON, which the standard leaves unsigned.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qsl, quote, urlsplit

METHOD = "HMAC-SHA256"
PORTS = {"http": 80, "https": 443}

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The four secrets of an OAuth 1.0 credential."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What is signed of a request; `query` is sent beside what the address already has."""

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)


def authorization(keys: Keys, realm: str, request: Signed, nonce: str, now: datetime) -> str:
    """Return the value of the Authorization header. The nonce must be another one for each request of a second."""
    protocol = {
        "oauth_consumer_key": keys.consumer_key,
        "oauth_token": keys.token,
        "oauth_signature_method": METHOD,
        "oauth_timestamp": str(int(now.astimezone(UTC).timestamp())),
        "oauth_nonce": nonce,
        "oauth_version": "1.0",
    }
    protocol["oauth_signature"] = _signature(keys, base_string(request, protocol.items()))
    named = [("realm", realm), *protocol.items()] if realm else list(protocol.items())
    return "OAuth " + ", ".join(f'{name}="{_escaped(value)}"' for name, value in named)


def base_string(request: Signed, protocol: Pairs) -> str:
    """Return the text that is signed: RFC 5849, 3.4.1."""
    parts = urlsplit(request.url)
    own = parse_qsl(parts.query, keep_blank_values=True)
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in (*own, *request.query.items(), *protocol))
    normalized = "&".join(f"{name}={value}" for name, value in pairs)
    port = f":{parts.port}" if parts.port and parts.port != PORTS.get(parts.scheme) else ""
    address = f"{parts.scheme}://{(parts.hostname or '').lower()}{port}{parts.path or '/'}"
    return "&".join((request.method.upper(), _escaped(address), _escaped(normalized)))


def _signature(keys: Keys, text: str) -> str:
    key = f"{_escaped(keys.consumer_secret)}&{_escaped(keys.token_secret)}"
    return b64encode(hmac.new(key.encode(), text.encode(), sha256).digest()).decode()


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")
