"""The words of clients' pages, feeds, calendars and evidence, in the languages that are shipped: a `.po` file for each.

English is the language in which the sentences are written. Notices have catalogues of their own, next door.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

SHIPPED = ("de", "es", "fr", "ja")
ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """A language as a reader's page speaks it: its tag, and what turns a sentence into it."""

    tag: str
    say: Callable[[str], str]


def read(language: str) -> Catalog:
    """Return the catalogue of a shipped language as it is written."""
    return read_po(BytesIO(files(__name__).joinpath(f"{language}.po").read_bytes()), locale=language)


@cache
def _texts(language: str) -> Mapping[str, str]:
    return {str(one.id): str(one.string) for one in read(language) if one.id and one.string and not one.fuzzy}


def tongue(language: str) -> Tongue:
    """Return the language of a tag like de-CH, English where it is not shipped."""
    short = language.partition("-")[0].lower()
    if short not in SHIPPED:
        return Tongue(tag=language if short == ENGLISH else ENGLISH, say=str)
    texts = _texts(short)
    return Tongue(tag=language, say=lambda sentence: texts.get(sentence, sentence))
