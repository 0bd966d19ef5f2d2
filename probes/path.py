r"""Dotted paths into JSON values, and the predicates that compare what lies there.

`error.code` is a member's member, `0.errorCode` the first element's member, `links.rel=next.href` a member of the first
element whose `rel` is `next`, the empty path the value itself; `@odata\.nextLink` is one name with a dot in it. What
an answer or record means by a predicate is not decided here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from operator import gt, lt
from typing import Any

from probes.connector import Op, Predicate, TimeFormat
from probes.instant import read_instant

LONGEST_TEXT = 500
"""Characters that an identifier or matched field may have; what is longer is no identifier."""


SEPARATOR = re.compile(r"(?<!\\)\.")


@lru_cache(maxsize=4096)
def steps(path: str) -> tuple[str, ...]:
    """Return the steps of a dotted path."""
    return tuple(step.replace("\\.", ".") for step in SEPARATOR.split(path)) if path else ()


def at(value: object, path: str) -> object:
    """Return what lies at a dotted path, None where nothing does."""
    return finder(path)(value)


@lru_cache(maxsize=4096)
def finder(path: str) -> Callable[[object], object]:
    """Return what finds the value at a dotted path: a path is taken apart once, and used on many rows."""
    names = steps(path)
    if len(names) != 1:
        return partial(_walked, names)
    (name,) = names
    return lambda value: value.get(name) if isinstance(value, dict) else _step(value, name)


def _walked(names: tuple[str, ...], value: object) -> object:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else _step(value, name)
    return value


def _step(value: object, step: str) -> object:
    """What lies one step into something that is no object."""
    if not isinstance(value, list):
        return None
    if step.isascii() and step.isdigit() and len(step) < len("1000000"):
        return value[int(step)] if int(step) < len(value) else None
    name, equals, wanted = step.partition("=")
    return next((one for one in value if isinstance(one, dict) and one.get(name) == wanted), None) if equals else None


def holds(predicate: Predicate, value: object, now: datetime | None = None) -> bool:
    """Tell whether a predicate holds for a JSON value. A missing member is as null; a comparison with it is false.

    `now` is the vendor's; without it nothing is known to be past.
    """
    return tester([predicate])(value, now)


def tester(predicates: Sequence[Predicate]) -> Callable[[object, datetime | None], bool]:
    """Return what tells whether all of some predicates hold for a value, to be used on many rows."""
    taken = [(finder(one.path), OPS[one.op], one.value) for one in predicates]

    def test(value: object, now: datetime | None) -> bool:
        for find, compare, wanted in taken:  # noqa: SIM110 - a generator costs more than what it goes through
            if not compare(find(value), wanted, now):
                return False
        return True

    return test


def text(value: object) -> str | None:
    """Return a scalar as the text it is matched by, None for anything else, for nothing, and for what is too long.

    Characters that no database takes (lone surrogates, NUL) are replaced.
    """
    if isinstance(value, str) and value.isascii() and "\0" not in value:
        return value if 0 < len(value) <= LONGEST_TEXT else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        return None
    plain = str(value)
    if not plain.isascii():
        plain = plain.encode(errors="replace").decode()
    plain = plain.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return plain if 0 < len(plain) <= LONGEST_TEXT else None


def _same(found: object, wanted: object) -> bool:
    """Equality that does not take true for 1, as JSON does not."""
    return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)


def _is_one_of(found: object, wanted: object) -> bool:
    for one in wanted if isinstance(wanted, tuple) else (wanted,):  # noqa: SIM110 - as above
        if _same(found, one):
            return True
    return False


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compared(found: object, wanted: object, by: Callable[[Any, Any], bool]) -> bool:
    return _number(found) and _number(wanted) and by(found, wanted)


def _contains(found: object, wanted: object) -> bool:
    return isinstance(found, str | list) and isinstance(wanted, str) and wanted in found


def _past(found: object, wanted: object, now: datetime | None) -> bool:
    then = read_instant(found, TimeFormat(str(wanted)))
    return then is not None and now is not None and then < now


OPS: Mapping[Op, Callable[[object, object, datetime | None], bool]] = {
    Op.EXISTS: lambda found, *_: found is not None,
    Op.NULL: lambda found, *_: found is None,
    Op.EQ: lambda found, wanted, _: _same(found, wanted),
    Op.NE: lambda found, wanted, _: not _same(found, wanted),
    Op.IN: lambda found, wanted, _: _is_one_of(found, wanted),
    Op.GT: lambda found, wanted, _: _compared(found, wanted, gt),
    Op.LT: lambda found, wanted, _: _compared(found, wanted, lt),
    Op.CONTAINS: lambda found, wanted, _: _contains(found, wanted),
    Op.LT_NOW: _past,
}
"""What each comparison says of what was found, what is wanted, and the vendor's present."""
