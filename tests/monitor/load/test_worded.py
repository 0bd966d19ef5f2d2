"""Templates and phrases as they are written: what cannot be used is an error at its line, before it is needed."""

from pathlib import Path

import pytest

from alerts.message import Stage
from monitor.load import Loaded, load
from monitor.problem import Grade
from tests.monitor.load.written import NOW, written


def loaded(folder: Path, text: str, file: str = "") -> Loaded:
    (folder / "own.txt").write_text(file, encoding="utf-8")
    return load(written(folder, wording=f"# words\n{text}"), now=NOW, secrets=False)


def said(folder: Path, text: str, file: str = "") -> list[str]:
    return [str(problem).replace(f"{folder}/", "") for problem in loaded(folder, text, file).errors]


def test_a_template_is_taken_from_its_file_or_from_where_it_is_written(tmp_path: Path) -> None:
    text = "templates: {a: {clients: [acme], subject: '{{ number }}', body: {file: own.txt}, stages: [update]}}"
    config = loaded(tmp_path, text, "Hello {{ client }}").config
    assert config is not None
    (template,) = config.words.templates.index.values()
    assert (template.subject, template.body, template.stages) == (
        "{{ number }}",
        "Hello {{ client }}",
        (Stage.UPDATE,),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{a: {body: '{{ clint }}'}}", "wording.yaml:2: templates.a.body: clint is not known; did you mean client?"),
        ("{a: {clients: [acm], body: x}}", "wording.yaml:2: templates.a.clients[0]: acm is not defined; correct the"),
        ("{a: {tiers: [glod], body: x}}", "wording.yaml:2: templates.a.tiers[0]: glod is not defined; correct the"),
        ("{a: {clients: [acme]}}", "wording.yaml:2: templates.a: says nothing; write a subject, a body, or both"),
        ("{a: {subject: x, html: y}}", "wording.yaml:2: templates.a: has HTML without a body; not every channel"),
        ("{a: {body: {file: none.txt}}}", "wording.yaml:2: templates.a.body: names a file that cannot be read as text"),
        ("{a: {body: 7}}", "wording.yaml:2: templates.a.body: must be a template's text, or {file: PATH}"),
        ("{a: {body: x, stages: [over]}}", "wording.yaml:2: templates.a.stages[0]: must be one of investigating"),
        (
            "{a: {body: x}, b: {body: y, stages: [update]}}",
            "wording.yaml:2: templates.b: is for everybody at update, and so is a; keep one of them",
        ),
        (
            "{a: {body: 'It ended {{ recovered }}', stages: [update, resolved]}}",
            "wording.yaml:2: templates.a.body: fails for some readers at update, resolved: 'recovered' is not",
        ),
    ],
)
def test_what_cannot_be_used_is_an_error_where_it_is_written(tmp_path: Path, text: str, message: str) -> None:
    (first,) = said(tmp_path, f"templates: {text}")
    assert first.startswith(message), first


def test_a_mistake_in_a_file_is_told_with_the_line_of_that_file(tmp_path: Path) -> None:
    found = said(tmp_path, "templates: {a: {body: {file: own.txt}}}", "Hello\n\n{{ nobody }}\n")
    assert found[0].startswith("own.txt:3: templates.a.body: nobody is not known; known are")
    (inline,) = said(tmp_path, "templates:\n  a:\n    body: |\n      Hello\n      {{ nobody }}\n")
    assert inline.startswith("wording.yaml:4: templates.a.body: in its line 2 nobody is not known")


def test_what_the_linter_would_object_to_is_a_finding(tmp_path: Path) -> None:
    text = "templates: {a: {body: 'Our vendor is to blame. {{ text }}', stages: [update]}}"
    (found,) = [one for one in loaded(tmp_path, text).findings if one.path.startswith("templates")]
    assert (found.path, found.grade) == ("templates.a.body", Grade.SEVERE)
    assert "the linter would refuse it, and the generic text would go out" in found.message


def test_a_template_for_everybody_that_names_one_client_is_a_finding_and_ones_own_name_is_none(tmp_path: Path) -> None:
    text = "templates: {{a: {{{} body: 'Dear Acme, {{{{ text }}}}', stages: [update]}}}}"
    grades = [
        [one.grade for one in loaded(tmp_path, text.format(whose)).findings if one.path.startswith("templates")]
        for whose in ("", "clients: [acme],")
    ]
    assert grades == [[Grade.SEVERE], []]


def test_packs_of_phrases_come_beside_those_that_are_shipped(tmp_path: Path) -> None:
    config = loaded(tmp_path, "phrases: {a: {phrases: [world class], grade: warn, why: it sells}}").config
    assert config is not None
    own = [pack for pack in config.forbidden.phrases.packs if pack.why == "it sells"]
    assert [(pack.rule, pack.phrases, pack.grade) for pack in own] == [("house_style", ("world class",), "warn")]
    assert len(config.forbidden.phrases.packs) > 5
