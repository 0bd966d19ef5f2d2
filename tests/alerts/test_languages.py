"""Every language says everything, with the same facts in it, in forms that its numbers have."""

import re
from dataclasses import replace

import pytest
from babel import Locale
from babel.messages.catalog import Message

from alerts.audience import Aftermath, Audience, Symptom
from alerts.checked import checked
from alerts.forbidden import forbidden_of
from alerts.instants import when
from alerts.languages import SHIPPED, read, shipped
from alerts.letter import generic, render
from alerts.lint import lint
from alerts.message import Stage
from alerts.phrase import indexed
from alerts.phrases import common_words, shipped_packs
from alerts.sentences import DIGEST, PLURALS, SYMPTOMS, sentences
from tests.alerts.test_letter import EVERY, audience, planned
from tests.cast import CATALOG, NOON, after

MARK = re.compile(r"\{\w*\}")
FORBIDDEN = forbidden_of(CATALOG, indexed(shipped_packs()), common_words())
HOURS_OF_MADRID = "Europe/Madrid"


def messages(language: str) -> list[Message]:
    return [message for message in read(language) if message.id]


def texts(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return a message's forms in English, and in its language."""
    ours = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    theirs = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return ours, theirs


@pytest.mark.parametrize("language", SHIPPED)
def test_a_catalogue_translates_every_sentence_and_no_other(language: str) -> None:
    known = [texts(message)[0][0] for message in messages(language)]
    assert known == [*sentences()]
    assert all(all(text.strip() for text in texts(message)[1]) for message in messages(language))


@pytest.mark.parametrize("language", SHIPPED)
def test_nothing_in_a_catalogue_is_fuzzy_or_obsolete(language: str) -> None:
    catalog = read(language)
    assert not [message.id for message in catalog if message.fuzzy]
    assert not catalog.obsolete


@pytest.mark.parametrize("language", SHIPPED)
def test_a_translation_holds_the_same_marks_as_its_sentence(language: str) -> None:
    for message in messages(language):
        ours, theirs = texts(message)
        for text in theirs:
            wanted = set(MARK.findall(ours[-1]))
            assert set(MARK.findall(text)) in ({*wanted}, set(MARK.findall(ours[0]))), (language, text)
            assert sorted(MARK.findall(text)) == sorted(set(MARK.findall(text))), "no mark twice"


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", ["Summary: one message", "Summary: {count} messages", "Summary: {count} messages"]),
        ("de", ["Zusammenfassung: eine Nachricht", *["Zusammenfassung: {count} Nachrichten"] * 2]),
        ("es", ["Resumen: un mensaje", *["Resumen: {count} mensajes"] * 2]),
        ("fr", ["Récapitulatif : {count} message", *["Récapitulatif : {count} messages"] * 2]),
        ("ja", ["まとめ：{count}件のメッセージ"] * 3),  # noqa: RUF001 - so it is written
    ],
)
def test_plurals_have_the_forms_of_their_language(language: str, forms: list[str]) -> None:
    for message in messages(language):
        ours, theirs = texts(message)
        wanted = read(language).num_plurals if ours[0] in PLURALS else 1
        assert len(theirs) == wanted
    assert [shipped().catalogue(language).several(DIGEST, number) for number in (1, 2, 5)] == forms


@pytest.mark.parametrize("language", [language for language in SHIPPED if language != "en"])
@pytest.mark.parametrize("one", EVERY, ids=lambda one: str(one.stage))
def test_a_letter_is_in_one_language_from_its_subject_to_its_end(language: str, one: Audience) -> None:
    letter = render(replace(one, language=language), shipped())
    english = {word for sentence in sentences() for word in sentence.split() if len(word) > 6}
    shared = {"maintenance", "Maintenance", "destination", "service", "message"}  # French has these words too
    assert letter.language == language
    assert not english & set(f"{letter.subject} {letter.body}".split()) - shared
    assert not MARK.search(letter.body)
    assert one.number in letter.subject


@pytest.mark.parametrize("language", SHIPPED)
@pytest.mark.parametrize("one", EVERY, ids=lambda one: str(one.stage))
def test_the_linter_has_nothing_against_our_own_texts(language: str, one: Audience) -> None:
    there = replace(one, language=language, planned=one.planned and replace(one.planned, work=""), jurisdiction="EU")
    least = replace(there, next_update=None, recovered=None, late=True)
    for reader in (there, least, *(replace(there, aftermath=aftermath) for aftermath in Aftermath)):
        for letter in (render(reader, shipped()), generic(reader, shipped())):
            assert lint(letter, reader, FORBIDDEN) == ()


@pytest.mark.parametrize("language", SHIPPED)
def test_the_linter_has_nothing_against_any_symptom(language: str) -> None:
    for kind in SYMPTOMS:
        told = replace(audience(Stage.UPDATE), language=language, symptoms=(Symptom(kind=kind, flow="invoices"),))
        assert lint(render(told, shipped()), told, FORBIDDEN) == ()


@pytest.mark.parametrize(
    ("language", "text", "rule"),
    [
        ("de", "Schuld ist unser Dienstleister.", "blame"),
        ("de", "Es ist vermutlich die Datenbank.", "guess"),
        ("de", "Voraussichtlich behoben um 15 Uhr", "repair_time"),
        ("de", "ein Ausfall", "outage"),
        ("es", "por culpa de nuestro proveedor", "blame"),
        ("es", "probablemente la base de datos", "guess"),
        ("es", "se resolverá a las 15", "repair_time"),
        ("es", "una caída", "outage"),
        ("fr", "la faute de notre prestataire", "blame"),
        ("fr", "il vient probablement de là", "guess"),
        ("fr", "sera rétabli à 15 h", "repair_time"),
        ("fr", "une panne", "outage"),
        ("ja", "委託先の作業が", "blame"),
        ("ja", "おそらくデータベースです", "guess"),
        ("ja", "15時までに復旧します", "repair_time"),
        ("ja", "全面停止です", "outage"),
    ],
)
def test_every_language_has_its_own_phrases_that_must_not_leave(language: str, text: str, rule: str) -> None:
    there = replace(audience(Stage.UPDATE), language=language, note=text)
    result = checked(there, shipped(), FORBIDDEN)
    assert rule in {one.rule for one in result.objections}
    assert result.letter.fallback is not None
    assert text not in result.letter.body


@pytest.mark.answers("cachethq/core#399", "OneUptime/oneuptime#2144")
@pytest.mark.parametrize(
    ("language", "zone", "text"),
    [
        ("en", "America/New_York", "March 4, 2026, 7:00 AM Eastern Standard Time (12:00 UTC)"),
        ("en-GB", "Europe/London", "4 March 2026, 12:00 Greenwich Mean Time (12:00 UTC)"),
        ("de", "Europe/Berlin", "4. März 2026, 13:00 Mitteleuropäische Normalzeit (12:00 UTC)"),
        ("es-ES", "Europe/Madrid", "4 de marzo de 2026, 13:00 hora estándar de Europa central (12:00 UTC)"),
        ("fr", "Europe/Paris", "4 mars 2026, 13:00 heure normale d\u2019Europe centrale (12:00 UTC)"),
        ("ja", "Asia/Tokyo", "2026年3月4日 21:00 日本標準時 (12:00 UTC)"),
        ("en", "UTC", "March 4, 2026, 12:00 UTC"),
    ],
)
def test_an_instant_is_told_on_the_readers_clock_with_the_zone_and_in_utc(language: str, zone: str, text: str) -> None:
    assert when(NOON, zone, language) == text


def test_an_hour_that_comes_twice_is_told_apart_by_its_zone() -> None:
    before = when(NOON.replace(month=10, day=25, hour=0, minute=30), HOURS_OF_MADRID, "de")
    later = when(NOON.replace(month=10, day=25, hour=1, minute=30), HOURS_OF_MADRID, "de")
    assert before == "25. Oktober 2026, 02:30 Mitteleuropäische Sommerzeit (00:30 UTC)"
    assert later == "25. Oktober 2026, 02:30 Mitteleuropäische Normalzeit (01:30 UTC)"


def test_in_utc_the_date_is_told_where_it_is_another_one() -> None:
    assert when(after(hours=10), "Asia/Tokyo", "en") == (
        "March 5, 2026, 7:00 AM Japan Standard Time (March 4, 2026, 22:00 UTC)"
    )


def test_two_contacts_of_one_client_read_the_same_instant_each_on_their_own_clock() -> None:
    one = replace(audience(Stage.UPDATE), timezone="Asia/Tokyo", language="ja")
    other = replace(audience(Stage.UPDATE), timezone="Europe/Berlin", language="de-AT")
    assert "2026年3月4日 20:59 日本標準時 (11:59 UTC)に始まりました。" in render(one, shipped()).body
    assert "Beginn: 4. März 2026, 12:59 Mitteleuropäische Normalzeit (11:59 UTC)." in render(other, shipped()).body


def test_a_language_that_is_not_shipped_is_written_in_english_throughout() -> None:
    letter = render(replace(audience(Stage.UPDATE), language="pt-BR"), shipped())
    assert letter.language == "en"
    assert "March 4, 2026, 6:59 AM Eastern Standard Time" in letter.body


def test_records_are_called_what_the_language_calls_them() -> None:
    german = replace(audience(Stage.UPDATE), language="de")
    assert render(german, shipped()).body.startswith("Ihre Rechnungen erreichen ihr Ziel später als vereinbart.")
    own = replace(audience(Stage.UPDATE, german.client, "sync_latency/eu-x/acme"), language="fr")
    assert render(own, shipped()).body.startswith("Vos enregistrements (eu-x) arrivent à destination")


@pytest.mark.parametrize("language", SHIPPED)
def test_a_language_that_is_shipped_is_known_to_who_formats_dates(language: str) -> None:
    assert Locale.parse(language).language == language
    assert planned(Stage.MOVED).planned is not None
