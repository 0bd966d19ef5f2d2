"""Checks what clients' status pages name."""

from collections.abc import Iterator

from monitor.load.form import suggestion
from monitor.load.node import Loc, Node
from monitor.load.parts import Parts
from monitor.load.sections import Sections
from monitor.problem import Problem

KEY = "status_pages"


def check_status_pages(sections: Sections, parts: Parts) -> Iterator[Problem]:
    """Yield what services name that is not defined, and what the public page lists that is no service."""
    if not sections.whole or parts.single is None or KEY not in sections.single:
        return
    node, form = sections.single[KEY], parts.single.status_pages
    for name, service in form.services.items():
        for section, named in (("flows", service.flows), ("systems", service.systems)):
            for place, one in enumerate(named):
                yield from _defined(sections.names(section), one, node, ("services", name, section, place))
    if form.public is not None:
        for place, one in enumerate(form.public.services):
            yield from _defined(frozenset(form.services), one, node, ("public", "services", place))


def _defined(names: frozenset[str], name: str, node: Node, loc: Loc) -> Iterator[Problem]:
    if name not in names:
        yield node.problem(f"{name} is not defined; correct the name ({suggestion(name, names)})", loc)
