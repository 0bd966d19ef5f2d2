"""A client's own words on top: strict, bounded, harmless, and never nothing."""

from dataclasses import replace

import pytest

from alerts.audience import Audience
from alerts.checked import checked
from alerts.languages import shipped
from alerts.letter import LONGEST_BODY, FallbackReason, Letter, generic, render
from alerts.message import Stage
from alerts.rehearse import rehearsed
from alerts.template import Template, Templates, looked_up
from alerts.templating import LONGEST_SOURCE, VARIABLES, faults
from alerts.words import Words
from probes.catalog import ClientId
from tests.alerts.test_languages import FORBIDDEN
from tests.alerts.test_letter import EVERY, audience, planned
from tests.cast import ACME, BOREAL, COBALT

READER = audience(Stage.UPDATE)
OWN = Template(name="own")


def words(*templates: Template) -> Words:
    return replace(shipped(), templates=looked_up(templates))


def letter(body: str, reader: Audience = READER, like: Template = OWN) -> Letter:
    """Return what a template with this body makes, otherwise like another one."""
    return render(reader, words(replace(like, body=body)))


def test_a_template_prints_facts_as_its_reader_reads_them() -> None:
    made = letter("{{ client }}: {{ symptoms|join(' ') }} Since {{ began }} = {{ began_utc }}. {{ promise }}")
    assert made.body == (
        "Acme Corp: Your invoices are reaching their destination later than agreed. Since March 4, 2026, 6:59 AM "
        "Eastern Standard Time (11:59 UTC) = March 4, 2026, 11:59 UTC. We will write again by March 4, 2026, 7:07 AM "
        "Eastern Standard Time (12:07 UTC)."
    )
    assert (made.fallback, made.templated) == (None, True)


def test_a_fact_is_printed_in_the_language_of_the_template() -> None:
    german = letter("{{ began }}", replace(READER, language="de-DE"))
    spanish = letter("{{ doing }}", replace(READER, language="es-ES"), replace(OWN, language="es"))
    assert german.body == "4. März 2026, 06:59 Nordamerikanische Ostküsten-Normalzeit (11:59 UTC)"
    assert (spanish.body, spanish.language) == ("Seguimos trabajando en ello.", "es")


@pytest.mark.parametrize(("written", "told"), [("Late again", "Late again (INC-7)"), ("{{ number }}!", "INC-7!")])
def test_a_subject_of_ones_own_carries_the_number_all_the_same(written: str, told: str) -> None:
    made = letter("", READER, replace(OWN, subject=written))
    assert made.subject == told
    assert made.body == render(READER, shipped()).body, "what a template leaves out is as it is in the standard text"


def test_a_subject_is_one_line() -> None:
    assert letter("", READER, replace(OWN, subject="a\n{{ number }}\r\nBcc: x")).subject == "a INC-7 Bcc: x"


def test_a_clients_template_counts_before_its_tiers_and_a_language_before_every_language() -> None:
    known = words(
        Template(body="all", name="a"),
        Template(body="gold", name="b", tiers=("gold",)),
        Template(body="cobalt", name="c", clients=(COBALT,), stages=(Stage.UPDATE,)),
        Template(body="cobalt in Spanish", name="d", clients=(COBALT,), language="es", stages=(Stage.UPDATE,)),
    )
    readers = {
        "all": READER,
        "gold": audience(Stage.INVESTIGATING, COBALT),
        "cobalt": audience(Stage.UPDATE, COBALT),
        "cobalt in Spanish": replace(audience(Stage.UPDATE, COBALT), language="es-MX"),
    }
    assert {body: render(reader, known).body for body, reader in readers.items()} == {body: body for body in readers}


def test_a_clients_template_is_for_nobody_else() -> None:
    known = words(Template(name="own", body="For Boreal AS alone", clients=(BOREAL,)))
    for one in EVERY:
        assert "Boreal" not in render(one, known).body
    assert render(audience(Stage.UPDATE, BOREAL), known).body == "For Boreal AS alone"


@pytest.mark.answers("OneUptime/oneuptime#3832", "OneUptime/oneuptime#411")
def test_a_fact_that_is_not_known_is_never_printed_as_nothing_and_the_client_is_written_to_all_the_same() -> None:
    made = letter("It ended at {{ recovered }}.")
    assert made.fallback is not None
    assert made.fallback.reason is FallbackReason.TEMPLATE_FAILED
    assert made.fallback.detail == "template own: 'recovered' is not known here; write {% if NAME %}"
    assert made.body == generic(READER, shipped()).body
    assert letter("{% if recovered %}over{% else %}{{ doing }}{% endif %}").body == "We are still working on it."


def test_a_template_that_makes_nothing_or_too_much_falls_back_and_says_so() -> None:
    nothing = letter("{% if recovered %}over{% endif %}")
    much = letter("{{ note }}", replace(READER, note="x" * (LONGEST_BODY + 1)))
    assert nothing.fallback is not None
    assert nothing.fallback.detail == "template own: it makes an empty text"
    assert much.fallback is not None
    assert much.fallback.reason is FallbackReason.TOO_LONG
    assert all(made.body for made in (nothing, much))


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("{{ clint }}", 1, "clint is not known; did you mean client?"),
        ("a\nb {{ zzz }}", 2, "zzz is not known; known are"),
        ("{% if %}", 1, "is no template"),
        ("{{ client.__class__ }}", 1, "asks for .__class__"),
        ("{{ client['x'] }}", 1, "holds getitem"),
        ("{{ client.upper() }}", 1, "holds call"),
        ("{{ 'a' * 1000000000 }}", 1, "holds mul"),
        ("{{ 'a' ~ client }}", 1, "holds concat"),
        ("{% set x = client %}", 1, "holds assign"),
        ("{% for a in range(10) %}{% endfor %}", 1, "goes through something else than symptoms"),
        ("{% for a in client %}{% endfor %}", 1, "goes through something else than symptoms"),
        ("{% for a in symptoms %}{% for b in symptoms %}x{% endfor %}{% endfor %}", 1, "more than once"),
        ("{% include 'x' %}", 1, "holds include"),
        ("{% macro a() %}{% endmacro %}", 1, "holds macro"),
        ("{{ client|attr('x') }}", 1, "uses the filter attr"),
        ("{{ client|indent(100000000) }}", 1, "uses the filter indent"),
        ("{{ text|join(client) }}", 1, "joins something else than symptoms"),
        ("{{ html|safe }}", 1, "uses the filter safe"),
        ("{% if client is callable %}{% endif %}", 1, "asks whether something is callable"),
        ("{% if client %}{{ self }}{% endif %}", 1, "self is not known"),
        ("x" * (LONGEST_SOURCE + 1), 1, "is longer than"),
        ("{% if note %}" * 150 + "{% endif %}" * 150, 1, "is nested too deeply"),
        ("{{ " + "(" * 900 + "note" + ")" * 900 + " }}", 1, "is nested too deeply"),
    ],
)
def test_what_a_template_must_not_hold_is_told_with_its_line(source: str, line: int, message: str) -> None:
    (first, *_) = faults(source)
    assert (first.line, message in first.message) == (line, True), first.message
    made = letter(source)
    assert made.fallback is not None, "and it is never used, even if nobody checked it"
    assert made.body == generic(READER, shipped()).body


@pytest.mark.parametrize("body", ["{% if updates > client %}x{% endif %}", "{{ updates|first }}", "{{ note|upper }}"])
def test_what_fails_only_when_it_is_used_falls_back_like_anything_else(body: str) -> None:
    assert faults(body) == ()
    made = letter(body)
    assert made.fallback is not None
    assert made.fallback.reason is FallbackReason.TEMPLATE_FAILED


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_every_fact_may_be_asked_after_at_every_stage(name: str) -> None:
    for reader in (READER, audience(Stage.RESOLVED), planned(Stage.MOVED), planned(Stage.COMPLETED)):
        made = letter(f"x{{% if {name} %}}{{{{ {name} }}}}{{% endif %}}", reader)
        assert made.fallback is None


def test_what_somebody_wrote_is_no_template_and_no_markup() -> None:
    hostile = replace(READER, note="{{ client }} {% for x in symptoms %}<script>", name="<b>{{ note }}</b>")
    made = letter("{{ note }} {{ client }}", hostile, replace(OWN, html="<p>{{ note }} {{ client }}</p>"))
    assert made.body == "{{ client }} {% for x in symptoms %}<script> <b>{{ note }}</b>"
    assert "<script>" not in made.html
    assert "&lt;script&gt; &lt;b&gt;{{ note }}&lt;/b&gt;" in made.html
    assert "<script>" not in letter("{{ note }}", hostile).html


def test_what_a_template_says_is_read_by_the_linter_too() -> None:
    refused = checked(READER, words(Template(name="own", body="Like Boreal AS, {{ client }}")), FORBIDDEN)
    assert refused.letter.fallback is not None
    assert refused.letter.fallback.reason is FallbackReason.REFUSED
    assert "Boreal" not in refused.letter.body


def test_a_rehearsal_finds_what_fails_at_one_stage_for_one_reader() -> None:
    careless = Template(name="own", body="{{ next_update }}", stages=(Stage.UPDATE, Stage.RESOLVED))
    failed = [one.audience.stage for one in rehearsed(careless, shipped(), ACME, "Acme") if one.letter.fallback]
    assert failed == [Stage.UPDATE, Stage.RESOLVED, Stage.RESOLVED], "nothing may be promised, and an end promises none"
    careful = Template(name="own", body="{% if next_update %}{{ next_update }}{% else %}{{ text }}{% endif %}")
    assert not [one for one in rehearsed(careful, shipped(), ClientId("x"), "X") if one.letter.fallback]


def test_without_templates_nobody_has_one() -> None:
    assert Templates().of(READER) is None
