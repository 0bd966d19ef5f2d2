"""What failed for a client: each way against the limit of its tier, with the vendor's word and who has to mend it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from alerts.alert import Move
from alerts.failures import WAYS, Way, judge_way
from monitor.situation import Situation
from probes.catalog import Client, SystemId
from probes.connector import FailureKind
from probes.failing import TO_MEND, most_frequent, tells_of
from probes.failure import Fault
from probes.limit import FailureLimit
from probes.sli import Indicator, IndicatorKey, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingView:
    """One limit of a client on one system: how many failed in the window, of how many where a share is limited."""

    way: Way
    system: SystemId
    limit: FailureLimit
    failed: int
    counted: int
    kept: bool
    most: tuple[str, int] | None

    @property
    def whose(self) -> Fault:
        """Who has to mend it where this client alone has it."""
        return TO_MEND[self.way.kind]


def failing(situation: Situation, client: Client, now: datetime) -> tuple[FailingView, ...]:
    """Return every limit that a system which knows the client can tell of, in the order of their names."""
    limits = situation.config.catalog.tier_of(client.id).objectives.failures
    found = [
        _view(situation, client, (system, WAYS[kind]), limits[kind], now)
        for system in client.identifiers
        for kind in limits.keys() & set(_told(situation, system))
    ]
    return tuple(sorted(found, key=lambda one: (one.way.alert, one.system)))


def _told(situation: Situation, system: SystemId) -> Iterator[FailureKind]:
    for resource in situation.config.catalog.systems[system].connector.resources.values():
        yield from tells_of(resource)


def _view(
    situation: Situation, client: Client, place: tuple[SystemId, Way], limit: FailureLimit, now: datetime
) -> FailingView:
    system, way = place
    key = IndicatorKey(kind=way.indicator, subject=system, client=client.id)
    known = situation.indicators.get(str(key)) or Indicator(key=key, tally=Tally(over=limit.over))
    good, bad = known.tally.totals(now)
    return FailingView(
        way=way,
        system=system,
        limit=limit,
        failed=bad,
        counted=good + bad,
        kept=judge_way(way, known, limit, whole=True, now=now).move is not Move.CONFIRM,
        most=most_frequent(known.codes, now - limit.over),
    )
