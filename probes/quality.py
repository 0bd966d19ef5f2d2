"""Whether records are as asserted: what each look adds to the counts of those that are and those that are not.

Values are compared here and go no further: what is told names lists and fields, never what stands in them.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256

from probes.assertion import Assertion, AssertionKind
from probes.path import at, text

Mark = tuple[datetime, str]
"""The latest place in a list at which a counter was read, and its value there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A record as far as an assertion needs it: its id, its place in the list, and the value of the asserted field."""

    id: str
    listed: datetime
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How many of the fresh rows are as asserted and how many are not; `mark` is where the next look goes on."""

    good: int
    bad: int
    mark: Mark | None = None


def asserted(assertions: Sequence[Assertion], item: object) -> dict[str, str | None]:
    """Return the value of every asserted field of a record, by its path; None where nothing stands there."""
    return {one.field: _value(at(item, one.field)) for one in assertions}


def _value(found: object) -> str | None:
    """A value as it is compared: a text or number as it is, anything else, and what is long, by its digest."""
    if found is None or found == "":
        return None
    plain = text(found)
    return plain if plain is not None else sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def check(kind: AssertionKind, seen: Sequence[Row], fresh: frozenset[str], mark: Mark | None) -> Checked:
    """Return how many of the fresh rows, by id, break an assertion; `seen` are all rows of the look."""
    if kind is AssertionKind.MONOTONIC:
        return _monotonic(seen, fresh, mark)
    bad = BROKEN[kind](seen) & fresh
    return Checked(good=len(fresh) - len(bad), bad=len(bad))


def _missing(seen: Sequence[Row]) -> frozenset[str]:
    latest = {row.id: row.value for row in seen}
    return frozenset(key for key, value in latest.items() if value is None)


def _differing(seen: Sequence[Row]) -> frozenset[str]:
    contents: dict[str, set[str | None]] = defaultdict(set)
    for row in seen:
        contents[row.id].add(row.value)
    return frozenset(key for key, values in contents.items() if len(values) > 1)


def _shared(seen: Sequence[Row]) -> frozenset[str]:
    owners: dict[str, set[str]] = defaultdict(set)
    for row in seen:
        if row.value is not None:
            owners[row.value].add(row.id)
    return frozenset(key for keys in owners.values() if len(keys) > 1 for key in keys)


BROKEN: Mapping[AssertionKind, Callable[[Sequence[Row]], frozenset[str]]] = {
    AssertionKind.REQUIRED: _missing,
    AssertionKind.SAME: _differing,
    AssertionKind.UNIQUE: _shared,
}


def _monotonic(seen: Sequence[Row], fresh: frozenset[str], mark: Mark | None) -> Checked:
    """Compare each fresh row with the highest one before it; in which order rows of one instant came is not known."""
    latest = {row.id: row for row in seen if row.value is not None}
    numbers = {key: _number(row.value or "") for key, row in latest.items()}
    back = {key for key, number in numbers.items() if number is None}
    after, highest = (mark[0], _number(mark[1])) if mark is not None else (None, None)
    read = sorted((latest[key].listed, number, key) for key, number in numbers.items() if number is not None)
    for listed, number, key in read:
        if highest is not None and number < highest and (after is None or listed > after):
            back.add(key)
        highest = number if highest is None else max(highest, number)
    counted = fresh & latest.keys()
    last = max((at for at in (after, read[-1][0] if read else None) if at is not None), default=None)
    moved = (last, str(highest)) if last is not None and highest is not None else mark
    return Checked(good=len(counted - back), bad=len(counted & back), mark=moved)


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
