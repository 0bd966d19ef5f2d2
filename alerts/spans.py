"""From when to when each promise to a client counts: what sets it going, what stops it, and each time that it did.

Updates are promised again after each notice, and an acknowledgement again each time an incident is reopened: what was
broken before stays broken. How much of such a time counted is for `reckoning`, what came of it for `sla`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from alerts.clocks import Promise
from alerts.impact import Impact, Spell
from alerts.incident import Incident
from probes.conduct import ClockStart


class TimerStart(StrEnum):
    """What set a timer going."""

    FIRST_PAGE = "first page"
    OPENING = "incident opened"
    JOINED = "client joined the incident"
    ONSET = "onset in the data"
    LAST_NOTICE = "last notice"
    SET = "start set by a person"
    RESET = "begun anew by a person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when a promise counts, and what set it going; `turn` counts how often it began anew."""

    start: datetime
    started_by: TimerStart
    stopped: datetime | None
    turn: int = 1


def onset_of(impact: Impact) -> datetime:
    """Return since when a client was hurt: as somebody said, or else as the data shows."""
    return impact.clocks.start.start if impact.clocks.start is not None else impact.onset


def mitigated_at(incident: Incident) -> datetime | None:
    """Return since when clients are no longer harmed: as somebody said, or else since all systems answer again."""
    return incident.mitigated or incident.answered


def _hurt_from(incident: Incident, impact: Impact) -> tuple[datetime, TimerStart]:
    if impact.clocks.start is not None:
        return impact.clocks.start.start, TimerStart.SET
    if impact.terms.sla.starts is ClockStart.ONSET:
        return impact.onset, TimerStart.ONSET
    # An incident that took over another one's clients may have been opened after they joined that one.
    if impact.joined != incident.opened:
        return impact.joined, TimerStart.JOINED
    return incident.opened, TimerStart.OPENING


def _detect(incident: Incident, impact: Impact) -> Iterator[Span]:
    del incident
    by = TimerStart.SET if impact.clocks.start is not None else TimerStart.ONSET
    yield Span(start=onset_of(impact), started_by=by, stopped=impact.joined)


def _acknowledge(incident: Incident, impact: Impact) -> Iterator[Span]:
    for turn, spell, since in _paged(incident, impact):
        start = max(spell.paged or since, since)
        by = TimerStart.JOINED if start == since != spell.paged else TimerStart.FIRST_PAGE
        stopped = _taken(spell, since) or spell.end
        yield Span(start=start, started_by=by, stopped=None if stopped is None else max(start, stopped), turn=turn)


def first_acknowledgement(incident: Incident, impact: Impact) -> tuple[datetime, datetime] | None:
    """Return from when it was awaited for a client, and when it came; None where it never did, or nobody was paged."""
    for _, spell, since in _paged(incident, impact):
        start, taken = max(spell.paged or since, since), _taken(spell, since)
        return None if taken is None else (start, max(start, taken))
    return None


def _paged(incident: Incident, impact: Impact) -> Iterator[tuple[int, Spell, datetime]]:
    """Yield the spells of an incident in which somebody was paged and a client was hurt, and since when it was."""
    last = incident.spells[-1] if incident.spells else Spell(start=incident.opened)
    # Of an incident that took another one over, this is of both.
    now = replace(last, paged=incident.first_paged, acknowledged=incident.acknowledged, end=incident.resolved)
    for turn, spell in enumerate((*incident.spells[:-1], now), start=1):
        since = _hurt_since(impact, spell, first=turn == 1)
        if since is not None and spell.paged is not None:
            yield turn, spell, since


def _hurt_since(impact: Impact, spell: Spell, *, first: bool) -> datetime | None:
    """Return since when a client was hurt in a spell of an incident, None where it was not."""
    if spell.end is not None and spell.end < impact.joined:
        return None
    if first or not impact.spells or impact.joined >= spell.start:
        return impact.joined
    within = (one for one in impact.spells if one.end is None or one.end > spell.start)
    return next((max(impact.joined, one.start) for one in within if spell.end is None or one.start <= spell.end), None)


def _taken(spell: Spell, since: datetime) -> datetime | None:
    """Return when somebody had an incident at or after an instant: who took it before that may have it no more."""
    if not spell.holds:
        return spell.acknowledged
    return next((max(one.start, since) for one in spell.holds if one.end is None or one.end > since), None)


def _first_notice(incident: Incident, impact: Impact) -> Iterator[Span]:
    if impact.terms.notices.tells:
        start, by = _hurt_from(incident, impact)
        yield Span(start=start, started_by=by, stopped=min(impact.told.values(), default=None))


def _next_update(incident: Incident, impact: Impact) -> Iterator[Span]:
    if not impact.terms.notices.tells:
        return
    for turn, (stage, at) in enumerate(impact.queued, start=1):
        if not stage.closes:
            following = impact.queued[turn][1] if turn < len(impact.queued) else _over(incident, impact)
            stopped = None if following is None else max(at, following)
            yield Span(start=at, started_by=TimerStart.LAST_NOTICE, stopped=stopped, turn=turn)


def _over(incident: Incident, impact: Impact) -> datetime | None:
    """Return since when nothing more can be owed to a client, None while it can."""
    return incident.resolved if incident.resolved is not None else impact.recovered


def _mitigate(incident: Incident, impact: Impact) -> Iterator[Span]:
    start, by = _hurt_from(incident, impact)
    ends = (mitigated_at(incident), impact.recovered, incident.resolved)
    yield Span(start=start, started_by=by, stopped=min((at for at in ends if at is not None), default=None))


def _repair(incident: Incident, impact: Impact) -> Iterator[Span]:
    start, by = _hurt_from(incident, impact)
    yield Span(start=start, started_by=by, stopped=impact.recovered or incident.resolved)


SPANS = {
    Promise.DETECT: _detect,
    Promise.ACKNOWLEDGE: _acknowledge,
    Promise.FIRST_NOTICE: _first_notice,
    Promise.NEXT_UPDATE: _next_update,
    Promise.MITIGATE: _mitigate,
    Promise.REPAIR: _repair,
}


def _begun_anew(impact: Impact, promise: Promise, span: Span) -> Span:
    """Return a time as people have begun it anew; what they began anew before it counts among its turns."""
    before = [
        one.at
        for one in impact.clocks.resets
        if one.promise is promise and (span.stopped is None or one.at < span.stopped)
    ]
    if not before:
        return span
    turn = span.turn + len(before)
    if before[-1] <= span.start:
        return replace(span, turn=turn)
    return Span(start=before[-1], started_by=TimerStart.RESET, stopped=span.stopped, turn=turn)


def _spans(incident: Incident, impact: Impact, promise: Promise) -> Iterator[Span]:
    found = SPANS[promise](incident, impact)
    if not impact.clocks.resets:
        return found
    return (_begun_anew(impact, promise, span) for span in found)


def span_of(incident: Incident, impact: Impact, promise: Promise) -> Span | None:
    """Return from when to when a promise counts, whether or not a contract makes it; None where it does not yet.

    Where it was promised several times it is the last, and of updates the one that is still to come.
    """
    if promise is Promise.NEXT_UPDATE:
        return _awaited_update(impact)
    return max(_spans(incident, impact, promise), key=lambda span: span.turn, default=None)


def _awaited_update(impact: Impact) -> Span | None:
    wanted = impact.terms.notices.tells and bool(impact.told)
    if not wanted or not impact.owed or impact.recovered is not None:
        return None
    start, turn = impact.queued[-1][1], len(impact.queued)
    span = Span(start=start, started_by=TimerStart.LAST_NOTICE, stopped=None, turn=turn)
    return _begun_anew(impact, Promise.NEXT_UPDATE, span)


def spans_of(incident: Incident, impact: Impact, promise: Promise) -> Iterator[Span]:
    """Yield every time over which a promise to a client has counted, the earliest first."""
    for span in _spans(incident, impact, promise):
        yield span if span.stopped is not None else replace(span, stopped=_over(incident, impact))
