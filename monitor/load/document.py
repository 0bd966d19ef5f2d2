"""Reads one YAML 1.2 file into a tree with lines, and finds everything that is wrong with it as a file.

Unreadable, not UTF-8, not YAML, empty, several documents, keys written twice, tags, unknown anchors: problems, never
exceptions. What the content means is for `form` and the files beside it.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from monitor.load.node import Node, Value, children, joined
from monitor.load.scalar import scalar
from monitor.problem import Problem

LARGEST_FILE = 10_000_000
LARGEST_TREE = 1_000_000
DEEPEST = 20
MERGE_KEY = "<<"
STRING_TAGS = ("tag:yaml.org,2002:str", "!")
PLAIN_TAGS = tuple(f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null", "map", "seq"))


@dataclass(frozen=True, slots=True)
class Document:
    """A file's tree (None where it could not be read to its end) and what is wrong with the file."""

    root: Node | None
    problems: tuple[Problem, ...] = ()


class _StopReadingError(Exception):
    """The rest of the file would only give follow-up problems."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the next value stands: the line of its key where it has one, and its path."""

    line: int
    path: str


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read yet. `key` is the key that waits for its value."""

    value: list[Node] | dict[str, Node]
    place: _Place
    anchor: str | None
    key: str | None = None
    key_line: int = 0
    merged: list[Node] = field(default_factory=list)


def read_document(file: Path) -> Document:
    """Return what a file holds; a problem instead of an exception whatever its bytes are."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            return _failed(file, 0, f"is larger than {LARGEST_FILE // 1_000_000} MB; split it into several files")
        content = file.read_bytes()
    except OSError as error:
        return _failed(file, 0, f"cannot be read ({error.strerror}); check that it exists and its permissions")
    except ValueError:
        return _failed(file, 0, "is not the name of a file; write it without special characters")
    try:
        return read_text(file, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _failed(file, line, "is not UTF-8; save it in this encoding")


def read_text(file: Path, text: str) -> Document:
    """Return what a YAML text holds, as if it had been read from a file."""
    tree = _Tree(file)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            tree.take(event)
    except _StopReadingError:
        return Document(None, tuple(tree.problems))
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return _failed(file, line, "has a character that YAML does not allow; take it out", *tree.problems)
    except (MarkedYAMLError, YAMLError, ValueError, OverflowError, IndexError, RecursionError) as error:
        return _failed(file, _line_of(error, tree.line), _wording(error), *tree.problems)
    if tree.root is None or tree.root.value is None:
        return _failed(file, 0, "is empty; write the configuration into it or take the file away")
    if tree.aliases and not _within(tree.root, LARGEST_TREE):
        return _failed(file, 0, "grows beyond measure through its anchors (&name, *name); write less with them")
    return Document(tree.root, tuple(tree.problems))


class _Tree:
    """Builds the tree from the parser's events, without recursion."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.aliases = False
        self.line = 0
        self._documents = 0
        self._anchors: dict[str, Node] = {}
        self._open: list[_Open] = []

    def take(self, event: Event) -> None:
        """Take the next event in."""
        self.line = event.start_mark.line + 1
        if isinstance(event, ScalarEvent):
            self._take_scalar(event)
        elif isinstance(event, AliasEvent):
            self._take_alias(event)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._begin(event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._close()
        elif isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop("a second document (---) begins here; write it into a file of its own")

    def _take_scalar(self, event: ScalarEvent) -> None:
        self._check_tag(event.tag)
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            top.key, top.key_line = event.value, self.line
        else:
            plainly = event.style is None and str(event.tag) not in STRING_TAGS
            content = scalar(event.value) if plainly else event.value
            self._put(content, self._place(), event.anchor)

    def _take_alias(self, event: AliasEvent) -> None:
        self.aliases = True
        self._no_key("an alias")
        name = event.anchor
        if name not in self._anchors:
            self._stop(f"*{name} refers to no anchor that ends before it; write &{name} at what it shall repeat")
        self._put(self._anchors[name].value, self._place(), None)

    def _begin(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        self._check_tag(event.tag)
        self._no_key("a mapping or a list")
        if len(self._open) >= DEEPEST:
            self._stop(f"is nested more than {DEEPEST} deep; write it flatter")
        empty: list[Node] | dict[str, Node] = {} if isinstance(event, MappingStartEvent) else []
        self._open.append(_Open(empty, self._place(), event.anchor))

    def _close(self) -> None:
        done = self._open.pop()
        for source in done.merged:
            if isinstance(done.value, dict) and isinstance(source.value, dict):
                done.value = {**source.value, **done.value}
        self._put(done.value, done.place, done.anchor)

    def _put(self, value: Value, place: _Place, anchor: str | None) -> None:
        node = Node(value, self.file, place.line, place.path)
        if anchor:
            self._anchors[anchor] = node
        top = self._open[-1] if self._open else None
        if top is None:
            self.root = node
        elif isinstance(top.value, list):
            top.value.append(node)
        else:
            self._put_under_key(top, top.value, node)

    def _put_under_key(self, top: _Open, mapping: dict[str, Node], node: Node) -> None:
        key, top.key = str(top.key), None
        if key == MERGE_KEY:
            self._merge(top, node)
        elif key in mapping:
            message = f"is written twice, first in line {mapping[key].line}; keep one of them"
            self.problems.append(node.problem(message))
        else:
            mapping[key] = node

    def _merge(self, top: _Open, node: Node) -> None:
        sources = node.value if isinstance(node.value, list) else [node]
        if all(isinstance(source.value, dict) for source in sources):
            top.merged.extend(sources)
        else:
            self.problems.append(node.problem("takes in what is no mapping; write <<: *name of a mapping's anchor"))

    def _place(self) -> _Place:
        top = self._open[-1] if self._open else None
        if top is None:
            return _Place(self.line, "")
        if isinstance(top.value, list):
            return _Place(self.line, joined(top.place.path, (len(top.value),)))
        return _Place(top.key_line, joined(top.place.path, () if top.key is None else (top.key,)))

    def _no_key(self, kind: str) -> None:
        top = self._open[-1] if self._open else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._stop(f"a key must be text, not {kind}; write the key itself, in quotes")

    def _check_tag(self, tag: object) -> None:
        if tag is not None and str(tag) not in STRING_TAGS + PLAIN_TAGS:
            self._found("tags (!name) have no meaning here; take it away")

    def _found(self, message: str) -> None:
        self.problems.append(Problem(file=self.file, line=self.line, path=self._place().path, message=message))

    def _stop(self, message: str) -> NoReturn:
        self._found(message)
        raise _StopReadingError


def _failed(file: Path, line: int, message: str, *others: Problem) -> Document:
    return Document(None, (*others, Problem(file=file, line=line, path="", message=message)))


def _line_of(error: Exception, last: int) -> int:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    return last if mark is None else int(mark.line) + 1


def _wording(error: Exception) -> str:
    # Only the parser's own words are told, never the text around the place: it may hold a secret.
    problem = getattr(error, "problem", None) or "it cannot be read"
    if "'\\t'" in problem:
        return "is not YAML: there is a tab; indent with spaces"
    return f"is not YAML: {problem}; mend this line or one near it"


def _within(root: Node, limit: int) -> bool:
    waiting, seen = [root], 0
    while waiting:
        below = children(waiting.pop())
        seen += len(below)
        if seen > limit:
            return False
        waiting.extend(below)
    return True
