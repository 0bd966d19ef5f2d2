"""Maintenance: times that are agreed or announced, in which something may fail without anybody being told.

What is in maintenance is still watched and measured: alerts begin and go on, and whoever is to be told is told once the
window is over and it still fails. Looks in a window stay out of the promises where it says so. Times are kept in UTC;
only what recurs stands on a wall clock (`recurrence`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import NewType

from alerts.alert import Alert
from alerts.recurrence import Recurrence, Span, next_span, span_at, spans
from probes.catalog import Catalog, ClientId, FlowId, SystemId

WindowId = NewType("WindowId", str)


class Party(StrEnum):
    """Who does the work, or wants to be left alone: a client in its change freeze."""

    VENDOR = "vendor"
    US = "us"
    CLIENT = "client"


class Telling(StrEnum):
    """What is kept back in a window: pages to us, notices to clients, both, or nothing."""

    BOTH = "both"
    PAGES = "pages"
    NOTICES = "notices"
    NOTHING = "nothing"

    @property
    def pages(self) -> bool:
        """Whether nobody of ours is paged."""
        return self in (Telling.BOTH, Telling.PAGES)

    @property
    def notices(self) -> bool:
        """Whether clients get no notices."""
        return self in (Telling.BOTH, Telling.NOTICES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a window is about. Places (systems, flows, vendors) and clients both restrict; with neither it is all."""

    systems: frozenset[SystemId] = frozenset()
    flows: frozenset[FlowId] = frozenset()
    vendors: frozenset[str] = frozenset()
    clients: frozenset[ClientId] = frozenset()

    @property
    def anywhere(self) -> bool:
        """Whether it names no place."""
        return not (self.systems or self.flows or self.vendors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A maintenance window: once, from `starts` to `ends`, or again and again between them where it recurs.

    `mutes` is what is kept back. One that is `excluded` keeps its looks out of promises. `zone` is where its times were
    written. `by` and `updated` say who set it, and when; from the configuration nobody did. Clients that it concerns
    are told of it unless it is not to `announce`; `text` is what they are told of what is done.
    """

    id: WindowId
    title: str
    party: Party
    scope: Scope
    zone: str
    starts: datetime | None = None
    ends: datetime | None = None
    recurrence: Recurrence | None = None
    mutes: Telling = Telling.BOTH
    excluded: bool = True
    by: str = ""
    updated: datetime | None = None
    cancelled: datetime | None = None
    announce: bool = True
    text: str = ""


def current(window: Window, now: datetime) -> Span | None:
    """Return the span of a window that an instant lies in, None where it is not on."""
    if window.recurrence is None:
        span = _once(window)
        return span if span is not None and span.holds(now) else None
    span = span_at(window.recurrence, now)
    cut = _cut(window, span) if span is not None else None
    return cut if cut is not None and cut.holds(now) else None


def upcoming(window: Window, now: datetime) -> Span | None:
    """Return the next span of a window that begins after an instant, None where none does."""
    if window.recurrence is None:
        span = _once(window)
        return span if span is not None and span.begins > now else None
    span = next_span(window.recurrence, max(now, window.starts) if window.starts is not None else now)
    cut = _cut(window, span) if span is not None else None
    return cut if cut is not None and cut.begins > now else None


def past(window: Window, begin: datetime, end: datetime) -> Iterator[Span]:
    """Yield the spans of a window that touch a time, the earliest first, each cut to that time."""
    for span in spells(window, begin, end):
        if span.begins < end:
            yield Span(begins=max(span.begins, begin), ends=min(span.ends, end))


def spells(window: Window, begin: datetime, end: datetime) -> Iterator[Span]:
    """Yield the spans of a window that have begun by `end` and touch a time, the earliest first, whole."""
    found = [_once(window)] if window.recurrence is None else [_cut(window, one) for one in _all(window, begin, end)]
    yield from (span for span in found if span is not None and span.ends > begin and span.begins <= end)


def _all(window: Window, begin: datetime, end: datetime) -> Iterator[Span]:
    return spans(window.recurrence, begin, end) if window.recurrence is not None else iter(())


def _once(window: Window) -> Span | None:
    if window.starts is None or window.ends is None:
        return None
    return _cut(window, Span(begins=window.starts, ends=window.ends))


def _cut(window: Window, span: Span) -> Span | None:
    """Return a span within the time in which a window counts: until it was cancelled, None where nothing is left."""
    begins = max(filter(None, (span.begins, window.starts)))
    ends = min(filter(None, (span.ends, window.ends, window.cancelled)))
    return Span(begins=begins, ends=ends) if begins < ends else None


def covers_system(scope: Scope, system: SystemId, catalog: Catalog) -> bool:
    """Return whether a window is about a whole system: about all of its clients."""
    return not scope.clients and (scope.anywhere or _names(scope, system, catalog))


def covers(scope: Scope, alert: Alert, client: ClientId | None, catalog: Catalog) -> bool:
    """Return whether a window is about an alert, as far as it hurts a client (None: as far as it hurts anybody).

    A flow is covered with either of its ends: what it carries comes from the one and goes to the other.
    """
    return concerns(scope, client) and covers_place(scope, alert, catalog)


def concerns(scope: Scope, client: ClientId | None) -> bool:
    """Return whether a window is about what hurts a client, if it is about the place."""
    return not scope.clients or client in scope.clients


def covers_place(scope: Scope, alert: Alert, catalog: Catalog) -> bool:
    """Return whether a window is about the place of an alert, whomever that hurts."""
    return scope.anywhere or any(_covers_node(scope, node, catalog) for node in places(alert))


def places(alert: Alert) -> frozenset[str]:
    """Return the places of an alert: its system or flow, and what else could explain it."""
    own = chain(
        (f"system:{alert.system}",) if alert.system is not None else (),
        (f"flow:{alert.flow}",) if alert.flow is not None else (),
    )
    return alert.nodes | frozenset(own)


def _covers_node(scope: Scope, node: str, catalog: Catalog) -> bool:
    kind, _, name = node.partition(":")
    if kind == "flow":
        return FlowId(name) in scope.flows
    return kind == "system" and _names(scope, SystemId(name), catalog)


def _names(scope: Scope, system: SystemId, catalog: Catalog) -> bool:
    if system in scope.systems:
        return True
    known = catalog.systems.get(system) if scope.vendors else None
    return known is not None and not scope.vendors.isdisjoint({known.connector.name, known.vendor_name})


def excluding(windows: Iterable[Window], system: SystemId, catalog: Catalog, at: datetime) -> Window | None:
    """Return the window that keeps a look at a system out of promises, None where it counts."""
    return next(
        (
            one
            for one in windows
            if one.excluded and covers_system(one.scope, system, catalog) and current(one, at) is not None
        ),
        None,
    )
