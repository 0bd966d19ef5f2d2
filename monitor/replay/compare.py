"""What one story comes to with two configurations: who is paged and told earlier, later, only here or only there.

Messages are matched by whom they reach and in which turn; what differs by less than a second is the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import TypeVar

from monitor.replay.outcome import Broken, Outcome, Told
from monitor.replay.times import both
from monitor.replay.transcript import broken as in_words
from monitor.web.measure import whole

SAME = timedelta(seconds=1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The lines that tell two outcomes apart, none where they are alike; `promises` says whether any concerns one."""

    lines: tuple[str, ...]
    promises: bool


def compared(one: Outcome, other: Outcome, names: tuple[str, str], zone: str) -> Comparison:
    """Return how an outcome differs from another; `names` are what the two are called."""
    promises = tuple(_promises(one.broken, other.broken, names, zone))
    parts = {
        "incidents": _incidents(one, other, names),
        "pages": tuple(_messages(one.pages, other.pages, names, zone)),
        "warnings": tuple(_messages(one.warnings, other.warnings, names, zone)),
        "notices": tuple(_messages(one.notices, other.notices, names, zone)),
        "promises": promises,
    }
    lines = [line for title, found in parts.items() if found for line in (title, *(f"  {text}" for text in found))]
    return Comparison(lines=tuple(lines), promises=bool(promises))


def _incidents(one: Outcome, other: Outcome, names: tuple[str, str]) -> tuple[str, ...]:
    here, there = len(one.incidents), len(other.incidents)
    return () if here == there else (f"{here} with {names[0]}, {there} with {names[1]}",)


def _messages(one: Sequence[Told], other: Sequence[Told], names: tuple[str, str], zone: str) -> Iterator[str]:
    for whom, here, there in _paired(one, other, _whom):
        yield from _moved(whom, here.at if here else None, there.at if there else None, names, zone)


def _whom(told: Told) -> str:
    return f"{told.recipient} of {told.client}, {told.stage}" if told.client is not None else told.recipient


def _moved(
    whom: str, here: datetime | None, there: datetime | None, names: tuple[str, str], zone: str
) -> Iterator[str]:
    if here is not None and there is not None:
        if abs(there - here) >= SAME:
            moved = f"{whole(abs(there - here))} {'later' if there > here else 'earlier'} with {names[1]}"
            yield f"{whom}: {moved}, at {both(there, zone)} and not {both(here, zone)}"
    elif here is not None or there is not None:
        name, at = (names[0], here) if here is not None else (names[1], there)
        yield f"{whom}: only with {name}" + (f", at {both(at, zone)}" if at is not None else "")


def _promises(one: Sequence[Broken], other: Sequence[Broken], names: tuple[str, str], zone: str) -> Iterator[str]:
    """Yield the promises that break with one of the two alone."""
    for _, here, there in _paired(one, other, lambda broken: f"{broken.client} {broken.promise}"):
        if here is None and there is not None:
            yield f"broken only with {names[1]}: {in_words(there, zone)}"
        elif there is None and here is not None:
            yield f"broken only with {names[0]}: {in_words(here, zone)}"


def _paired(one: Iterable[T], other: Iterable[T], key: Callable[[T], str]) -> Iterator[tuple[str, T | None, T | None]]:
    """Yield what has the same key in both, the first with the first, and what is left over with None."""
    sides: tuple[dict[str, list[T]], dict[str, list[T]]] = (defaultdict(list), defaultdict(list))
    for side, told in zip(sides, (one, other), strict=True):
        for each in told:
            side[key(each)].append(each)
    for name in dict.fromkeys((*sides[0], *sides[1])):
        for here, there in zip_longest(sides[0].get(name, ()), sides[1].get(name, ())):
            yield name, here, there
