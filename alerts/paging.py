"""The messages to people of ours: a page for each that a step reaches, and word of the end for each that was paged.

Whom a step reaches is for `escalation`, when it is due for `respond`.
"""

from dataclasses import replace
from datetime import datetime

from alerts.briefing import briefing, ended
from alerts.concern import Concern
from alerts.draft import Context
from alerts.escalation import PageReason
from alerts.incident import Incident
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.oncall import Person, PersonId
from alerts.wording import page_subject


def page(  # noqa: PLR0913, PLR0917 - who is told what of which incident, why, and when
    incident: Incident, person: Person, reason: PageReason, context: Context, now: datetime, why: str = ""
) -> Message:
    """Return the page of the step that an incident has just taken, to one person; `why` is why now, in words."""
    return Message(
        key=f"{incident.id}/page/{incident.pages}/{person.id}",
        kind=MessageKind.PAGE,
        lane=Lane.URGENT,
        stage=Stage.INVESTIGATING,
        recipient=person.id,
        channels=person.channels,
        subject=page_subject(incident),
        body=briefing(incident, person, reason, context, now, why),
        created=now,
        severity=MessageSeverity.FAILURE,
        weight=incident.weight,
        incident=incident.id,
        step=incident.next_step - 1,
    )


def owner_page(incident: Incident, person: Person, concern: Concern, context: Context, now: datetime) -> Message:
    """Return the page to the owner of a kind of failure for which another policy does not page."""
    return replace(
        page(incident, person, PageReason.OWNER, context, now, f"{concern} of it has you for its owner"),
        key=_owner_key(incident, concern, person.id),
        step=None,
    )


def _owner_key(incident: Incident, concern: Concern, person: PersonId) -> str:
    again = f"/{incident.reopenings}" if incident.reopenings else ""
    return f"{incident.id}/owner/{concern}/{person}{again}"


def all_clear(incident: Incident, context: Context, now: datetime) -> list[Message]:
    """Return a message for each person who was paged since it was last opened, that says how it ended."""
    again = f"/{incident.reopenings}" if incident.reopenings else ""
    return [
        Message(
            key=f"{incident.id}/page/resolved{again}/{person.id}",
            kind=MessageKind.PAGE,
            lane=Lane.URGENT,
            stage=Stage.RESOLVED,
            recipient=person.id,
            channels=person.channels,
            subject=f"[{incident.id}] Resolved",
            body=ended(incident, person, context, now),
            created=now,
            severity=MessageSeverity.SUCCESS,
            weight=incident.weight,
            incident=incident.id,
        )
        for person in (incident.people[identity] for identity in incident.paged)
    ]


def unanswered(incident: Incident) -> list[str]:
    """Return the keys of pages that nobody needs any more if they still wait to be sent."""
    return [f"{incident.id}/page/{turn}/{person}" for turn in range(1, incident.pages + 1) for person in incident.paged]


def untold_owners(incident: Incident) -> list[str]:
    """Return the keys of pages to owners that nobody needs any more once it is over."""
    return [_owner_key(incident, one, person) for one in incident.standing.told for person in incident.paged]
