"""What becomes of a flow's records: those in trouble, and the way of which the flow is a hop."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from monitor.situation import Situation
from probes.book import Book
from probes.catalog import End, Flow, FlowId
from probes.compare import differences
from probes.latency import Quantile, ages, quantile, recent
from probes.tracked import Ending, Tracked

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleView:
    """A record that is missing, mismatched or an orphan: whose it is, and what the ends say of it where they differ."""

    key: str
    ending: Ending
    client: str
    created: datetime
    said: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """One hop of a way: what waits on it, how much of that is late or missing, and since when the oldest waits."""

    flow: FlowId
    source: str
    destination: str
    unsynced: int
    stuck: int
    since: datetime | None
    half: Quantile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WayView:
    """The way of which a flow is a hop, and how long the whole of it takes; None where nothing came through lately."""

    name: FlowId
    stages: tuple[StageView, ...]
    half: Quantile | None
    most: Quantile | None


def troubles(situation: Situation, flow: Flow) -> tuple[TroubleView, ...]:
    """Return the records of a flow that are in trouble, the oldest first; of many only the first."""
    clients = situation.config.catalog.clients
    found = sorted((one for one in _book(situation, flow).doubtful() if one.ending), key=lambda one: one.created)
    return tuple(
        TroubleView(
            key=one.key,
            ending=one.ending,
            client=clients[one.client].name if one.client is not None and one.client in clients else "nobody",
            created=one.created,
            said=differences(flow.compare, one) if one.ending is Ending.MISMATCHED else (),
        )
        for one in islice(found, SHOWN)
        if one.ending is not None
    )


def lags(situation: Situation, flow: Flow) -> tuple[tuple[str, timedelta], ...]:
    """Return the ends that show a record only some time after they have it, and how long that may be."""
    return tuple((_name(end), lag) for end in flow.ends for lag in _lag(situation, end))


def way(situation: Situation, flow: Flow, now: datetime) -> WayView | None:
    """Return the way of which a flow is a hop, None where it is a whole way by itself."""
    if flow.hop is None:
        return None
    hops = hops_of(situation, flow.hop.chain)
    came = recent(_book(situation, hops[-1]).pace.entire, now)
    waiting = (one for hop in hops for one in _book(situation, hop).waiting() if one.ending is None)
    under_way = ages((one.entered or one.created for one in waiting), now)
    return WayView(
        name=flow.hop.chain,
        stages=tuple(_stage(situation, hop, now) for hop in hops),
        half=quantile(came, under_way, 0.5),
        most=quantile(came, under_way, 0.95),
    )


def hops_of(situation: Situation, chain: FlowId) -> tuple[Flow, ...]:
    """Return the hops of a way in their order, none where there is no such way."""
    flows = situation.config.catalog.flows.values()
    hops = [(flow.hop.number, flow) for flow in flows if flow.hop is not None and flow.hop.chain == chain]
    return tuple(flow for _, flow in sorted(hops, key=lambda one: one[0]))


def _stage(situation: Situation, flow: Flow, now: datetime) -> StageView:
    book = _book(situation, flow)
    waiting = list(book.waiting())
    moving = ages((one.created for one in waiting if one.ending is None), now)
    return StageView(
        flow=flow.id,
        source=_name(flow.source),
        destination=_name(flow.destination),
        unsynced=len(waiting),
        stuck=sum(_is_stuck(one) for one in waiting),
        since=min((one.created for one in waiting if _is_stuck(one)), default=None),
        half=quantile(recent(book.pace.recent, now), moving, 0.5),
    )


def _is_stuck(one: Tracked) -> bool:
    return bool(one.late) or one.ending is not None


def _lag(situation: Situation, end: End) -> Iterator[timedelta]:
    resource = situation.config.catalog.systems[end.system].connector.resources.get(end.resource)
    if resource is not None and resource.since is not None and resource.since.lag:
        yield resource.since.lag


def _book(situation: Situation, flow: Flow) -> Book:
    return situation.books.get(flow.id) or Book(flow.id)


def _name(end: End) -> str:
    return f"{end.system}.{end.resource}"
