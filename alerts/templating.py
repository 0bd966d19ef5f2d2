"""Makes a text from a template and one reader's facts: sandboxed, strict about what is not known, bounded.

A template prints facts, asks whether they are known, and goes through the reader's symptoms; it can call nothing,
reckon nothing and repeat nothing else, so that it ends and stays small. What it may hold is checked before it is used.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2 import Template as Compiled
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST_SOURCE = 20_000
LIST = "symptoms"
FACTS = (
    *(
        "number",
        "client",
        "contact",
        "tier",
        "stage",
        "language",
        "timezone",
        "note",
        "unaffected",
        "workaround",
        "work",
    ),
    *("subject", "text", "doing", "promise", "outcome", LIST, "first", "late", "updates", "aftermath"),
)
INSTANTS = ("at", "began", "recovered", "next_update", "start", "end", "former_start", "former_end")
VARIABLES = frozenset((*FACTS, *INSTANTS, *(f"{name}_utc" for name in INSTANTS)))

FILTERS = frozenset(
    ["capitalize", "d", "default", "e", "escape", "first", "join", "last", "length", "lower", "title", "trim", "upper"]
)
_PLAIN = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.Test, nodes.Filter),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.For, nodes.Tuple, nodes.List, nodes.CondExpr),
)
_OF_LOOP = frozenset({"first", "last", "index", "length"})

Value = str | bool | int | tuple[str, ...]


class TemplateFailed(Exception):  # noqa: N818 - it names what is wrong
    """A template could not be rendered for a reader; the message says what and where, and nothing of the reader."""


class TemplateTooLong(TemplateFailed):
    """What a template makes is longer than anybody would read."""


class Absent(StrictUndefined):
    """A fact that is not known of this reader at this stage: it may be asked after, and never printed."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]  # strict: but it may be asked after
        """It is not there."""
        return False


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong with a template, and in which of its lines, from 1."""

    line: int
    message: str


def _environment(*, escaped: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=escaped, keep_trailing_newline=False)


_TEXT, _HTML = _environment(escaped=False), _environment(escaped=True)


def faults(source: str) -> tuple[Fault, ...]:
    """Return everything that a template must not hold; () is a template that can be used."""
    if len(source) > LONGEST_SOURCE:
        return (Fault(1, f"is longer than {LONGEST_SOURCE:,} characters; shorten it"),)
    try:
        tree = _TEXT.parse(source)
        wrong = tuple(sorted(set(_wrong(tree, frozenset()))))
        if not wrong:
            _TEXT.compile(source)
    except TemplateSyntaxError as error:
        return (Fault(error.lineno, f"is no template: {error.message}"),)
    except (RecursionError, SyntaxError):
        return (Fault(1, "is nested too deeply; write it in fewer steps"),)
    return wrong


def _wrong(node: nodes.Node, bound: frozenset[str]) -> Iterator[Fault]:
    """Yield what is wrong with a node and below it; `bound` are names that loops around it give."""
    message = _objection(node, bound)
    if message:
        yield Fault(node.lineno, message)
        return
    inside = bound
    if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
        inside = bound | {node.target.name, "loop"}
    for child in node.iter_child_nodes():
        yield from _wrong(child, inside)


def _objection(node: nodes.Node, bound: frozenset[str]) -> str:
    if isinstance(node, nodes.Name):
        return "" if node.name in bound | VARIABLES else f"{node.name} is not known; {_suggestion(node.name)}"
    if isinstance(node, nodes.Getattr):
        known = isinstance(node.node, nodes.Name) and node.node.name == "loop" and "loop" in bound
        return "" if known and node.attr in _OF_LOOP else f"asks for .{node.attr}; a template sees plain facts only"
    if isinstance(node, nodes.For):
        return _loop(node, bound)
    if isinstance(node, nodes.Filter):
        return _filter(node)
    if isinstance(node, nodes.Test):
        return "" if node.name in {"defined", "undefined"} else f"asks whether something is {node.name}; write if NAME"
    plain = isinstance(node, _PLAIN)
    return "" if plain else f"holds {type(node).__name__.lower()}; only facts, if, for and filters are for templates"


def _loop(node: nodes.For, bound: frozenset[str]) -> str:
    over = isinstance(node.iter, nodes.Name) and node.iter.name == LIST
    if bound or node.recursive or not over or not isinstance(node.target, nodes.Name):
        return f"goes through something else than {LIST}, or more than once; write for ONE in {LIST}"
    return ""


def _filter(node: nodes.Filter) -> str:
    if node.name not in FILTERS:
        return f"uses the filter {node.name}; known are {', '.join(sorted(FILTERS))}"
    whole = isinstance(node.node, nodes.Name) and node.node.name == LIST
    return f"joins something else than {LIST}" if node.name == "join" and not whole else ""


def _suggestion(name: str) -> str:
    near = difflib.get_close_matches(name, sorted(VARIABLES), n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(VARIABLES))}"


def made(source: str, facts: Mapping[str, Value], most: int, *, escaped: bool = False) -> str:
    """Return what a template makes of a reader's facts.

    Raises:
        TemplateFailed: it prints what is not known of this reader, or is no template at all.
        TemplateTooLong: it makes more than `most` characters.
    """
    known = {name: facts.get(name, Absent(name=name)) for name in VARIABLES}
    parts: list[str] = []
    room = most
    try:
        for part in _compiled(source, escaped=escaped).generate(known):
            room -= len(part)
            if room < 0:
                raise TemplateTooLong(f"it makes more than {most:,} characters")
            parts.append(part)
    except TemplateError as error:
        raise TemplateFailed(_told(error)) from None
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        # What compares a number with a name fails only when it is used.
        raise TemplateFailed(f"it compares or filters what it cannot ({type(error).__name__})") from None
    return "".join(parts)


def _told(error: TemplateError) -> str:
    return (error.message or type(error).__name__).replace(" is undefined", " is not known here; write {% if NAME %}")


@lru_cache(maxsize=4096)
def _compiled(source: str, *, escaped: bool) -> Compiled:
    wrong = faults(source)
    if wrong:
        raise TemplateSyntaxError(wrong[0].message, wrong[0].line)
    return (_HTML if escaped else _TEXT).from_string(source)
