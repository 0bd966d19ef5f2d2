"""The records of a story's traffic: when each came to be, and when it was where. Nothing is random and nothing is kept.

A record goes all the ways that lead on from the list it is in. A flow carries its records in their order: those that
wait while nothing can travel arrive one after the other within the time that is told for it, and what comes meanwhile
waits behind them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.replay.story import FOREVER, Span, Story, Traffic, Trouble
from probes.catalog import Catalog, ClientId, End, Flow, FlowId, SystemId
from probes.connector import Basis
from probes.failure import FailureClass
from probes.observation import Record

UNREACHED = frozenset(
    {FailureClass.TIMEOUT, FailureClass.DNS, FailureClass.CONNECT, FailureClass.TLS, FailureClass.SERVER}
)
"""Where all looks fail so, nothing arrives either."""


@dataclass(frozen=True, slots=True)
class Block:
    """Nothing arrives in a span; what waited has arrived `catches_up` after it."""

    span: Span
    catches_up: timedelta

    def passed(self, at: datetime) -> datetime:
        """Return when something arrives that would have arrived at an instant without it."""
        start, end = self.span.start, self.span.end
        if at < start or at == FOREVER:
            return at
        if end == FOREVER:
            return FOREVER
        drained = end + self.catches_up
        return end + self.catches_up * ((at - start) / (end - start)) if at < end else max(at, drained)


@dataclass(frozen=True, slots=True)
class Stream:
    """The records of one client on one flow; `before` is the stream that brings them to its source."""

    flow: Flow
    client: ClientId
    traffic: Traffic
    offset: timedelta
    blocks: tuple[Block, ...]
    before: "Stream | None" = None

    def key(self, number: int) -> str:
        """Return what all lists call a record."""
        return f"{self.traffic.flow}-{self.client}-{number}"

    def created(self, number: int) -> datetime:
        """Return when a record came to be at the source, FOREVER where it never gets there."""
        if self.before is not None:
            return self.before.arrived(number)
        return self.traffic.span.start + self.offset + number * self.traffic.every

    def arrived(self, number: int) -> datetime:
        """Return when a record is at the destination, FOREVER where it never gets there."""
        at = self.created(number)
        at = at if at == FOREVER else at + self.traffic.takes
        for block in self.blocks:
            at = block.passed(at)
        return at

    def shown(self, at: Callable[[int], datetime], since: datetime, until: datetime) -> Iterator[tuple[str, datetime]]:
        """Yield the records whose instant lies between two others, in their order."""
        most = self._most(until)
        for number in range(_first(at, since, most), most):
            if at(number) > until:
                return
            yield self.key(number), at(number)

    def _most(self, until: datetime) -> int:
        """How many records have come into the world by an instant."""
        begun = self.traffic.span.start + self.offset
        return max(0, (min(until, self.traffic.span.end) - begun) // self.traffic.every + 1)


def _first(at: Callable[[int], datetime], since: datetime, most: int) -> int:
    """Return the first number whose instant, which only grows, is not before another."""
    low, high = 0, most
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if at(middle) < since else (low, middle)
    return low


def streams_of(story: Story, catalog: Catalog) -> tuple[Stream, ...]:
    """Return the streams of a story's traffic; the clients take turns within the time between two records."""
    found: list[Stream] = []
    for traffic in story.traffic:
        for place, client in enumerate(traffic.clients):
            flow = catalog.flows[traffic.flow]
            offset = traffic.every * place / len(traffic.clients)
            root = Stream(flow, client, traffic, offset, _blocks(story, flow, client))
            found += _onwards(story, catalog, root, beside(catalog, flow))
    return tuple(found)


def beside(catalog: Catalog, flow: Flow) -> tuple[Flow, ...]:
    """Return the flows that leave from the list where a flow begins, itself included."""
    return tuple(one for one in catalog.flows.values() if _list(one.source) == _list(flow.source))


def _onwards(story: Story, catalog: Catalog, root: Stream, first: Iterable[Flow]) -> Iterator[Stream]:
    """Yield a stream and all that lead on from where it ends, each flow once."""
    waiting: list[tuple[Stream | None, Flow]] = [(None, flow) for flow in first]
    seen: set[FlowId] = set()
    while waiting:
        before, flow = waiting.pop()
        if flow.id not in seen:
            seen.add(flow.id)
            stream = replace(root, flow=flow, blocks=_blocks(story, flow, root.client), before=before)
            yield stream
            on = (one for one in catalog.flows.values() if _list(one.source) == _list(flow.destination))
            waiting += [(stream, one) for one in on]


def _list(end: End) -> tuple[SystemId, str]:
    return end.system, end.resource


def _blocks(story: Story, flow: Flow, client: ClientId) -> tuple[Block, ...]:
    stops = (one for one in story.stopped if one.flow == flow.id and (not one.clients or client in one.clients))
    down = (one for one in story.failing if one.system == flow.destination.system and cuts_off(one))
    found = [Block(one.span, one.catches_up) for one in stops]
    found += [Block(one.span, one.catches_up) for one in down]
    return tuple(sorted(found, key=lambda block: block.span.start))


def cuts_off(trouble: Trouble) -> bool:
    """Return whether nothing gets to a system meanwhile."""
    return trouble.share == 1 and trouble.failure in UNREACHED


class Lists:
    """What the vendors' lists show."""

    def __init__(self, story: Story, catalog: Catalog) -> None:
        self._catalog = catalog
        self._shown: dict[tuple[SystemId, str], list[tuple[Stream, Callable[[int], datetime]]]] = {}
        for stream in streams_of(story, catalog):
            if stream.before is None:
                self._shown.setdefault(_list(stream.flow.source), []).append((stream, stream.created))
            self._shown.setdefault(_list(stream.flow.destination), []).append((stream, stream.arrived))

    def shown(self, system: SystemId, resource: str, since: datetime, until: datetime) -> tuple[Record, ...]:
        """Return the records of a list that came to be there from an instant until another, the oldest first."""
        found: dict[str, tuple[datetime, ClientId]] = {}
        for stream, at in self._shown.get((system, resource), ()):
            for key, instant in stream.shown(at, since, until):
                found.setdefault(key, (instant, stream.client))
        known = sorted(found.items(), key=lambda one: one[1])
        return tuple(self._record(system, resource, key, at, client) for key, (at, client) in known)

    def _record(self, system: SystemId, resource: str, key: str, at: datetime, client: ClientId) -> Record:
        known = self._catalog.systems[system].connector.resources[resource]
        names = self._catalog.clients[client].identifiers.get(system, ())
        ends = (end for flow in self._catalog.flows.values() for end in flow.ends)
        return Record(
            id=key,
            client=names[0] if names and known.client_paths else None,
            created=at,
            updated=at if known.since is not None and known.since.on is Basis.UPDATED else None,
            failed=False if known.can_fail else None,
            asserted={one.field: key for one in known.assertions},
            fields={end.field: key for end in ends if _list(end) == (system, resource)},
        )
