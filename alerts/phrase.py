"""Phrases that a notice must not or should not hold: packs of them by language and jurisdiction, as values.

The packs that are shipped are data and are read in `phrases/`; a configuration brings its own beside them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from alerts.tokens import Token, words

ANY = ""


class ObjectionGrade(StrEnum):
    """Whether what is objected to keeps a text from going out, or somebody is to look at it."""

    REFUSE = "refuse"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Phrases of one language that a rule objects to, perhaps in some jurisdictions only, and why.

    Without a language they count in every one. A jurisdiction has its parts: what holds for US holds for US-CA.
    """

    rule: str
    phrases: tuple[str, ...]
    language: str = ANY
    jurisdictions: tuple[str, ...] = ()
    grade: ObjectionGrade = ObjectionGrade.REFUSE
    why: str = ""
    advice: str = ""

    def holds_in(self, jurisdiction: str) -> bool:
        """Return whether they count for a reader under this law."""
        here = f"{jurisdiction.upper()}-"
        return not self.jurisdictions or any(here.startswith(f"{one.upper()}-") for one in self.jurisdictions)


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase that stands in a text, and the pack that it is from."""

    pack: Pack
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """Packs indexed by the first words of their phrases, by language: each text is looked through once."""

    index: Mapping[str, Mapping[str, tuple[tuple[tuple[str, ...], Pack], ...]]] = field(default_factory=dict)
    packs: tuple[Pack, ...] = ()

    def found(self, text: Sequence[Token], language: str, jurisdiction: str) -> Iterator[Found]:
        """Yield the phrases of a text that its language's packs object to, everywhere or in a jurisdiction."""
        tables = [self.index[one] for one in dict.fromkeys((language, ANY)) if one in self.index]
        for place, token in enumerate(text):
            for run, pack in (one for table in tables for one in table.get(token.word, ())):
                here = text[place : place + len(run)]
                if tuple(one.word for one in here) == run and pack.holds_in(jurisdiction):
                    yield Found(pack, token.start, here[-1].end)


def indexed(packs: Iterable[Pack]) -> Phrases:
    """Return packs as they are looked up."""
    kept = tuple(packs)
    index: dict[str, dict[str, list[tuple[tuple[str, ...], Pack]]]] = {}
    for pack in kept:
        for phrase in pack.phrases:
            run = words(phrase)
            if run:
                index.setdefault(pack.language, {}).setdefault(run[0], []).append((run, pack))
    settled = {language: {word: tuple(runs) for word, runs in table.items()} for language, table in index.items()}
    return Phrases(index=settled, packs=kept)
