"""Until when a peer's certificates are good, read from what it sent: the leaf's end, and the earliest in the chain.

Read by hand as far as that takes (X.509's validity, RFC 5280, 4.1.2.5): Python tells it of a certificate that it
trusts, and one that has expired is the one that matters most. Whether to trust a peer is not decided here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SEQUENCE, VERSION, UTC_TIME, GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18

LONG = 0x80
"""The bit of a length that says that it is written in as many further bytes as the other bits tell."""

CENTURY = 50
"""Two digits of a year from here on are of the last century."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Until when the peer's own certificate is good (`leaf`), and until when all that it sent are (`earliest`).

    `life` is for how long the one that ends first was issued. One that is not `trusted` was read in spite of that.
    """

    leaf: datetime
    earliest: datetime
    life: timedelta
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class _Part:
    """One element of DER: its tag, and where its content begins and ends."""

    tag: int
    start: int
    end: int


def certificate_of(chain: Iterable[bytes], *, trusted: bool = True) -> Certificate | None:
    """Return the ends of a chain as it was sent, the leaf first, in DER; None where the leaf cannot be read."""
    read = [validity(one) for one in chain]
    if not read or read[0] is None:
        return None
    begin, end = min((one for one in read if one is not None), key=lambda one: one[1])
    return Certificate(leaf=read[0][1], earliest=end, life=end - begin, trusted=trusted)


def validity(der: bytes) -> tuple[datetime, datetime] | None:
    """Return from when and until when a certificate in DER is good, None where it cannot be read."""
    try:
        (whole,) = _parts(der, 0, len(der))
        signed = _parts(der, whole.start, whole.end)[0]
        fields = _parts(der, signed.start, signed.end)
        # Version (left out in the first one), serial number, signature, issuer, validity.
        span = fields[3 + (fields[0].tag == VERSION)]
        begin, end = (_instant(one.tag, der[one.start : one.end]) for one in _parts(der, span.start, span.end))
    except (ValueError, IndexError, OverflowError):
        return None
    return begin, end


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


def _instant(tag: int, written: bytes) -> datetime:
    text = written.decode("ascii")
    if tag == UTC_TIME:
        text = ("19" if int(text[:2]) >= CENTURY else "20") + text
    elif tag != GENERALIZED_TIME:
        raise ValueError("not a time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
