"""Many expressions held against one value at once: which of them fit it whole.

RE2 walks through the value once for a hundred of them. What a value was found to fit is kept until one is added.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Generic, TypeVar

import re2  # type: ignore[import-untyped] # it ships none

from alerts.matcher import options

AT_ONCE = 100
MEMORY = 64 << 20
"""Bytes that one hundred expressions may take while they are matched: far more than they need."""

Owner = TypeVar("Owner")


class Expressions(Generic[Owner]):
    """Expressions, and whose they are."""

    def __init__(self) -> None:
        self._owners: dict[str, set[Owner]] = {}
        self._sets: list[tuple[tuple[str, ...], Any]] | None = None
        self._fitting: dict[str, frozenset[Owner]] = {}

    def add(self, pattern: str, owner: Owner) -> None:
        """Add an expression, which RE2 must know."""
        if pattern not in self._owners:
            self._sets = None
        self._owners.setdefault(pattern, set()).add(owner)
        self._fitting.clear()

    def remove(self, pattern: str, owner: Owner) -> None:
        """Take an expression away from an owner."""
        self._owners[pattern].remove(owner)
        self._fitting.clear()
        if not self._owners[pattern]:
            del self._owners[pattern]
            self._sets = None

    def fitting(self, value: str) -> frozenset[Owner]:
        """Return the owners of the expressions that fit a value."""
        found = self._fitting.get(value)
        if found is None:
            found = frozenset(owner for pattern in self._patterns(value) for owner in self._owners[pattern])
            self._fitting[value] = found
        return found

    def _patterns(self, value: str) -> Iterator[str]:
        if self._sets is None:
            self._sets = list(_sets(iter(self._owners)))
        text = value.encode(errors="replace").decode()
        for patterns, fits in self._sets:
            yield from (patterns[number] for number in fits.Match(text) or ())


def _sets(patterns: Iterator[str]) -> Iterator[tuple[tuple[str, ...], Any]]:
    chosen = options()
    chosen.max_mem = MEMORY
    while some := tuple(islice(patterns, AT_ONCE)):
        together = re2.Set.FullMatchSet(chosen)
        for pattern in some:
            together.Add(pattern)
        together.Compile()
        yield some, together
