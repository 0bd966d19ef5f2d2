"""What must not leave is refused, whoever wrote it, and what only looks so warns."""

from dataclasses import replace
from time import process_time

import pytest

from alerts.audience import Audience, Symptom
from alerts.checked import checked
from alerts.forbidden import Forbidden, forbidden_of
from alerts.letter import FallbackReason, Letter, generic, render
from alerts.lint import Part, Rule, lint, lint_text
from alerts.message import Stage
from alerts.phrase import ObjectionGrade, Pack, indexed
from alerts.phrases import common_words, shipped_packs
from alerts.words import PLAIN
from probes.catalog import Client, ClientId, SystemId
from tests.alerts.test_letter import EVERY, audience, planned
from tests.cast import ACME, BILLING, BOREAL, CATALOG, CLIENTS, GOLD, catalog_of

PHRASES = indexed(shipped_packs())
REFUSE, WARN = ObjectionGrade.REFUSE, ObjectionGrade.WARN


def forbidden(*others: Client) -> Forbidden:
    clients = {**CLIENTS, **{client.id: client for client in others}}
    return forbidden_of(catalog_of(clients), PHRASES, common_words())


def client(name: str, identity: str = "zz-9", *identifiers: str) -> Client:
    known = {SystemId(BILLING): identifiers} if identifiers else {}
    return Client(id=ClientId(identity), name=name, tier=GOLD.id, identifiers=known)


EVERYBODY = forbidden()
READER = audience(Stage.UPDATE)


def objections(text: str, known: Forbidden = EVERYBODY, language: str = "en") -> list[tuple[str, str, str]]:
    """Return the rule, the grade and the words of everything that is objected to in a text for acme."""
    return [(one.rule, one.grade, text[one.start : one.end]) for one in lint_text(text, READER, language, known)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("As for Boreal AS, it is late.", "Boreal AS"),
        ("BOREAL's records are late", "BOREAL"),
        ("boreal-as", "boreal-as"),
        ("We see erp-boreal late", "erp-boreal"),
        ("\uff22\uff2f\uff32\uff25\uff21\uff2c now", "\uff22\uff2f\uff32\uff25\uff21\uff2c"),
        ("Bo\u200breal", "Bo\u200breal"),
        ("Bore\u0301al", "Bore\u0301al"),
        ("cobalt_gmbh", "cobalt_gmbh"),
    ],
)
def test_another_client_is_refused_however_it_is_written(text: str, words: str) -> None:
    assert (Rule.OTHER_CLIENT, REFUSE, words) in objections(text)


@pytest.mark.parametrize("text", ["Arboreal life", "corealised", "Acme Corp", "erp-acme", "The cobalts"])
def test_only_whole_words_of_others_count_and_nothing_of_the_readers_own(text: str) -> None:
    assert Rule.OTHER_CLIENT not in {rule for rule, *_ in objections(text)}


def test_a_name_that_is_also_a_common_word_or_a_system_only_warns_and_its_identifier_is_refused() -> None:
    known = forbidden(client("Target Corp", "tgt-1", "cus_T4rg3t"), client("Billing", "bl-1"), client("March", "m-1"))
    assert objections("our target is March", known) == [
        (Rule.OTHER_CLIENT, WARN, "target"),
        (Rule.OTHER_CLIENT, WARN, "March"),
    ]
    assert objections("billing", known) == [(Rule.OTHER_CLIENT, WARN, "billing")]
    assert objections("see cus_T4rg3t and tgt-1", known) == [
        (Rule.OTHER_CLIENT, REFUSE, "cus_T4rg3t"),
        (Rule.OTHER_CLIENT, REFUSE, "tgt-1"),
    ]


def test_what_is_part_of_the_readers_own_name_is_not_another_client() -> None:
    known = forbidden(client("Corp", "c-1"))
    assert objections("Dear Acme Corp", known) == []
    assert objections("Dear Corp", known) == [(Rule.OTHER_CLIENT, REFUSE, "Corp")]


def test_the_readers_own_name_and_identifiers_are_never_objected_to() -> None:
    own = replace(CLIENTS[ACME], name="Outage & ETA Corp", identifiers={SystemId(BILLING): ("CUS-4711",)})
    known = forbidden(own)
    assert objections("Outage & ETA Corp is known as CUS-4711", known) == []
    assert [rule for rule, *_ in objections("Outage and CUS-4712", known)] == [Rule.TICKET, Rule.OUTAGE]


def test_an_identifier_with_a_systems_name_in_it_is_still_refused() -> None:
    known = forbidden(client("Billing ERP", "erp-billing", "billing-erp-12345"))
    assert (Rule.OTHER_CLIENT, REFUSE, "erp-billing") in objections("see erp-billing", known)
    assert (Rule.OTHER_CLIENT, REFUSE, "billing-erp-12345") in objections("see billing-erp-12345", known)


def test_names_without_spaces_between_words_are_found_inside_a_line() -> None:
    known = forbidden(client("青空商事", "aozora"))
    assert objections("本日、青空商事様の請求書が遅れています", known, "ja")[0] == (
        Rule.OTHER_CLIENT,
        REFUSE,
        "青空商事",
    )


def test_a_short_number_is_nobodys_and_a_long_one_is() -> None:
    known = forbidden(client("Nimbus Ltd", "nimbus", "12", "100772"))
    assert [grade for _, grade, _ in objections("12 invoices at 12:30", known)] == [WARN, WARN]
    assert objections("account 100772", known) == [(Rule.OTHER_CLIENT, REFUSE, "100772")]


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("on db-1.internal now", Rule.HOST, "db-1.internal"),
        ("http://localhost:8080/x", Rule.HOST, "localhost"),
        ("erp.example.com answers", Rule.HOST, "erp.example.com"),
        ("from 10.0.0.3.", Rule.ADDRESS, "10.0.0.3"),
        ("at 192.168.1.1:80", Rule.ADDRESS, "192.168.1.1"),
        ("via fe80::1", Rule.ADDRESS, "fe80::1"),
        ("https://ana:hunter2@example.org/", Rule.SECRET, "https://ana:hunter2@"),
        ("password: hunter2", Rule.SECRET, "password: hunter2"),
        ("the api key is abc123", Rule.SECRET, "api key is abc123"),
        ("Bearer abc12345x", Rule.SECRET, "Bearer abc12345x"),
        ("パスワードはhunter2", Rule.SECRET, "パスワードはhunter2"),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", Rule.SECRET, "sk_live_4eC39HqLyjWDarjtT1zdp7dc"),
        ("read env:ACME_DESK", Rule.SECRET, "env:ACME_DESK"),
        ("see OPS-1234", Rule.TICKET, "OPS-1234"),
        ("see #4711", Rule.TICKET, "#4711"),
        ("see INC0012345", Rule.TICKET, "INC0012345"),
        ("like INC-8", Rule.TICKET, "INC-8"),
        ("our vendor failed", Rule.BLAME, "our vendor"),
        ("it is probably over", Rule.GUESS, "probably"),
        ("fixed by noon", Rule.REPAIR_TIME, "fixed by"),
        ("the ETA is noon", Rule.REPAIR_TIME, "ETA"),
        ("a total outage", Rule.OUTAGE, "outage"),
    ],
)
def test_what_must_not_leave_is_refused(text: str, rule: Rule, words: str) -> None:
    assert (rule, REFUSE, words) in objections(text)


@pytest.mark.parametrize(
    "text",
    [
        "INC-7 goes on; files are in UTF-8.",
        "We will write again by March 4, 2026, 7:07 AM Eastern Standard Time (12:07 UTC).",
        "Please slow down your requests: 20 a minute, from 11:59:00 until 12:30.",
        "https://example.org/help?page=2",
        "We will write again by March 5, 2026, 8:30 PM GMT-03:00 (23:30 UTC).",
        "Files of Q1-2026 in ISO-20022 are late, as are those of KW-12.",
        "Your password is not affected :: nor are bearer instruments.",
    ],
)
def test_what_may_be_said_is_not_objected_to(text: str) -> None:
    assert objections(text) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Ihr Passwort ist nicht betroffen."),
        ("es", "Su contraseña es la misma."),
        ("fr", "Un tiers de vos paiements échoue avec une erreur de paiement, avant 20:30 UTC-03:00."),
    ],
)
def test_other_languages_too_may_say_what_is_harmless(language: str, text: str) -> None:
    assert objections(text, language=language) == []


def test_colours_of_an_html_body_are_no_tickets_and_a_ticket_in_it_is_one() -> None:
    html = '<p style="color:#111827;background:#000">Late, see {}</p>'
    letter = Letter(subject="s", body="Late, see", html=html.format(""), language="en")
    assert lint(letter, READER, EVERYBODY) == ()
    shown = replace(letter, html=html.format("#4711"))
    assert [(one.rule, one.part) for one in lint(shown, READER, EVERYBODY)] == [(Rule.TICKET, Part.HTML)]


def test_what_is_switched_off_as_planned_may_be_called_offline_and_warns() -> None:
    found = [*lint_text("The portal is offline.", planned(Stage.SCHEDULED), "en", EVERYBODY)]
    assert [(one.rule, one.grade) for one in found] == [(Rule.OUTAGE, WARN)]


def test_a_system_or_a_public_address_or_something_that_looks_like_a_key_warns() -> None:
    text = "erp at 8.8.8.8 with 4eC39HqLyjWDarjtT1zdp7dc4eC39HqLyjWDarjtT1zdp7dc"
    assert [(rule, grade) for rule, grade, _ in objections(text)] == [
        (Rule.SYSTEM, WARN),
        (Rule.SECRET, WARN),
        (Rule.ADDRESS, WARN),
    ]


def test_an_outage_may_be_called_one_where_nothing_answers_but_somebody_is_to_look() -> None:
    full = replace(READER, symptoms=(Symptom(kind="availability"),))
    assert [one.grade for one in lint_text("an outage", full, "en", EVERYBODY)] == [WARN]


def test_the_planned_end_of_maintenance_may_be_told_and_what_is_over() -> None:
    text = "It will be over at noon."
    assert [*lint_text(text, planned(Stage.SCHEDULED), "en", EVERYBODY)] == []
    assert [*lint_text(text, audience(Stage.RESOLVED), "en", EVERYBODY)] == []
    assert [one.rule for one in lint_text(text, READER, "en", EVERYBODY)] == [Rule.REPAIR_TIME]


def test_a_title_of_maintenance_and_words_of_the_team_are_read_like_any_text() -> None:
    window = replace(planned(Stage.SCHEDULED), note="For Boreal AS")
    found = lint(render(window, PLAIN), window, EVERYBODY)
    assert {(one.rule, one.part) for one in found} == {(Rule.OTHER_CLIENT, Part.BODY)}


def test_some_phrases_count_only_under_some_laws() -> None:
    text = "We accept responsibility."
    assert [*lint_text(text, READER, "en", EVERYBODY)] == []
    there = replace(READER, jurisdiction="us-CA")
    assert [one.rule for one in lint_text(text, there, "en", EVERYBODY)] == ["liability"]


def test_a_configurations_own_packs_come_beside_those_that_are_shipped() -> None:
    own = Pack(rule="slogan", phrases=("world class",), why="it is a slogan", advice="leave it out")
    known = forbidden_of(CATALOG, indexed((*shipped_packs(), own)), common_words())
    assert objections("World-class and probably", known) == [
        ("slogan", REFUSE, "World-class"),
        ("guess", REFUSE, "probably"),
    ]


def test_what_html_shows_or_carries_besides_the_plain_text_is_read_too() -> None:
    split = Letter(subject="s", body="Hello", html="<p>Bor<b>eal</b></p>", language="en")
    linked = Letter(subject="s", body="Hello", html='<p>Hello</p><img src="http://10.0.0.1/x">', language="en")
    assert {(one.rule, one.part) for one in lint(split, READER, EVERYBODY)} == {(Rule.OTHER_CLIENT, Part.HTML)}
    assert {(one.rule, one.part) for one in lint(linked, READER, EVERYBODY)} == {(Rule.ADDRESS, Part.HTML)}


def test_an_objection_says_why_and_what_to_do_and_repeats_nothing_of_the_text() -> None:
    for one in lint_text("password: hunter2, Boreal AS, our vendor, 10.0.0.3", READER, "en", EVERYBODY):
        assert one.why
        assert one.advice
        assert not any(word in f"{one.why}{one.advice}" for word in ("hunter2", "Boreal", "10.0.0.3"))


@pytest.mark.parametrize("one", EVERY, ids=lambda one: str(one.stage))
def test_nothing_is_objected_to_in_our_own_texts(one: Audience) -> None:
    for letter in (render(one, PLAIN), generic(one, PLAIN)):
        assert lint(letter, one, EVERYBODY) == ()


def test_a_refused_notice_goes_out_as_the_generic_text_and_says_so() -> None:
    hostile = replace(READER, note="Boreal AS is late too.")
    result = checked(hostile, PLAIN, EVERYBODY)
    assert result.letter.fallback is not None
    assert result.letter.fallback.reason is FallbackReason.REFUSED
    assert result.letter.fallback.detail == "the linter refuses it: other_client"
    assert "Boreal" not in result.letter.body
    assert result.letter.body.startswith("A service that your integration depends on is disturbed.")
    assert [one.rule for one in result.objections] == [Rule.OTHER_CLIENT]


def test_a_flow_that_is_called_after_another_client_is_not_told() -> None:
    hurt = audience(Stage.UPDATE, ACME, "sync_latency/boreal/acme")
    assert "boreal" not in checked(hurt, PLAIN, EVERYBODY).letter.body
    theirs = audience(Stage.UPDATE, BOREAL, "sync_latency/boreal/boreal")
    assert "Your records (boreal)" in checked(theirs, PLAIN, EVERYBODY).letter.body


def test_a_notice_with_nothing_to_look_at_goes_out_as_it_is() -> None:
    result = checked(READER, PLAIN, EVERYBODY)
    assert (result.letter, result.objections) == (render(READER, PLAIN), ())


def test_with_five_thousand_clients_a_text_is_still_looked_through_once() -> None:
    many = (client(f"Client {number} Ltd", f"client-{number}", f"cus_{number}x") for number in range(5000))
    known = forbidden(*many)
    text = "We are working on it, client by client, and will write again. " * 20 + "Client 77 is next."
    began = process_time()
    for _ in range(20):
        found = [*lint_text(text, READER, "en", known)]
    assert process_time() - began < 2, "a hundred milliseconds each would be far too long already"
    assert [(one.rule, text[one.start : one.end]) for one in found] == [(Rule.OTHER_CLIENT, "Client 77")]
