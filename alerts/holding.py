"""Who is not paged at once after a start: what explains an alert may not have been looked at yet.

What was known before the start is known again, so this is for what began while nobody looked: its effects may be seen
before its cause. Nothing is held once each place that could explain an incident has been looked at.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.causes import above, systems_below
from alerts.correlate import system_of
from alerts.draft import Context, Draft, Evaluated
from alerts.timeline import PagesHeld
from probes.attribution import siblings
from probes.catalog import Catalog, SystemId
from probes.sli import IndicatorKey, IndicatorKind

HOLD = timedelta(seconds=20)
"""For so long after a start at most."""

NAMED = 3


def hold(draft: Draft, evaluated: Evaluated, context: Context, now: datetime) -> None:
    """Put off the first page of an incident that something may explain that was not looked at since the start."""
    incident, started = draft.incident, context.started
    if started is None or now >= started + HOLD or incident.next_due is None or incident.first_paged is not None:
        return
    unseen = sorted(
        {system for system in _causes(context.catalog, incident.nodes) if not _seen(evaluated, system, started)}
    )
    if unseen and incident.next_due <= now:
        more = f" and {len(unseen) - NAMED} more" if len(unseen) > NAMED else ""
        why = f"{', '.join(unseen[:NAMED])}{more} could explain it, and was not looked at since the start"
        draft.add(PagesHeld(at=now, until=started + HOLD, why=why))


def _causes(catalog: Catalog, nodes: frozenset[str]) -> Iterator[SystemId]:
    """Yield the systems that could explain what fails at these places and are none of them."""
    over = above(catalog)
    for node in frozenset().union(*(over.get(node, frozenset()) for node in nodes)) - nodes:
        system = system_of(node)
        if system is not None:
            yield system
    for system in {one for node in nodes for one in systems_below(catalog, node)}:
        yield from siblings(catalog, system)


def _seen(evaluated: Evaluated, system: SystemId, since: datetime) -> bool:
    known = evaluated.indicator(IndicatorKey(kind=IndicatorKind.AVAILABILITY, subject=system))
    return known is not None and known.seen is not None and known.seen >= since
