"""Every language of clients' pages says everything, with the same marks, and nothing that nobody says any more."""

import re
from pathlib import Path

import pytest

from alerts.languages.pages import SHIPPED, read, tongue
from tests.monitor.web.page_words import sentences

MARK = re.compile(r"\{\w+\}")


@pytest.mark.parametrize("language", SHIPPED)
def test_a_catalogue_has_every_sentence_of_the_pages_and_no_other(language: str, repository: Path) -> None:
    known = {str(one.id): str(one.string) for one in read(language) if one.id}
    assert sorted(known) == sorted(set(sentences(repository)))
    assert [one for one in read(language) if one.fuzzy and one.id] == []
    assert [text for text in known.values() if not text.strip()] == []


@pytest.mark.parametrize("language", SHIPPED)
def test_a_translation_has_the_marks_of_its_sentence(language: str) -> None:
    pairs = [(str(one.id), str(one.string)) for one in read(language) if one.id]
    assert [text for text, other in pairs if sorted(MARK.findall(text)) != sorted(MARK.findall(other))] == []


@pytest.mark.parametrize(
    ("tag", "spoken", "text"),
    [("de-CH", "de-CH", "Ausfall"), ("en-GB", "en-GB", "Outage"), ("pt-BR", "en", "Outage"), ("ja", "ja", "停止")],
)
def test_a_page_speaks_its_readers_language_or_else_english_and_says_which(tag: str, spoken: str, text: str) -> None:
    known = tongue(tag)
    assert (known.tag, known.say("Outage")) == (spoken, text)
