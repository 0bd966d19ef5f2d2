"""Words of a text as they are compared: each with its place, without case, accents and what cannot be seen.

Scripts that put no space between words have each sign as a word of its own, so that a name is found inside a line.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# What cannot be seen may stand inside a word and does not part it; combining accents belong to it.
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
_ACCENTS = re.compile("[\u0300-\u036f]")
# Thai, Lao, Burmese, Khmer; Japanese and Chinese.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
_SPACELESS += "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"(?:[^\W_]|[\u0300-\u036f{_UNSEEN}])+")
_PIECE = re.compile(rf"[{_SPACELESS}]|[^{_SPACELESS}]+")
_HIDDEN = re.compile(f"[{_UNSEEN}]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word as it is compared, and where in the text it stands."""

    word: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Return the words of a text in their order."""
    found: list[Token] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        pieces = _pieces(match[0])
        if len(pieces) == 1:
            found.append(Token(pieces[0][0], start, end))
        else:
            found += (Token(word, start + at, start + until) for word, at, until in pieces)
    return found


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text without their places."""
    return tuple(token.word for token in tokens(text))


@lru_cache(maxsize=65536)
def _pieces(run: str) -> tuple[tuple[str, int, int], ...]:
    """Return the words in a run of letters and digits, with their places in it."""
    parts = ((_folded(match[0]), *match.span()) for match in _PIECE.finditer(run))
    return tuple(part for part in parts if part[0])


def _folded(word: str) -> str:
    seen = _HIDDEN.sub("", word)
    if seen.isascii():
        return seen.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", seen)).casefold()
    return unicodedata.normalize("NFKC", plain)
