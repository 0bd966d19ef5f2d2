"""Until when a peer's certificates are good, read from what it sent: the leaf's end, and the earliest in the chain.

Read by hand as far as that takes (X.509's `notAfter`, RFC 5280, 4.1.2.5): Python tells it of a certificate that it
trusts, and one that has expired is the one that matters most. Whether to trust a peer is not decided here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

SEQUENCE, VERSION, UTC_TIME, GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18

LONG = 0x80
"""The bit of a length that says that it is written in as many further bytes as the other bits tell."""

CENTURY = 50
"""Two digits of a year from here on are of the last century."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Until when the peer's own certificate is good (`leaf`), and until when all that it sent are (`earliest`)."""

    leaf: datetime
    earliest: datetime


@dataclass(frozen=True, slots=True)
class _Part:
    """One element of DER: its tag, and where its content begins and ends."""

    tag: int
    start: int
    end: int


def certificate_of(chain: Iterable[bytes]) -> Certificate | None:
    """Return the ends of a chain as it was sent, the leaf first, in DER; None where the leaf cannot be read."""
    ends = [not_after(one) for one in chain]
    if not ends or ends[0] is None:
        return None
    return Certificate(leaf=ends[0], earliest=min(end for end in ends if end is not None))


def not_after(der: bytes) -> datetime | None:
    """Return until when a certificate in DER is good, None where it cannot be read."""
    try:
        (whole,) = _parts(der, 0, len(der))
        signed = _parts(der, whole.start, whole.end)[0]
        fields = _parts(der, signed.start, signed.end)
        # Version (left out in the first one), serial number, signature, issuer, validity.
        validity = fields[3 + (fields[0].tag == VERSION)]
        _, end = _parts(der, validity.start, validity.end)
        return _instant(end.tag, der[end.start : end.end].decode("ascii"))
    except (ValueError, IndexError, OverflowError):
        return None


def _parts(der: bytes, start: int, end: int) -> list[_Part]:
    """The elements of a stretch. Raises ValueError or IndexError where it holds none."""
    found: list[_Part] = []
    while start < end:
        length, content = der[start + 1], start + 2
        if length & LONG:
            digits = length & ~LONG
            length, content = int.from_bytes(der[content : content + digits]), content + digits
        if content + length > end:
            raise ValueError("an element reaches beyond what it is in")
        found.append(_Part(der[start], content, content + length))
        start = content + length
    return found


def _instant(tag: int, text: str) -> datetime:
    if tag == UTC_TIME:
        text = ("19" if int(text[:2]) >= CENTURY else "20") + text
    elif tag != GENERALIZED_TIME:
        raise ValueError("not a time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
