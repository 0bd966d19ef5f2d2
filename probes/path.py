r"""Dotted paths into JSON values, and the predicates that compare what lies there.

`error.code` is a member's member, `0.errorCode` the first element's member, `links.rel=next.href` a member of the first
element whose `rel` is `next`, the empty path the value itself; `@odata\.nextLink` is one name with a dot in it. What
an answer or record means by a predicate is not decided here.
"""

import re
from datetime import datetime
from functools import lru_cache

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
    for step in steps(path):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < len("1000000"):
            value = value[int(step)] if int(step) < len(value) else None
        elif isinstance(value, list) and "=" in step:
            name, _, wanted = step.partition("=")
            value = next((one for one in value if isinstance(one, dict) and one.get(name) == wanted), None)
        else:
            return None
    return value


def holds(predicate: Predicate, value: object, now: datetime | None = None) -> bool:
    """Tell whether a predicate holds for a JSON value. A missing member is as null; a comparison with it is false.

    `now` is the vendor's; without it nothing is known to be past.
    """
    found, wanted = at(value, predicate.path), predicate.value
    match predicate.op:
        case Op.EXISTS:
            return found is not None
        case Op.NULL:
            return found is None
        case Op.EQ:
            return _same(found, wanted)
        case Op.NE:
            return not _same(found, wanted)
        case Op.IN:
            return any(_same(found, one) for one in (wanted if isinstance(wanted, tuple) else (wanted,)))
        case Op.GT:
            return _number(found) and _number(wanted) and found > wanted  # type: ignore[operator]
        case Op.LT:
            return _number(found) and _number(wanted) and found < wanted  # type: ignore[operator]
        case Op.CONTAINS:
            return isinstance(found, str | list) and isinstance(wanted, str) and wanted in found
        case Op.LT_NOW:
            then = read_instant(found, TimeFormat(str(wanted)))
            return then is not None and now is not None and then < now


def text(value: object) -> str | None:
    """Return a scalar as the text it is matched by, None for anything else, for nothing, and for what is too long.

    Characters that no database takes (lone surrogates, NUL) are replaced.
    """
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


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
