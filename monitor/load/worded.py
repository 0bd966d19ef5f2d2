"""Checks templates of notices: whom they name, what they hold, and that they work for every reader whom they are for.

A template that cannot be used is an error, at its line. What the linter objects to in what it makes is a finding.
"""

from collections.abc import Iterator

from alerts.languages import shipped
from alerts.letter import Letter
from alerts.lint import Objection, Part, lint
from alerts.phrase import ObjectionGrade
from alerts.rehearse import Rehearsal, rehearsed
from alerts.template import Key, Template
from alerts.templating import faults
from monitor.load.config import Config
from monitor.load.form import suggestion
from monitor.load.node import Loc, Node, joined
from monitor.load.parts import Parts
from monitor.load.sections import Sections
from monitor.load.wording_form import Source, TemplateForm
from monitor.problem import Grade, Problem
from probes.catalog import ClientId

SECTION = "templates"


def check_templates(sections: Sections, parts: Parts) -> Iterator[Problem]:
    """Yield what templates name that is not defined, what they must not hold, and where they fail."""
    taken: dict[Key, str] = {}
    for name, form in parts.templates.items():
        node = sections.parts[SECTION][name]
        if sections.whole:
            yield from _names(sections, form, node)
        wrong = [*_faults(form, node)]
        yield from wrong
        if not wrong:
            yield from _failures(form.template(name), node)
        yield from _clashes(form.template(name), node, taken)


def _names(sections: Sections, form: TemplateForm, node: Node) -> Iterator[Problem]:
    for section, named in (("clients", form.clients), ("tiers", form.tiers)):
        names = sections.names(section)
        for place, one in enumerate(named):
            if one not in names:
                advice = f"correct the name or define it under {section} ({suggestion(one, names)})"
                yield node.problem(f"{one} is not defined; {advice}", (section, place))


def _faults(form: TemplateForm, node: Node) -> Iterator[Problem]:
    for key, source in form.texts:
        for fault in faults(source.text):
            yield _at(node, (key,), source, fault.line, fault.message)


def _at(node: Node, loc: Loc, source: Source, line: int, message: str) -> Problem:
    """Return a problem in a line of a template: where the file says, or the line of the text that is written here."""
    if source.file is not None:
        return Problem(file=source.file, line=line, path=joined(node.path, loc), message=message)
    where = f"in its line {line} " if "\n" in source.text.strip() else ""
    return node.problem(f"{where}{message}", loc)


def _failures(template: Template, node: Node) -> Iterator[Problem]:
    """Yield at which stages a template fails for a reader, each failure once."""
    stages: dict[str, list[str]] = {}
    for one in _rehearsals(template):
        if one.letter.fallback is not None:
            detail = one.letter.fallback.detail.removeprefix(f"template {template.name}: ")
            stages.setdefault(detail, []).append(str(one.audience.stage))
    for detail, found in stages.items():
        where = ", ".join(dict.fromkeys(found))
        yield node.problem(f"fails for some readers at {where}: {detail}", _key(template))


def _key(template: Template) -> Loc:
    return ("body",) if template.body else ("subject",)


def _rehearsals(template: Template) -> Iterator[Rehearsal]:
    yield from rehearsed(template, shipped(), ClientId("sample"), "Sample Company")


def _clashes(template: Template, node: Node, taken: dict[Key, str]) -> Iterator[Problem]:
    for key in template.keys_of():
        other = taken.setdefault(key, template.name)
        if other != template.name:
            scope, whom, stage, language = key
            who = f"{scope} {whom}" if scope else "everybody"
            speech = f" in {language}" if language else ""
            yield node.problem(f"is for {who} at {stage}{speech}, and so is {other}; keep one of them")
            return


def objectionable(config: Config, sections: Sections) -> Iterator[Problem]:
    """Yield what the linter objects to in what templates make: for their clients, or for whoever is of their tiers."""
    for template in dict.fromkeys(config.words.templates.index.values()):
        client = config.catalog.clients.get(ClientId(next(iter(template.clients), "")))
        identity, name = (client.id, client.name) if client is not None else (ClientId(""), "Sample Company")
        known: dict[tuple[str, str], Problem] = {}
        for one in rehearsed(template, config.words, identity, name):
            for objection in lint(one.letter, one.audience, config.forbidden):
                found = _objection(template, one.letter, objection, sections)
                known.setdefault((objection.rule, objection.why), found)
        yield from known.values()


def _objection(template: Template, letter: Letter, objection: Objection, sections: Sections) -> Problem:
    refuse = objection.grade is ObjectionGrade.REFUSE
    text = {Part.SUBJECT: letter.subject, Part.BODY: letter.body}.get(objection.part, "")
    # A secret is not repeated, whoever reads the findings.
    words = f"{text[objection.start : objection.end]!r} " if text and objection.rule != "secret" else ""
    goes = "the linter would refuse it, and the generic text would go out" if refuse else "the linter would warn"
    message = f"makes {words}({objection.rule}: {objection.why}): {goes}; {objection.advice}"
    node = sections.parts[SECTION][template.name]
    return node.problem(message, _key(template), Grade.SEVERE if refuse else Grade.MINOR)
