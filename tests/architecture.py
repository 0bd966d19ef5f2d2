"""Reads the rooms' source and says where it breaks the house's rules; knows nothing of what the code does.

Each rule takes the modules of a tree and yields complaints as `path:line: what is wrong`. Lint repeats some of them
while one types; these see the whole tree at once.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOMS = ("probes", "alerts", "runbooks", "monitor")
PURE_ROOMS = ROOMS[:-1]
MOST_LINES_OF_A_FILE = 350
MOST_LINES_OF_A_FUNCTION = 50

PURE_IMPORTS = frozenset(
    [
        "__future__",
        "abc",
        "base64",
        "binascii",
        "bisect",
        "calendar",
        "collections",
        "colorsys",
        "contextlib",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "email.utils",
        "enum",
        "fractions",
        "functools",
        "graphlib",
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "http.HTTPStatus",
        "ipaddress",
        "itertools",
        "json",
        "keyword",
        "math",
        "numbers",
        "operator",
        "re",
        "reprlib",
        "statistics",
        "string",
        "struct",
        "textwrap",
        "types",
        "typing",
        "unicodedata",
        "urllib.parse",
        "babel",
        "cronsim",
        "dateutil",
        "holidays",
        "http_sf",
        "icalendar",
        "jinja2",
        "numpy",
        "re2",
        "whenever",
        "zoneinfo",
    ]
)
IMPURE_BUILTINS = frozenset({"__import__", "breakpoint", "eval", "exec", "input", "open", "print"})

CLOCK = "monitor/clock.py"
DRIVER = "monitor/driver.py"
ONLY_PLACE = {
    "asyncio.sleep": CLOCK,
    "datetime.date.today": CLOCK,
    "datetime.datetime.now": CLOCK,
    "datetime.datetime.today": CLOCK,
    "datetime.datetime.utcnow": CLOCK,
    "time.gmtime": CLOCK,
    "time.localtime": CLOCK,
    "time.monotonic": CLOCK,
    "time.monotonic_ns": CLOCK,
    "time.perf_counter": CLOCK,
    "time.sleep": CLOCK,
    "time.time": CLOCK,
    "time.time_ns": CLOCK,
    "whenever.Instant.now": CLOCK,
    "whenever.ZonedDateTime.now": CLOCK,
    "asyncio.TaskGroup": DRIVER,
    "asyncio.create_task": DRIVER,
    "asyncio.ensure_future": DRIVER,
}

EMPTY_NAMES = frozenset({"base", "common", "core", "helper", "helpers", "misc", "types", "util", "utils"})
EMPTY_CLASS_NAME = re.compile(r"(Manager|Handler|Helper|Data|Info)$")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file: its dotted name, its path below the root, and all nodes of its syntax tree."""

    name: str
    path: str
    nodes: tuple[ast.AST, ...]

    @property
    def room(self) -> str:
        """The room that it stands in."""
        return self.name.partition(".")[0]

    @property
    def flat(self) -> bool:
        """Whether it stands directly in its room, in no subfolder."""
        return self.path.count("/") == 1

    def imports(self) -> Iterator[tuple[str, int]]:
        """Every imported name, dotted and in full, with its line."""
        for node in self.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from ((name, node.lineno) for name in _imported(node))

    def functions(self) -> Iterator[Function]:
        """Every function, those inside of others too."""
        return (node for node in self.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


Modules = Mapping[str, Module]


def read_modules(root: Path) -> Modules:
    """Return every module of the four rooms below `root`, by dotted name."""
    paths = (path for room in ROOMS for path in sorted((root / room).rglob("*.py")))
    return {module.name: module for module in (_module(root, path) for path in paths)}


def impure(modules: Modules) -> Iterator[str]:
    """Flat files of the lower rooms that could touch the world."""
    for module in modules.values():
        if module.room in PURE_ROOMS and module.flat:
            for what, line in (*_impure_imports(module, modules), *_impure_calls(module)):
                yield f"{module.path}:{line}: a flat file of {module.room}/ is pure and may not {what}"


def upward(modules: Modules) -> Iterator[str]:
    """Imports of a room from a room above it, or of the tests."""
    for module in modules.values():
        below = ROOMS[: ROOMS.index(module.room) + 1]
        for name, line in module.imports():
            room = name.partition(".")[0]
            if room in {*ROOMS, "tests"} and room not in below:
                yield f"{module.path}:{line}: {module.room}/ stands below {room}/ and may not import {name}"


def circles(modules: Modules) -> Iterator[str]:
    """Modules that import each other, directly or over others."""
    graph = {name: {_target(target, modules) for target, _ in module.imports()} for name, module in modules.items()}
    try:
        TopologicalSorter({name: {t for t in targets if t and t != name} for name, targets in graph.items()}).prepare()
    except CycleError as error:
        yield "these import each other in a circle: " + " <- ".join(error.args[1])


def late_imports(modules: Modules) -> Iterator[str]:
    """Imports inside functions, which hide circles."""
    for module in modules.values():
        for function in module.functions():
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    yield f"{module.path}:{node.lineno}: an import belongs at the top of the file"


def out_of_place(modules: Modules) -> Iterator[str]:
    """Clock reads, waits and task starts outside their one place."""
    for module in modules.values():
        aliases = {alias: target for node in module.nodes for alias, target in _aliases(node)}
        for node in (one for one in module.nodes if isinstance(one, ast.Name | ast.Attribute)):
            dotted = _dotted(node, aliases)
            place = DRIVER if dotted.endswith(".create_task") else ONLY_PLACE.get(dotted)
            if place and module.path != place:
                yield f"{module.path}:{node.lineno}: {dotted} belongs in {place} only"


def long_files(root: Path) -> Iterator[str]:
    """Files below `root` that want splitting."""
    paths = (path for room in (*ROOMS, "tests") for path in sorted((root / room).rglob("*")))
    for path in paths:
        lines = len(path.read_text().splitlines()) if path.suffix in {".py", ".html", ".css", ".js"} else 0
        if lines > MOST_LINES_OF_A_FILE:
            yield f"{path.relative_to(root)}:1: {lines} lines, more than {MOST_LINES_OF_A_FILE}"


def long_functions(modules: Modules) -> Iterator[str]:
    """Functions that want splitting."""
    for module in modules.values():
        for function in module.functions():
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > MOST_LINES_OF_A_FUNCTION:
                where = f"{module.path}:{function.lineno}"
                yield f"{where}: {function.name} has {lines} lines, more than {MOST_LINES_OF_A_FUNCTION}"


def empty_names(modules: Modules) -> Iterator[str]:
    """Files and classes whose names say nothing."""
    for module in modules.values():
        if module.name.rpartition(".")[2] in EMPTY_NAMES:
            yield f"{module.path}:1: the name says nothing; name what it is for"
        for node in module.nodes:
            if isinstance(node, ast.ClassDef) and EMPTY_CLASS_NAME.search(node.name):
                yield f"{module.path}:{node.lineno}: the name {node.name} says nothing; name what it is"


def _module(root: Path, path: Path) -> Module:
    relative = path.relative_to(root).as_posix()
    name = relative.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Module(name=name, path=relative, nodes=tuple(ast.walk(ast.parse(path.read_text(), relative))))


def _impure_imports(module: Module, modules: Modules) -> Iterator[tuple[str, int]]:
    for name, line in module.imports():
        if not (_within(name, PURE_IMPORTS) or _flat_module(name, modules)):
            yield f"import {name}", line


def _impure_calls(module: Module) -> Iterator[tuple[str, int]]:
    for node in module.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_BUILTINS:
            yield f"call {node.func.id}", node.lineno


def _aliases(node: ast.AST) -> Iterator[tuple[str, str]]:
    """What an import binds: the local name and the dotted name that it stands for."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (top, top)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}"


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    else:
        yield from (target for _, target in _aliases(node))


def _dotted(node: ast.AST, aliases: Mapping[str, str]) -> str:
    """The dotted name that an expression stands for, as far as imports tell."""
    if isinstance(node, ast.Name):
        return aliases.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, aliases)}.{node.attr}"
    return ""


def _within(name: str, allowed: frozenset[str]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:length]) in allowed for length in range(1, len(parts) + 1))


def _target(name: str, modules: Modules) -> str | None:
    """The module that an imported name comes from: itself, or the one that defines it."""
    return next((known for known in (name, name.rpartition(".")[0]) if known in modules), None)


def _flat_module(name: str, modules: Modules) -> bool:
    target = _target(name, modules)
    return target is not None and modules[target].flat
