"""Made-up values that follow from a seed: the same question always gets the same answer.

Nothing here is secret or random; it only looks like it.
"""

from base64 import b64encode
from hashlib import blake2b


def chance(*question: str | int) -> bytes:
    """Return 32 bytes that follow from a question."""
    return blake2b("\0".join(map(str, question)).encode(), digest_size=32).digest()


def label(length: int, drawn: bytes) -> str:
    """Return letters and digits as vendors use them in ids, up to 42 of them."""
    return b64encode(drawn, altchars=b"xZ").decode()[:length]
