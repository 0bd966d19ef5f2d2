"""Receivers with a life of their own are told what becomes of an incident: that somebody has it, and that it is over.

PagerDuty goes on paging until it is told, and a thread in a chat says what it last heard. Only those are told that keep
a thread of the incident; everybody else hears of its end by the messages that they are sent anyway.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from alerts.alert import IncidentId
from alerts.conversation import Conversation
from alerts.incident import Incident
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.timeline import Acknowledged, Event, MergedInto, Resolved
from probes.catalog import SecretRef

Said = tuple[IncidentId, Event]


def told(
    said: Iterable[Said], conversations: Mapping[str, Conversation], already: Iterable[Message]
) -> tuple[Message, ...]:
    """Return the messages to receivers that keep a thread of an incident which was acknowledged or has ended.

    `already` are the messages that are written anyway: whoever is told the end by one of these is told it once.
    """
    relevant = [one for one in said if isinstance(one[1], Acknowledged | Resolved | MergedInto)]
    if not relevant or not conversations:
        return ()
    ends = {(one.incident, one.channels[0]) for one in already if one.stage.closes and one.channels}
    return tuple(_told(relevant, conversations, ends))


def _told(
    said: Iterable[Said], conversations: Mapping[str, Conversation], ends: set[tuple[IncidentId | None, SecretRef]]
) -> Iterator[Message]:
    for incident, event in said:
        # A thread with a client is told by notices alone.
        for one in (one for one in conversations.values() if one.incident == incident and one.client is None):
            if isinstance(event, Acknowledged):
                yield _taken(one, incident, event.by, event.at)
            elif (incident, one.channel) not in ends:
                yield _over(one, incident, _why(event), event.at)


def caught_up(one: Conversation, incident: Incident, sent: Message, now: datetime) -> tuple[Message, ...]:
    """Return what a receiver is still to be told that took a message late: what came to pass while it was under way."""
    if one.client is not None or sent.stage.closes or sent.acknowledged_by:
        return ()
    if not incident.open:
        return (_over(one, incident.id, incident.resolved_why or "it is over", now),)
    since = incident.acknowledged
    if incident.held and incident.acknowledged_by and since is not None and since >= sent.created:
        return (_taken(one, incident.id, incident.acknowledged_by, now),)
    return ()


def _why(event: Event) -> str:
    if isinstance(event, MergedInto):
        return f"it is part of {event.into}, which goes on"
    return event.why if isinstance(event, Resolved) else ""


def _taken(one: Conversation, incident: IncidentId, by: str, at: datetime) -> Message:
    return Message(
        key=f"{incident}/taken/{one.key[:16]}/{at:%Y%m%dT%H%M%S.%f}",
        kind=MessageKind.NOTE,
        lane=Lane.URGENT,
        stage=Stage.UPDATE,
        recipient=one.recipient,
        channels=(one.channel,),
        subject=f"[{incident}] Acknowledged by {by}",
        body=f"{by} has {incident} since {at:%H:%M:%S} UTC; nobody else is paged.",
        created=at,
        severity=MessageSeverity.INFO,
        incident=incident,
        thread=one.thread,
        acknowledged_by=by,
    )


def _over(one: Conversation, incident: IncidentId, why: str, at: datetime) -> Message:
    return Message(
        key=f"{incident}/over/{one.key[:16]}/{at:%Y%m%dT%H%M%S.%f}",
        kind=MessageKind.NOTE,
        lane=Lane.URGENT,
        stage=Stage.RESOLVED,
        recipient=one.recipient,
        channels=(one.channel,),
        subject=f"[{incident}] Resolved",
        body=f"{incident} is resolved: {why}.",
        created=at,
        severity=MessageSeverity.SUCCESS,
        incident=incident,
        thread=one.thread,
    )
