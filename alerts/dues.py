"""What time alone makes due in an incident: the next escalation step, and notices; and who is told that it ended."""

from datetime import datetime

from alerts.draft import Context, Draft
from alerts.escalate import escalate
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Stage
from alerts.notice import next_update, notices, stage_due
from alerts.paging import all_clear, unanswered, untold_owners
from alerts.timeline import NoticesQueued


def over(incident: Incident) -> bool:
    """Return whether nothing is wrong any more and nobody is hurt, and nobody keeps the incident open."""
    quiet = not incident.active and not incident.kept_open
    return quiet and all(impact.recovered is not None for impact in incident.impacts.values())


def notify(draft: Draft, now: datetime) -> None:
    """Add the notices that clients have to be sent by now."""
    due: dict[Stage, list[Impact]] = {}
    for impact in draft.incident.impacts.values():
        stage = stage_due(impact, now)
        if stage is not None:
            due.setdefault(stage, []).append(impact)
    for stage, impacts in due.items():
        draft.messages += notices(draft.incident, impacts, stage, now)
        draft.add(NoticesQueued(at=now, stage=stage, clients=tuple(one.terms.client for one in impacts)))


def tell_the_end(draft: Draft, context: Context, now: datetime) -> None:
    """Add that everybody who was paged learns that it is over."""
    draft.suppressed += unanswered(draft.incident) + untold_owners(draft.incident)
    draft.messages += all_clear(draft.incident, context.links, now)


def due(draft: Draft, context: Context, now: datetime) -> Draft:
    """Add what time alone makes due: the next escalation step, and notices."""
    if not over(draft.incident):
        escalate(draft, context, now)
    notify(draft, now)
    return draft


def next_due(incident: Incident) -> datetime | None:
    """Return when time alone next makes something due in an incident, None where nothing is."""
    updates = (next_update(impact) for impact in incident.impacts.values()) if incident.open else ()
    return min((at for at in (incident.next_due, *updates) if at is not None), default=None)
