"""Which notices are due to which clients of an incident, and the messages that carry them.

A client is told that we investigate as soon as it is hurt, told again at its contract's cadence, and told that it is
over once its own backlog has drained. Who was told the first is always told the last.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.reckoning import update_due
from alerts.wording import closing_body, notice_body, notice_subject, symptoms
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


def notices(incident: Incident, impacts: Iterable[Impact], stage: Stage, now: datetime) -> Iterator[Message]:
    """Yield the messages of one stage's notices, one for each contact of each client."""
    known = symptoms(incident)
    for impact in impacts:
        by_word = stage is Stage.RESOLVED and incident.resolved_by is not None
        body = closing_body(impact, now) if by_word else notice_body(known, impact, stage, now)
        yield from _notice(incident, impact, stage, body, now)


def _notice(incident: Incident, impact: Impact, stage: Stage, body: str, now: datetime) -> Iterator[Message]:
    turn = len(impact.queued) + 1
    for place, contact in enumerate(impact.terms.contacts, start=1):
        yield Message(
            key=f"{incident.id}/notice/{impact.terms.client}/{turn}/{place}",
            kind=MessageKind.NOTICE,
            lane=Lane.NORMAL,
            stage=stage,
            recipient=contact.name,
            channels=(contact.channel,),
            subject=notice_subject(incident, stage),
            body=body,
            created=now,
            severity=SEVERITIES[stage],
            weight=impact.terms.weight,
            incident=incident.id,
            client=impact.terms.client,
        )
