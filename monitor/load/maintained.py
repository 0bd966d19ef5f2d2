"""Checks what maintenance windows name, and finds those that say less than they seem to, or can never be again."""

from collections.abc import Iterator
from datetime import datetime

from alerts.audience import Audience
from alerts.forbidden import Forbidden
from alerts.lint import lint_text
from alerts.maintenance import Telling, Window, current, upcoming
from alerts.message import Stage
from alerts.phrase import ObjectionGrade
from monitor.load.config import Config
from monitor.load.form import suggestion
from monitor.load.maintenance_form import WindowForm
from monitor.load.node import Loc, Node
from monitor.load.parts import Parts
from monitor.load.sections import Sections
from monitor.problem import Grade, Problem
from probes.catalog import ClientId


def check_maintenance(sections: Sections, parts: Parts) -> Iterator[Problem]:
    """Yield what windows name that is not defined."""
    for name, form in parts.maintenance.items():
        node = sections.parts["maintenance"][name]
        if not sections.whole:
            return
        for section, named in (("systems", form.systems), ("flows", form.flows), ("clients", form.clients)):
            for place, one in enumerate(named):
                yield from _defined(sections, section, one, node, (section, place))
        yield from _vendors(parts, form, node)


def _defined(sections: Sections, section: str, name: str, node: Node, loc: Loc) -> Iterator[Problem]:
    names = sections.names(section)
    if name not in names:
        advice = f"correct the name or define it under {section} ({suggestion(name, names)})"
        yield node.problem(f"{name} is not defined; {advice}", loc)


def _vendors(parts: Parts, form: WindowForm, node: Node) -> Iterator[Problem]:
    known = {connector.name for connector in parts.connectors.values()}
    known |= {form.vendor for form in parts.systems.values() if form.vendor}
    for place, one in enumerate(form.vendors):
        if one not in known:
            yield node.problem(
                f"{one} is no vendor of a system and no connector; {suggestion(one, known)}", ("vendors", place)
            )


def idle_windows(config: Config, sections: Sections, now: datetime) -> Iterator[Problem]:
    """Yield the windows of the configuration that are over for good, and those that change nothing."""
    for window in config.maintenance:
        node = sections.parts["maintenance"][window.id]
        if current(window, now) is None and upcoming(window, now) is None:
            yield node.problem("is over and will not come again; take it away", (), Grade.MINOR)
        if window.mutes is Telling.NOTHING and not window.excluded:
            yield node.problem("keeps nothing back and excludes nothing, so it changes nothing", (), Grade.MINOR)
        for why in refused_text(window, config.forbidden, now) if window.announce else ():
            message = f"would not be told to clients, who get the general text instead: {why}"
            yield node.problem(message, ("text",), Grade.SEVERE)


def refused_text(window: Window, forbidden: Forbidden, now: datetime) -> tuple[str, ...]:
    """Return why the text of a window must not go out to clients, each reason once; () where it may."""
    only = next(iter(window.scope.clients)) if len(window.scope.clients) == 1 else ClientId("")
    reader = Audience(number="", stage=Stage.SCHEDULED, at=now, client=only, name="", tier="")
    found = lint_text(window.text, reader, "en", forbidden)
    return tuple(dict.fromkeys(one.why for one in found if one.grade is ObjectionGrade.REFUSE))
