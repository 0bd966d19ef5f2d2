"""A YAML file's content as a tree in which every part knows the file and line where it was written.

Values only: `document` makes the tree from text, `form` reads it. Mapping keys are always text.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from monitor.problem import Grade, Problem

Scalar = str | int | float | bool | None
Value: TypeAlias = "Scalar | list[Node] | dict[str, Node]"
Loc = tuple[str | int, ...]
"""Where something lies below a node: keys and list indexes from the outside inwards."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One value of a YAML file. `line` is where its key stands, or the value itself where it has no key."""

    value: Value
    file: Path
    line: int
    path: str = ""

    def child(self, step: str | int) -> "Node | None":
        """Return what lies one step below, None where nothing does."""
        if isinstance(self.value, dict):
            return self.value.get(step) if isinstance(step, str) else None
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        return None

    def problem(self, message: str, loc: Loc = (), grade: Grade = Grade.ERROR) -> Problem:
        """Return a problem at a place below this node; what does not exist is placed where it should stand."""
        node, rest = self, loc
        while rest and (child := node.child(rest[0])) is not None:
            node, rest = child, rest[1:]
        return Problem(file=node.file, line=node.line, path=joined(node.path, rest), message=message, grade=grade)


def joined(path: str, loc: Loc) -> str:
    """Return a path in words: `clients[3].identifiers.billing`."""
    for step in loc:
        path = f"{path}[{step}]" if isinstance(step, int) else f"{path}.{step}" if path else step
    return path


def plain(node: Node) -> object:
    """Return the content as ordinary dicts, lists and scalars."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def overlaid(node: Node, over: Node) -> Node:
    """Return a node with another laid over it: mappings merge key by key, null removes, everything else replaces."""
    if not isinstance(node.value, dict) or not isinstance(over.value, dict):
        return over
    removed = {key for key, child in over.value.items() if child.value is None}
    merged = {key: child for key, child in node.value.items() if key not in removed}
    for key, child in over.value.items():
        if key not in removed:
            merged[key] = overlaid(merged[key], child) if key in merged else child
    # What is missing afterwards is missing where it was taken away.
    place = over if removed else node
    return Node(merged, place.file, place.line, place.path)


def substituted(node: Node, values: Mapping[str, str]) -> Node:
    """Return a node in whose texts each mark `{name}` has given way to the value of that name."""
    value = node.value
    if isinstance(value, str):
        for name, text in values.items():
            value = value.replace(f"{{{name}}}", text)
    elif isinstance(value, dict):
        value = {key: substituted(child, values) for key, child in value.items()}
    elif isinstance(value, list):
        value = [substituted(child, values) for child in value]
    return Node(value, node.file, node.line, node.path)


def children(node: Node) -> Collection[Node]:
    """Return what lies below a node, () below a scalar."""
    if isinstance(node.value, dict):
        return node.value.values()
    return node.value if isinstance(node.value, list) else ()
