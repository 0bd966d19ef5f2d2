"""Made-up values that follow from a seed: the same question always gets the same answer.

Nothing here is secret or random; it only looks like it.
"""

from hashlib import blake2b

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def draw(below: int, *question: str | int) -> int:
    """Return a number from 0 up to, not including, `below`; the same for the same question."""
    digest = blake2b("\0".join(map(str, question)).encode(), digest_size=32).digest()
    return int.from_bytes(digest) % below


def label(length: int, *question: str | int) -> str:
    """Return letters and digits as vendors use them in ids; the same for the same question, `length` up to 40."""
    number, letters = draw(len(LETTERS) ** length, *question), []
    for _ in range(length):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)
