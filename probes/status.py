"""What a system says of a client, in its own word and in ours: "engaged" here may be "active" there.

Which words mean the same is declared. A word that is not declared is kept as it is, and compared with nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

S = TypeVar("S", bound=str)

LONGEST_WORD = 100
"""Characters of a word that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a system says how a client stands: a field of a list's records. `words` maps its words to ours."""

    resource: str
    field: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a system last said of a client; `meaning` is our word, None where its word is not declared."""

    word: str
    meaning: str | None
    at: datetime


def said(status: Status, word: str, at: datetime) -> Said:
    """Return what a system's word says."""
    return Said(word=word[:LONGEST_WORD], meaning=status.words.get(word), at=at)


def differ(known: Iterable[Said]) -> bool:
    """Return whether systems say different things, of those whose words are declared."""
    return len({one.meaning for one in known if one.meaning is not None}) > 1


def comparable(known: Iterable[Said]) -> bool:
    """Return whether at least two systems say something that is declared."""
    return sum(one.meaning is not None for one in known) > 1
