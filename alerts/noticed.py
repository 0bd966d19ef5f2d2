"""How an incident changes with what clients are told of it: that part of the incident's fold.

Who is owed an end is for `debt`, how far the incident has come for `course`.
"""

from collections.abc import Sequence
from dataclasses import replace

from alerts import course, debt, escalated
from alerts.course import StageSaid
from alerts.incident import Incident
from alerts.mute import DebtsWaived, KeptBack
from alerts.notice_draft import DraftMoved
from alerts.timeline import NoticesQueued, Told


def queued(incident: Incident, event: NoticesQueued) -> Incident:
    """Return the incident after notices were written for clients."""
    impacts = dict(incident.impacts)
    for client in event.clients:
        known = impacts[client]
        impacts[client] = replace(known, queued=(*known.queued, (event.stage, event.at)), facts=event.facts)
    unnotified = {client: why for client, why in incident.unnotified.items() if client not in event.clients}
    return replace(incident, impacts=impacts, unnotified=unnotified)


def told(incident: Incident, event: Told) -> Incident:
    """Return the incident after a receiver has accepted a page or a notice."""
    return told_together(incident, (event,))


def told_together(incident: Incident, events: Sequence[Told]) -> Incident:
    """Return the incident as it is after `told` of each of these in turn: thousands at once are copied once."""
    impacts, debts = dict(incident.impacts), dict(incident.debts)
    paged = frozenset[str](incident.paged)
    for event in events:
        if event.client is not None or event.recipient in paged:
            debt.told(debts, debt.Debtor(recipient=event.recipient, client=event.client), event.stage, event.at)
        if event.client is None or event.client not in impacts:
            incident = escalated.told(incident, event)
        else:
            impact = impacts[event.client]
            impacts[event.client] = replace(impact, told={event.stage: event.at, **impact.told})
    return replace(incident, impacts=impacts, debts=debts, version=incident.version + len(events))


def kept_back(incident: Incident, event: KeptBack) -> Incident:
    """Return the incident after something has kept a page or notices back."""
    unnotified = {**incident.unnotified, **dict.fromkeys(event.clients, event.mutes)}
    return replace(incident, muted=event.mutes if event.pages else incident.muted, unnotified=unnotified)


def waived(incident: Incident, event: DebtsWaived) -> Incident:
    """Return the incident whose end nobody need be told any more."""
    del event
    return replace(incident, debts={})


def stage_said(incident: Incident, event: StageSaid) -> Incident:
    """Return the incident after somebody said how far it has come."""
    return replace(incident, course=course.said(incident.course, event))


def draft_moved(incident: Incident, event: DraftMoved) -> Incident:
    """Return the incident as it was: what becomes of a draft stands on the timeline, and changes no state."""
    del event
    return incident
