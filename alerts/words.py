"""The words that notices are made with: a catalogue for each language, and the templates of clients.

Values only; the catalogues that are shipped are read in `languages/`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from alerts.instants import ENGLISH
from alerts.sentences import PLURALS
from alerts.template import NO_TEMPLATES, Templates


def _one_or_several(number: int) -> int:
    return int(number != 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The sentences of one language, by what they are in English; of plurals in the order of the language's forms."""

    language: str
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    form: Callable[[int], int] = _one_or_several

    def text(self, sentence: str) -> str:
        """Return a sentence in this language, in English where it has none."""
        return self.messages.get(sentence, (sentence,))[0]

    def several(self, sentence: str, number: int) -> str:
        """Return a sentence that depends on a number."""
        forms = self.messages.get(sentence, (sentence, PLURALS[sentence]))
        return forms[self.form(number)]


IN_ENGLISH = Catalogue(language=ENGLISH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything that the words of a notice are made with; English where a language has no catalogue."""

    catalogues: Mapping[str, Catalogue] = field(default_factory=dict)
    templates: Templates = NO_TEMPLATES

    def catalogue(self, language: str) -> Catalogue:
        """Return the catalogue that comes nearest to a language tag: of it, or of its language, or else English."""
        known = (self.catalogues.get(tag) for tag in (language, language.partition("-")[0].lower()))
        return next((one for one in known if one is not None), self.catalogues.get(ENGLISH, IN_ENGLISH))


PLAIN = Words()
"""English alone, without any template."""
