"""A runbook as a value: its Markdown text taken apart into the sections that every runbook has.

Pure reading of text. Where the files lie and how they are shown in a browser is the business of the room above.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from alerts.alert import Alert, AlertKind, AlertState

BLIND = "blind"
"""The runbook for not knowing, whatever the alert would be about if we could see."""

NAMES: tuple[str, ...] = (*(kind.value for kind in AlertKind), BLIND)
HEADINGS = ("Meaning", "Impact", "Diagnosis", "Mitigation")

_TITLE = re.compile(r"# (.+)")
_HEADING = re.compile(r"## (.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a runbook; `text` is Markdown without the heading."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook:
    """What to do about one kind of alert. `title` is the name in words."""

    name: str
    title: str
    sections: tuple[Section, ...]


class BrokenRunbook(Exception):  # noqa: N818 - it names what is wrong
    """A text that is no runbook; the message names it and says what to write."""


def read(name: str, text: str) -> Runbook:
    """Return the runbook that a Markdown text holds; its title must be its name, so that a search finds it.

    Raises:
        BrokenRunbook: the title is another, or the sections are not those of `HEADINGS` in their order, with text.
    """
    first, _, rest = text.lstrip().partition("\n")
    title = _TITLE.fullmatch(first.strip())
    if title is None or title[1] != name:
        raise BrokenRunbook(f"runbook {name}: the first line is {first.strip()!r}; write '# {name}'")
    sections = tuple(_sections(rest))
    _check(name, sections)
    return Runbook(name=name, title=name.replace("_", " ").capitalize(), sections=sections)


def runbook_name(alert: Alert) -> str:
    """Return the name of the runbook for an alert as it stands now."""
    return BLIND if alert.state is AlertState.BLIND else alert.key.kind.value


def runbook_named(key: str) -> str:
    """Return the name of the runbook for the alert with this key (`kind/subject/client`).

    Raises:
        ValueError: the text is no alert's key.
    """
    return AlertKind(key.partition("/")[0]).value


def runbook_url(external_address: str, name: str) -> str:
    """Return where a runbook is read in a browser, below the address at which the application is reached."""
    return f"{external_address.rstrip('/')}/runbooks/{quote(name, safe='')}"


def _sections(text: str) -> Iterator[Section]:
    heading, lines = "", list[str]()
    fenced = False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        found = None if fenced else _HEADING.fullmatch(line.strip())
        if found is None:
            lines.append(line)
            continue
        yield from _section(heading, lines)
        heading, lines = found[1], []
    yield from _section(heading, lines)


def _section(heading: str, lines: list[str]) -> Iterator[Section]:
    text = "\n".join(lines).strip()
    if heading or text:
        yield Section(heading=heading, text=text)


def _check(name: str, sections: tuple[Section, ...]) -> None:
    found = tuple(section.heading for section in sections)
    if found != HEADINGS:
        wanted = ", ".join(f"'## {heading}'" for heading in HEADINGS)
        there = ", ".join(repr(heading) for heading in found) or "none"
        raise BrokenRunbook(
            f"runbook {name}: its sections are {there}; write {wanted}, in this order, and nothing else"
        )
    empty = next((section.heading for section in sections if not section.text), None)
    if empty is not None:
        raise BrokenRunbook(f"runbook {name}: nothing stands under '## {empty}'; say what a newcomer needs")
