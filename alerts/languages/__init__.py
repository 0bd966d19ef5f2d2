"""The languages that are shipped: one message catalogue each, read from the files beside this one.

A catalogue is a `.po` file, as translators' tools write it. English has one too, where each sentence is its own
translation. What has no translation, or a fuzzy one, is said in English.
"""

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from alerts.words import Catalogue, Words

SHIPPED = ("en", "de", "es", "fr", "ja")


@cache
def shipped() -> Words:
    """Return the words of every language that is shipped, without any template."""
    return Words(catalogues={language: _catalogue(read(language)) for language in SHIPPED})


def read(language: str) -> Catalog:
    """Return the message catalogue of a shipped language as it is written."""
    content = files(__name__).joinpath(f"{language}.po").read_bytes()
    return read_po(BytesIO(content), locale=language)


def _catalogue(catalog: Catalog) -> Catalogue:
    forms = {_sentence(message.id): _forms(message.string) for message in catalog if message.id and not message.fuzzy}
    return Catalogue(
        language=str(catalog.locale),
        messages={sentence: texts for sentence, texts in forms.items() if texts and all(texts)},
        form=gettext.c2py(catalog.plural_expr),
    )


def _sentence(identity: str | tuple[str, ...] | list[str]) -> str:
    return identity if isinstance(identity, str) else identity[0]


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())
