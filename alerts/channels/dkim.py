"""Signs a mail for its domain (RFC 6376), so that receivers believe that it is ours.

Done here over `cryptography`: dkimpy, which reckons in Python, takes 8 ms for a mail where this takes 0.7 ms, and
thousands are due within a minute. The tests have dkimpy verify what is signed here.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SIGNED = (
    "from",
    "to",
    "cc",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
)
OVERSIGNED = ("from", "subject", "to")
"""Named once more than they occur, so that nobody can add another one."""

SPACE = re.compile(rb"[ \t]+")
FOLD = re.compile(rb"\r\n(?=[ \t])")
AT_ENDS = re.compile(rb"[ \t]+(?=\r\n)")


class UnusableKeyError(ValueError):
    """A text is no private key that a mail can be signed with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """The key of a domain, by the name under which its public half is found."""

    domain: str
    selector: str
    key: str = field(repr=False)

    def signs(self, domain: str) -> bool:
        """Return whether it speaks for a sender's domain."""
        return domain == self.domain or domain.endswith(f".{self.domain}")

    def signed(self, mail: bytes, at: datetime) -> bytes:
        """Return a mail with its signature at the head.

        Raises:
            UnusableKeyError: the key cannot be read.
        """
        key = private_key(self.key)
        head, _, body = mail.partition(b"\r\n\r\n")
        fields = [_field(line) for line in FOLD.sub(b"", head).split(b"\r\n")]
        named, chosen = _chosen(fields)
        digest = base64.b64encode(hashlib.sha256(_canonical_body(body)).digest()).decode("ascii")
        algorithm = "rsa-sha256" if isinstance(key, RSAPrivateKey) else "ed25519-sha256"
        value = (
            f"v=1; a={algorithm}; c=relaxed/relaxed; d={self.domain}; s={self.selector}; t={int(at.timestamp())}; "
            f"h={':'.join(named)}; bh={digest}; b="
        )
        data = b"".join(chosen) + b"dkim-signature:" + value.encode("ascii")
        signature = base64.b64encode(_signature(key, data)).decode("ascii")
        return f"DKIM-Signature: {_folded(value)}{_wrapped(signature)}\r\n".encode("ascii") + mail


def _field(line: bytes) -> tuple[str, bytes]:
    name, _, value = line.partition(b":")
    return name.strip().lower().decode("ascii"), SPACE.sub(b" ", value).strip()


def _chosen(fields: list[tuple[str, bytes]]) -> tuple[list[str], list[bytes]]:
    """The names of what is signed, and what is signed of it, from the bottom up as RFC 6376 counts."""
    there = {name: value for name, value in fields if name in SIGNED}
    named = [name for name in SIGNED if name in there]
    chosen = [name.encode("ascii") + b":" + there[name] + b"\r\n" for name in named]
    return [*named, *OVERSIGNED], chosen


def _canonical_body(body: bytes) -> bytes:
    stripped = AT_ENDS.sub(b"", SPACE.sub(b" ", body)).rstrip(b"\r\n")
    return stripped + b"\r\n" if stripped else b""


def _folded(value: str) -> str:
    return value.replace("; ", ";\r\n ")


def _wrapped(text: str) -> str:
    return "\r\n ".join(text[place : place + 70] for place in range(0, len(text), 70))


@lru_cache(maxsize=8)
def private_key(text: str) -> RSAPrivateKey | Ed25519PrivateKey:
    """Return the key that a PEM text holds.

    Raises:
        UnusableKeyError: it holds none, or one of another kind.
    """
    try:
        key = load_pem_private_key(text.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError):
        raise UnusableKeyError("this is no private key in PEM without a password") from None
    if isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        return key
    raise UnusableKeyError("a mail is signed with an RSA or an Ed25519 key")


def is_signing_key(text: str) -> bool:
    """Return whether a text is a key that a mail can be signed with."""
    try:
        private_key(text)
    except UnusableKeyError:
        return False
    return True


def _signature(key: RSAPrivateKey | Ed25519PrivateKey, data: bytes) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.sign(data, PKCS1v15(), SHA256())
    # RFC 8463: what is signed is the digest.
    return key.sign(hashlib.sha256(data).digest())
