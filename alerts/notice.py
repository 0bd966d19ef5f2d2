"""Which notices are due to which clients of an incident, and the messages that carry them.

A client is told that we investigate as soon as it is hurt, told again at its contract's cadence, and told that it is
over once its own backlog has drained. Who was told the first is always told the last.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from alerts.alert import IncidentId
from alerts.audience import Audience, audiences
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.letter import render
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.reckoning import update_due
from alerts.words import Words
from probes.catalog import NoticePolicy

SEVERITIES = {
    Stage.INVESTIGATING: MessageSeverity.WARNING,
    Stage.UPDATE: MessageSeverity.WARNING,
    Stage.RESOLVED: MessageSeverity.SUCCESS,
}


def _told(impact: Impact) -> bool:
    return impact.terms.notices is NoticePolicy.AUTOMATIC and bool(impact.terms.contacts)


def next_update(impact: Impact) -> datetime | None:
    """Return when the next update to a client is due, None where none is."""
    if not impact.owed or impact.recovered is not None:
        return None
    return update_due(impact.terms, impact.queued[-1][1])


def stage_due(impact: Impact, now: datetime) -> Stage | None:
    """Return the stage of the notice that is due to a client at this instant, None where nothing is."""
    if not _told(impact):
        return None
    if impact.recovered is not None:
        return Stage.RESOLVED if impact.owed else None
    if not impact.owed:
        return Stage.INVESTIGATING
    due = next_update(impact)
    return Stage.UPDATE if due is not None and due <= now else None


def notices(
    incident: Incident, impacts: Iterable[Impact], stage: Stage, words: Words, now: datetime
) -> Iterator[Message]:
    """Yield the messages of one stage's notices, one for each contact of each client."""
    for impact, those in audiences(incident, impacts, stage, now):
        yield from _notice(impact, those, words)


def _notice(impact: Impact, those: tuple[Audience, ...], words: Words) -> Iterator[Message]:
    turn = len(impact.queued) + 1
    for place, (contact, audience) in enumerate(zip(impact.terms.contacts, those, strict=True), start=1):
        letter = render(audience, words)
        yield Message(
            key=f"{audience.number}/notice/{impact.terms.client}/{turn}/{place}",
            kind=MessageKind.NOTICE,
            lane=Lane.NORMAL,
            stage=audience.stage,
            recipient=contact.name,
            channels=(contact.channel,),
            subject=letter.subject,
            body=letter.body,
            html=letter.html,
            created=audience.at,
            severity=SEVERITIES[audience.stage],
            weight=impact.terms.weight,
            incident=IncidentId(audience.number),
            client=impact.terms.client,
        )
