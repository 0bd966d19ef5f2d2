"""Escalating before the breach: the next step comes sooner, once, where a promise will rather be broken than kept."""

from datetime import datetime
from heapq import nlargest

from alerts.clocks import Promise
from alerts.draft import Context, Draft
from alerts.escalation import put_off, step_at
from alerts.forecast import Forecast, forecast
from alerts.incident import Incident
from alerts.sla import TimerState, timer_of
from alerts.steps import StepCause, StepMoved

MOST_CLIENTS = 100
"""Of so many clients, the heaviest tiers', the promises are looked at: a storm hurts thousands at one instant."""


def hurry(draft: Draft, context: Context, now: datetime) -> None:
    """Bring the next step forward where the past says that a promise of repair will hardly be kept."""
    incident = draft.incident
    rule = context.roster.forecasting.get(incident.tier) if incident.tier is not None else None
    if rule is None or not context.past or not _waits(incident, now) or (incident.held and not rule.held):
        return
    seen = outlook(incident, context, now)
    if seen is not None and seen.probability > rule.above:
        cause, why = StepCause.FORECAST, seen.sentence
        draft.add(StepMoved(at=now, step=incident.next_step, next_due=now, cause=cause, why=why))


def outlook(incident: Incident, context: Context, now: datetime) -> Forecast | None:
    """Return the forecast for the promise of repair that breaks next, None where none runs or too little is known."""
    due = next_breach(incident, now)
    return None if due is None else forecast(context.past, incident, due, now)


def next_breach(incident: Incident, now: datetime) -> datetime | None:
    """Return when a promise of repair that still can be kept next breaks, None where there is none."""
    hurt = [one for one in incident.impacts.values() if one.recovered is None]
    timers = (
        timer_of(incident, one, Promise.REPAIR, now)
        for one in nlargest(MOST_CLIENTS, hurt, key=lambda one: one.terms.weight)
    )
    running = (one for one in timers if one is not None and one.state is TimerState.RUNNING)
    return min((one.due for one in running if one.due > now), default=None)


def _waits(incident: Incident, now: datetime) -> bool:
    """Whether a step is to come that could come sooner, and none was brought forward yet."""
    standing, policy = incident.standing, incident.policy
    paused = standing.paused_until is not None and standing.paused_until > now
    if standing.hurried is not None or paused or policy is None:
        return False
    # A step that waits for its hours would take the place of the instant at which the acknowledgement runs out.
    if incident.held and put_off(policy, incident.next_step, now) is not None:
        return False
    if incident.next_due is None:
        return incident.held and step_at(policy, incident.next_step) is not None
    return incident.next_due > now
