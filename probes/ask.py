"""What is asked of a vendor: the first request of a list, and the one for each page after it, by the definition.

Only what is said. Who sends it, with which credential, is the adapters' work; reading what comes back is `answer`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from probes.connector import Connector, PageKind, Pagination, Place, Resource
from probes.instant import write_instant
from probes.path import at, steps, text

SINCE, UNTIL, POSITION = "{since}", "{until}", "{position}"
"""The marks that texts of a request may hold, and that give way to a value."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What to ask: a path below the system's address (`given`: an address that the vendor gave), and what goes with it.

    With a `body` it is a POST of it as JSON. `position` counts the rows before this page where a text says so.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    position: int | None = None
    given: bool = False


def first_ask(
    connector: Connector, resource: Resource | None, since: datetime | None, until: datetime | None = None
) -> Ask:
    """Return the first request of a look: the list between two instants (in the vendor's clock), or the who-am-I."""
    if resource is None:
        return Ask(path=connector.whoami, query=connector.whoami_query)
    ask = Ask(path=resource.path, query=resource.query, headers=resource.headers, body=resource.body)
    return _begun(_bounded(ask, resource, since, until), resource.pagination)


def _bounded(ask: Ask, resource: Resource, since: datetime | None, until: datetime | None) -> Ask:
    how = resource.since
    if how is None:
        return ask
    for name, mark, bound in ((how.param, SINCE, since), (how.until_param, UNTIL, until)):
        where = mark if how.place is Place.TEXT else name
        if bound is not None and where:
            ask = _placed(ask, how.place, where, write_instant(bound, how.format))
    return ask


def _begun(ask: Ask, paging: Pagination) -> Ask:
    match paging.kind:
        case PageKind.PAGE | PageKind.OFFSET:
            return _placed(ask, paging.place, paging.param, str(paging.start))
        case PageKind.IN_QUERY_OFFSET:
            return replace(ask, position=paging.start)
        case _:
            return ask


STEADY = (PageKind.LAST_ID, PageKind.TOKEN, PageKind.NEXT_URL)
"""Paging that leads to the same rows later on. A count of rows does not: rows that come or change shift the others."""


def position_of(resource: Resource | None, ask: Ask) -> str | None:
    """Return what leads to the page of a request also at a later look, None where nothing does so safely."""
    if resource is None or resource.pagination.kind not in STEADY:
        return None
    if ask.given:
        return ask.path
    found = _found(ask, resource.pagination)
    return found if isinstance(found, str) and found else None


def resumed(ask: Ask, resource: Resource, position: str) -> Ask:
    """Return the request for the page at a position, made of the one for the first page."""
    paging = resource.pagination
    if paging.kind is PageKind.NEXT_URL:
        return replace(ask, path=position, query={}, body=None, given=True)
    return _placed(ask, paging.place, paging.param, position)


def sendable(ask: Ask) -> Ask:
    """Return the request as it is sent: with its position in the place of the mark."""
    return ask if ask.position is None else _placed(ask, Place.TEXT, POSITION, str(ask.position))


def next_ask(resource: Resource, ask: Ask, body: object, rows: Sequence[object]) -> Ask | str | None:
    """Return what asks for the page after one with these rows, None after the last, or why that cannot be told."""
    paging = resource.pagination
    match paging.kind:
        case PageKind.NONE:
            return None
        case PageKind.LAST_ID:
            return _after_last(resource, ask, at(body, paging.more_path), rows)
        case PageKind.TOKEN | PageKind.NEXT_URL:
            return _pointed(paging, ask, at(body, paging.next_path))
        case PageKind.PAGE | PageKind.OFFSET | PageKind.IN_QUERY_OFFSET:
            return _counted(paging, ask, body, rows)


def _after_last(resource: Resource, ask: Ask, more: object, rows: Sequence[object]) -> Ask | str | None:
    paging = resource.pagination
    if not isinstance(more, bool):
        return f"neither true nor false at `{paging.more_path}`"
    last = text(at(at(rows[-1], resource.item_path), resource.id_path)) if rows else None
    if more and last is None:
        return f"`{paging.more_path}` promises more, but there is no last id to go on from"
    return _placed(ask, paging.place, paging.param, last) if more and last is not None else None


def _pointed(paging: Pagination, ask: Ask, pointer: object) -> Ask | str | None:
    if pointer is None or pointer == "":
        return None
    if not isinstance(pointer, str | int) or isinstance(pointer, bool):
        return f"no token or address of a next page at `{paging.next_path}`"
    if paging.kind is PageKind.NEXT_URL:
        return replace(ask, path=str(pointer), query={}, body=None, given=True)
    return _placed(ask, paging.place, paging.param, str(pointer))


def _counted(paging: Pagination, ask: Ask, body: object, rows: Sequence[object]) -> Ask | str | None:
    step = 1 if paging.kind is PageKind.PAGE else len(rows)
    here = ask.position if paging.kind is PageKind.IN_QUERY_OFFSET else _count(_found(ask, paging))
    more = _more(paging, here or 0, body, rows)
    if not isinstance(more, bool) or not more:
        return more or None
    there = (here or 0) + step
    if paging.kind is PageKind.IN_QUERY_OFFSET:
        return replace(ask, position=there)
    return _placed(ask, paging.place, paging.param, str(there))


def _more(paging: Pagination, here: int, body: object, rows: Sequence[object]) -> bool | str:
    """Whether a page follows, by what the vendor says of it, or else by whether this one was full."""
    if paging.more_path:
        more = at(body, paging.more_path)
        if not isinstance(more, bool):
            return f"neither true nor false at `{paging.more_path}`"
        return more and bool(rows)
    total = at(body, paging.total_path) if paging.total_path else None
    if isinstance(total, int) and not isinstance(total, bool):
        return here < total
    return len(rows) >= paging.size


def _found(ask: Ask, paging: Pagination) -> object:
    return at(ask.body, paging.param) if paging.place is Place.JSON else ask.query.get(paging.param)


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, str) and value.isdigit() else None


def _placed(ask: Ask, place: Place, name: str, value: str) -> Ask:
    """Return the request with a value at its place; for texts the name is the mark that the value replaces."""
    match place:
        case Place.QUERY:
            return replace(ask, query={**ask.query, name: value})
        case Place.HEADER:
            return replace(ask, headers={**ask.headers, name: value})
        case Place.JSON:
            return replace(ask, body=_set(ask.body or {}, steps(name), value))
        case Place.TEXT:
            return replace(ask, query=marked(ask.query, name, value), body=marked(ask.body, name, value))


def _set(body: Mapping[str, object], way: Sequence[str], value: str) -> dict[str, object]:
    """Return a JSON object with a value at a path, made where it is missing; lists keep their length."""
    first, rest = way[0], way[1:]
    return {**body, first: _below(body.get(first), rest, value)}


def _below(inner: object, way: Sequence[str], value: str) -> object:
    if not way:
        return value
    if isinstance(inner, list):
        place, rest = way[0], way[1:]
        return [_below(one, rest, value) if place == str(i) else one for i, one in enumerate(inner)]
    return _set(inner if isinstance(inner, dict) else {}, way, value)


def marked(value: T, mark: str, text: str) -> T:
    """Return a JSON value with a mark replaced in all of its texts."""
    if isinstance(value, str):
        return value.replace(mark, text)  # type: ignore[return-value]
    if isinstance(value, dict):
        return {key: marked(one, mark, text) for key, one in value.items()}  # type: ignore[return-value]
    if isinstance(value, list):
        return [marked(one, mark, text) for one in value]  # type: ignore[return-value]
    return value
