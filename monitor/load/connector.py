"""Finds the definition of a system's connector and lays the system's overrides over it.

A name stands for a definition that ships with Tierwatch, a path for one of the user's own, seen from the file that
names it. Definitions are data: no vendor is known to this file.
"""

import importlib.resources
from importlib.resources.abc import Traversable
from pathlib import Path

from monitor.load.connector_form import ConnectorForm
from monitor.load.document import Document, read_document
from monitor.load.form import filled, suggestion
from monitor.load.node import Node, overlaid
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


def _connector(definition: Node, system: Node, name: str) -> tuple[Connector | None, tuple[Problem, ...]]:
    overrides = system.child("overrides")
    if overrides is not None and isinstance(overrides.value, dict):
        definition = overlaid(definition, overrides)
    form, problems = filled(ConnectorForm, definition)
    return (form.connector(name) if form else None), problems
