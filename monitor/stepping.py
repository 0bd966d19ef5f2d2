"""What people say of an escalation: that they have it for a while, or that it is to pause; with the audit's word of it.

Each function returns a decision for `Desk.decide`; what it does to the incident is for the rooms below.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from alerts.alert import IncidentId
from alerts.draft import Draft
from alerts.escalate import acknowledged, paused
from alerts.incident import Incident
from monitor.changes import Act, Changes
from monitor.record import drafted
from monitor.situation import Situation

Decision = Callable[[Situation], tuple[Incident, Changes]]


class CannotStepError(Exception):
    """It cannot be done as things stand; the message says why."""


def take(incident: IncidentId, by: str, until: datetime | None, now: datetime) -> Decision:
    """Return the decision that somebody has an incident, until an instant or for good; its answer is the incident.

    The decision raises CannotStepError where the incident is not open, or the instant is past or too far off.
    """
    detail = f"until {until:%Y-%m-%d %H:%M:%S} UTC" if until is not None else ""
    act = Act(at=now, actor=by, action="acknowledge", subject=incident, detail=detail)
    return _said(incident, act, lambda one: acknowledged(one, by, now, until=until))


def pause(incident: IncidentId, by: str, until: datetime, why: str, now: datetime) -> Decision:
    """Return the decision that an escalation pauses until an instant; its answer is the incident.

    The decision raises CannotStepError where the incident is not open, or the instant is past or too far off.
    """
    detail = f"until {until:%Y-%m-%d %H:%M:%S} UTC: {why}"
    act = Act(at=now, actor=by, action="pause escalation", subject=incident, detail=detail)
    return _said(incident, act, lambda one: paused(one, by, until, why, now))


def _said(incident: IncidentId, act: Act, word: Callable[[Incident], Draft]) -> Decision:
    def decision(situation: Situation) -> tuple[Incident, Changes]:
        known = situation.incidents.get(incident)
        if known is None or not known.open:
            raise CannotStepError(f"{incident} is not an open incident")
        try:
            draft = word(known)
        except ValueError as error:
            raise CannotStepError(f"the end {error}") from None
        return draft.incident, replace(drafted((draft,)), acts=(act,))

    return decision
