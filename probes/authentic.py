"""Whether a webhook is the vendor's own: signatures compared in constant time, on the bytes that came.

Pure: the secret and the instant are handed in. Nothing here says which part of a signature was wrong.
"""

import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256, sha512

from probes.path import at, text
from probes.webhook import Digest, Encoding, Posted, Refusal, Scheme, Signature, Stamp

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HASHES = {Digest.SHA1: sha1, Digest.SHA256: sha256, Digest.SHA512: sha512}
MARK = re.compile(r"(\{(?:body|timestamp|method|url|header:[^{}]+)\})")
MOST_SIGNATURES = 10
"""More than these in one header are not looked at: vendors send two while a secret is changed."""
DIGITS = 15


def refusal(
    signature: Signature, secret: str, posted: Posted, events: Sequence[object], now: datetime
) -> Refusal | None:
    """Return why a webhook is refused, None where it is the vendor's own and fresh.

    `events` are those in it, which `fields` looks into. That a signature is old is told only where it is right.

    Raises:
        ValueError: the secret is not written in the form that the definition says its key has.
    """
    match signature.scheme:
        case Scheme.HMAC:
            return _hmac(signature, secret, posted, now)
        case Scheme.FIELDS:
            return _fields(signature, secret, events)
        case Scheme.BASIC:
            expected = f"Basic {b64encode(secret.encode()).decode()}"
            return _shown(expected, posted.headers.get("authorization"))
        case Scheme.TOKEN:
            return _shown(signature.prefix + secret, posted.headers.get(signature.header.lower()))


def _hmac(signature: Signature, secret: str, posted: Posted, now: datetime) -> Refusal | None:
    parts = _parts(signature, posted.headers.get(signature.header.lower(), ""))
    offered = [part.removeprefix(signature.prefix) for part in parts if part.startswith(signature.prefix)]
    stamp = _stamp(signature, posted)
    if not offered or stamp is None:
        return Refusal.UNSIGNED
    written, skew = stamp
    expected = _digest(signature, secret, _signed(signature, posted, written))
    if not _any_equal(expected, offered):
        return Refusal.FORGED
    late = signature.stamp is not None and abs(now - EPOCH - skew) > signature.stamp.tolerance
    return Refusal.STALE if late else None


def _parts(signature: Signature, header: str) -> list[str]:
    found = header.split(signature.separator) if signature.separator else [header]
    return [part.strip() for part in found if part.strip()][:MOST_SIGNATURES]


def _stamp(signature: Signature, posted: Posted) -> tuple[str, timedelta] | None:
    """The instant of the signature as it is written, and as a time since 1970; None where one is due and none is."""
    where = signature.stamp
    if where is None:
        return "", timedelta()
    parts = _parts(signature, posted.headers.get(where.header.lower(), ""))
    written = next((part.removeprefix(where.prefix) for part in parts if part.startswith(where.prefix)), "")
    if not (written.isascii() and written.isdigit() and len(written) <= DIGITS):
        return None
    return written, _counted(where, int(written))


def _counted(where: Stamp, count: int) -> timedelta:
    try:
        return count * where.unit
    except OverflowError:
        return timedelta.max


def _signed(signature: Signature, posted: Posted, written: str) -> bytes:
    """The bytes that are signed: the body as it came, the rest as text."""
    plain = {"{timestamp}": written, "{method}": posted.method, "{url}": posted.url}
    pieces: list[bytes] = []
    for piece in MARK.split(signature.signed):
        if piece == "{body}":
            pieces.append(posted.body)
        elif piece.startswith("{header:"):
            pieces.append(posted.headers.get(piece[len("{header:") : -1].lower(), "").encode())
        else:
            pieces.append(plain.get(piece, piece).encode())
    return b"".join(pieces)


def _fields(signature: Signature, secret: str, events: Iterable[object]) -> Refusal | None:
    """Every event carries its own signature; one that is wrong spoils all, for they came together; none is no proof."""
    found = [_event(signature, secret, event) for event in events]
    return next((one for one in found if one is not None), None) if found else Refusal.UNSIGNED


def _event(signature: Signature, secret: str, event: object) -> Refusal | None:
    offered = text(at(event, signature.path))
    if offered is None:
        return Refusal.UNSIGNED
    signed = ":".join(text(at(event, path)) or "" for path in signature.fields)
    return None if _any_equal(_digest(signature, secret, signed.encode()), [offered]) else Refusal.FORGED


def _digest(signature: Signature, secret: str, signed: bytes) -> str:
    made = hmac.new(_key(signature, secret), signed, HASHES[signature.digest]).digest()
    return made.hex() if signature.encoding is Encoding.HEX else b64encode(made).decode()


def _key(signature: Signature, secret: str) -> bytes:
    match signature.key:
        case Encoding.HEX:
            return bytes.fromhex(secret)
        case Encoding.BASE64:
            return b64decode(secret.rpartition("_")[2], validate=True)
        case Encoding.TEXT:
            return secret.encode()


def _shown(expected: str, offered: str | None) -> Refusal | None:
    if not offered:
        return Refusal.UNSIGNED
    return None if _any_equal(expected, [offered]) else Refusal.FORGED


def _any_equal(expected: str, offered: Iterable[str]) -> bool:
    """Compare all of them, so that the time taken does not tell which one is right."""
    return any(list(_equal(expected, offered)))


def _equal(expected: str, offered: Iterable[str]) -> Iterator[bool]:
    wanted = expected.encode()
    for one in offered:
        yield hmac.compare_digest(wanted, one.encode("utf-8", "replace"))
