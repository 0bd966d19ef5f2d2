"""A mapping over another one, which stays as it is: what a pass changes before it is stored.

It reads like a copy and costs nothing to make, for a pass changes a few of very many.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Layer(MutableMapping[K, V]):
    """A mapping that begins as another one. Nothing that is done to it changes that one."""

    __slots__ = ("_above", "_below", "_gone")

    def __init__(self, below: Mapping[K, V]) -> None:
        """Begin as a mapping is now."""
        self._below = below
        self._above: dict[K, V] = {}
        self._gone: set[K] = set()

    def __getitem__(self, key: K) -> V:
        """Return what is here, or else below."""
        if key in self._above:
            return self._above[key]
        if key in self._gone:
            raise KeyError(key)
        return self._below[key]

    def get(self, key: K, default: Any = None) -> Any:  # noqa: ANN401 - as every mapping's
        """Return what is here, or else below, or else the default; far quicker than by way of an exception."""
        if key in self._above:
            return self._above[key]
        return default if key in self._gone else self._below.get(key, default)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is something here, or below."""
        return key in self._above or (key not in self._gone and key in self._below)

    def __setitem__(self, key: K, value: V) -> None:
        """Put something here, over what is below."""
        self._above[key] = value

    def __delitem__(self, key: K) -> None:
        """Let nothing be seen, neither here nor below."""
        if key not in self:
            raise KeyError(key)
        self._above.pop(key, None)
        self._gone.add(key)

    def __iter__(self) -> Iterator[K]:
        """Go through what is below, and then what is new."""
        yield from (key for key in self._below if key in self._above or key not in self._gone)
        yield from (key for key in self._above if key not in self._below)

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(1 for _ in self)
