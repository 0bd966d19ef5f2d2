"""Every time over which a promise counted: the one that counts now, and those before it.

Updates are promised again after each notice, and an acknowledgement again each time an incident is reopened.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from alerts.clocks import Promise
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Stage
from alerts.sla import Span, TimerStart, span_of
from probes.catalog import NoticePolicy


def spans_of(incident: Incident, impact: Impact, promise: Promise) -> Iterator[Span]:
    """Yield every time over which a promise to a client has counted, the earliest first."""
    if promise is Promise.NEXT_UPDATE:
        yield from _updates(incident, impact)
    elif promise is Promise.ACKNOWLEDGE and len(incident.spells) > 1:
        yield from _acknowledgements(incident, impact)
    else:
        span = span_of(incident, impact, promise)
        if span is not None:
            yield span if span.stopped is not None else replace(span, stopped=_over(incident, impact))


def _over(incident: Incident, impact: Impact) -> datetime | None:
    """Return since when nothing more can be owed to a client, None while it can."""
    return incident.resolved if incident.resolved is not None else impact.recovered


def _updates(incident: Incident, impact: Impact) -> Iterator[Span]:
    if impact.terms.notices is not NoticePolicy.AUTOMATIC:
        return
    for turn, (stage, at) in enumerate(impact.queued, start=1):
        if stage is not Stage.RESOLVED:
            following = impact.queued[turn][1] if turn < len(impact.queued) else _over(incident, impact)
            stopped = None if following is None else max(at, following)
            yield Span(start=at, started_by=TimerStart.LAST_NOTICE, stopped=stopped, turn=turn)


def _acknowledgements(incident: Incident, impact: Impact) -> Iterator[Span]:
    for turn, spell in enumerate(incident.spells, start=1):
        if spell.paged is None or (spell.end is not None and spell.end <= impact.joined):
            continue
        start = max(spell.paged, impact.joined)
        stopped = spell.acknowledged or spell.end
        by = TimerStart.FIRST_PAGE if spell.paged >= impact.joined else TimerStart.JOINED
        yield Span(start=start, started_by=by, stopped=None if stopped is None else max(start, stopped), turn=turn)
