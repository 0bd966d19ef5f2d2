"""Gathers the configuration's files into one set of sections, and finds what is written twice.

One file, or every `*.yaml` and `*.yml` file that lies directly in a directory, merged by their top-level keys. What one
part holds is for the forms; here it has only a name and a place.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from monitor.load.document import read_document
from monitor.load.fields import identity
from monitor.load.form import suggestion
from monitor.load.node import Node
from monitor.problem import Problem

NAMED = (
    "tiers",
    "systems",
    "flows",
    "schedules",
    "escalations",
    "heartbeats",
    "calendars",
    "maintenance",
    "jurisdictions",
    "templates",
    "phrases",
)
"""Sections that are mappings from a name to a part."""
LISTED = ("clients", "people")
"""Sections that are lists of parts with an `id`."""
SINGLE = (
    "catch_all",
    "settings",
    "intake",
    "status_pages",
    "communications",
    "mail",
    "canaries",
    "delivery",
    "dunning",
)
"""Keys with one value."""
NAMELESS = "#"
KEYS = (*NAMED, *LISTED, *SINGLE)


@dataclass(slots=True)
class Sections:
    """All parts of all files: by section and name, with everything wrong that is seen from the outside."""

    root: Path
    sources: tuple[Path, ...] = ()
    parts: dict[str, dict[str, Node]] = field(default_factory=lambda: {key: {} for key in (*NAMED, *LISTED)})
    single: dict[str, Node] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True
    """Whether every file could be read to its end; otherwise nothing can be said to be missing."""

    def names(self, section: str) -> frozenset[str]:
        """Return the names that a section defines, also where a part itself has problems."""
        return frozenset(name for name in self.parts[section] if not name.startswith(NAMELESS))


def gathered(path: Path) -> Sections:
    """Return the sections of a file or of a directory's files."""
    sections = Sections(root=path)
    sections.sources = tuple(_files(path, sections.problems))
    for file in sections.sources:
        document = read_document(file)
        sections.problems.extend(document.problems)
        if document.root is None:
            sections.whole = False
        else:
            _take_file(sections, document.root)
    return sections


def _files(path: Path, problems: list[Problem]) -> Iterator[Path]:
    try:
        if not path.is_dir():
            yield path
            return
        files = sorted(file for file in path.iterdir() if file.suffix in {".yaml", ".yml"} and not file.is_dir())
    except OSError as error:
        problems.append(_whole(path, f"cannot be read ({error.strerror}); check its permissions"))
        return
    except ValueError:
        problems.append(_whole(path, "is not the name of a file or directory; give the configuration's"))
        return
    if not files:
        problems.append(_whole(path, "holds no *.yaml file; `tierwatch init` writes an example into a new directory"))
    yield from files


def _whole(path: Path, message: str) -> Problem:
    return Problem(file=path, line=0, path="", message=message)


def _take_file(sections: Sections, root: Node) -> None:
    if not isinstance(root.value, dict):
        sections.whole = False
        sections.problems.append(root.problem(f"must be a mapping with keys such as {', '.join(KEYS[:4])}"))
        return
    for key, node in root.value.items():
        if node.value is None and key in (*NAMED, *LISTED):
            continue  # a section whose parts are all commented out
        if key not in KEYS:
            sections.problems.append(node.problem(f"is not known here; {suggestion(key, KEYS)}"))
        elif key in SINGLE:
            _define(sections, sections.single, key, node)
        elif key in NAMED:
            _take_named(sections, key, node)
        else:
            _take_listed(sections, key, node)


def _take_named(sections: Sections, section: str, node: Node) -> None:
    if not isinstance(node.value, dict):
        sections.problems.append(node.problem("must be a mapping from names to what they stand for"))
        return
    for name, part in node.value.items():
        if _is_name(sections, name, part):
            _define(sections, sections.parts[section], name, part)


def _take_listed(sections: Sections, section: str, node: Node) -> None:
    if not isinstance(node.value, list):
        sections.problems.append(node.problem("must be a list; begin each part with - and its id"))
        return
    for part in node.value:
        label = part.child("id")
        if label is None or not isinstance(label.value, str):
            # Without a name it cannot be referred to, but its form is read all the same: under a key nobody can write.
            sections.parts[section][f"{NAMELESS}{len(sections.parts[section])}"] = part
        elif _is_name(sections, label.value, label):
            _define(sections, sections.parts[section], label.value, part)


def _is_name(sections: Sections, name: str, node: Node) -> bool:
    try:
        identity(name)
    except ValueError as error:
        sections.problems.append(node.problem(str(error)))
        return False
    return True


def _define(sections: Sections, known: dict[str, Node], name: str, node: Node) -> None:
    first = known.setdefault(name, node)
    if first is not node:
        message = f"{name} is defined twice, first in {first.file}:{first.line} ({first.path}); keep one of them"
        sections.problems.append(node.problem(message))
