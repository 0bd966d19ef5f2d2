"""Finds the definition of a system's connector and lays the system's overrides over it.

A name stands for a definition that ships with Tierwatch, a path for one of the user's own, seen from the file that
names it. Definitions are data: no vendor is known to this file.
"""

import importlib.resources
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path

from monitor.load.connector_form import ConnectorForm
from monitor.load.document import Document, read_document
from monitor.load.form import filled, suggestion
from monitor.load.node import Node, overlaid, substituted
from monitor.problem import Problem
from probes.connector import Connector

SUFFIXES = (".yaml", ".yml")


class Connectors:
    """The definitions that have been read, each file once however many systems use it."""

    def __init__(self) -> None:
        self._shipped: Traversable = importlib.resources.files("probes") / "connectors"
        self._documents: dict[Path, Document] = {}

    def shipped(self) -> tuple[str, ...]:
        """Return the names of the definitions that ship with Tierwatch."""
        if not self._shipped.is_dir():
            return ()
        files = (file.name for file in self._shipped.iterdir())
        return tuple(sorted(Path(name).stem for name in files if name.endswith(SUFFIXES)))

    def read(self, system: Node) -> tuple[Connector | None, tuple[Problem, ...]]:
        """Return the connector of a system as it is written, or None and what is wrong with it.

        What is wrong with a definition that several systems share is told once for each; equal problems are one to the
        reader, who sees them where the definition stands.
        """
        label = system.child("connector")
        if label is None or not isinstance(label.value, str):
            return None, ()  # the system's own form says so
        file = self._file(label.value, label.file)
        if file is None:
            message = f"{label.value} does not ship with Tierwatch ({suggestion(label.value, self.shipped())})"
            advice = "write a name that does, or the path of your own definition like ./connectors/mine.yaml"
            return None, (system.problem(f"{message}; {advice}", ("connector",)),)
        document = self._documents.get(file) or self._documents.setdefault(file, read_document(file))
        if document.root is None or document.problems:
            named = system.problem(f"names a definition that cannot be used; mend {file}", ("connector",))
            return None, (*document.problems, named)
        return _connector(document.root, system, file.stem)

    def _file(self, name: str, named_in: Path) -> Path | None:
        if name.endswith(SUFFIXES) or "/" in name:
            return named_in.parent / name
        return Path(str(self._shipped / f"{name}.yaml")) if name in self.shipped() else None

    def named(self, name: str) -> tuple[Connector | None, tuple[Problem, ...]]:
        """Return a definition that ships, its values left open, or None and what is wrong with it.

        Raises KeyError where none of that name ships.
        """
        if name not in self.shipped():
            raise KeyError(name)
        return self.tried(Path(str(self._shipped / f"{name}.yaml")), {})

    def tried(self, file: Path, values: Mapping[str, str]) -> tuple[Connector | None, tuple[Problem, ...]]:
        """Return the definition of a file by itself, as a system with these values would have it."""
        document = read_document(file)
        if document.root is None or document.problems:
            return None, document.problems
        form, problems = filled(ConnectorForm, substituted(document.root, values))
        return (form.connector(file.stem) if form else None), problems


def _connector(definition: Node, system: Node, name: str) -> tuple[Connector | None, tuple[Problem, ...]]:
    overrides = system.child("overrides")
    if overrides is not None and isinstance(overrides.value, dict):
        definition = _unannounced(overlaid(definition, overrides), overrides)
    values = _texts(system.child("values"))
    form, problems = filled(ConnectorForm, substituted(definition, values))
    if form is None:
        return None, problems
    return form.connector(name), tuple(_unfit(form.values, values, system))


def _unannounced(definition: Node, overrides: Node) -> Node:
    """The definition without webhooks that announce what the overrides take away."""
    resources, webhook = overrides.child("resources"), definition.child("webhook")
    announces = webhook.child("announces") if webhook is not None else None
    if resources is None or not isinstance(resources.value, dict):
        return definition
    if announces is None or not isinstance(announces.value, list):
        return definition
    gone = {name for name, child in resources.value.items() if child.value is None}
    kept = [one for one in announces.value if (named := one.child("resource")) is None or named.value not in gone]
    left = Node({"announces": Node(kept, announces.file, announces.line, announces.path)}, announces.file, 0)
    return overlaid(definition, Node({"webhook": left}, definition.file, definition.line))


def _texts(node: Node | None) -> dict[str, str]:
    """What is text in a mapping; the rest is for the system's own form to refuse."""
    found = node.value if node is not None and isinstance(node.value, dict) else {}
    return {name: child.value for name, child in found.items() if isinstance(child.value, str)}


def _unfit(wanted: Mapping[str, str], given: Mapping[str, str], system: Node) -> Iterator[Problem]:
    for name, meaning in wanted.items():
        if name not in given:
            yield system.problem(f"is missing; add it: {meaning}", ("values", name))
    for name in given:
        if name not in wanted:
            yield system.problem(f"is not known here; {suggestion(name, wanted)}", ("values", name))
