"""What time alone makes due in an incident: the next escalation step, and notices; and who is told that it ended."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from alerts.draft import Context, Draft, still
from alerts.escalate import escalate
from alerts.incident import Incident
from alerts.news import changes
from alerts.notice_draft import holding
from alerts.notifying import notify
from alerts.paging import all_clear, unanswered, untold_owners
from alerts.pausing import clock_events
from alerts.standstill import agreed_causes

PAUSED = "a clock stands still, or did"


def over(incident: Incident) -> bool:
    """Return whether nothing is wrong any more and nobody is hurt, and nobody keeps the incident open."""
    quiet = not incident.active and not incident.kept_open
    return quiet and all(impact.recovered is not None for impact in incident.impacts.values())


def tell_the_end(draft: Draft, context: Context, now: datetime) -> None:
    """Add that everybody who was paged learns that it is over."""
    draft.suppressed += unanswered(draft.incident) + untold_owners(draft.incident)
    draft.messages += all_clear(draft.incident, context, now)


def due(draft: Draft, context: Context, now: datetime) -> Draft:
    """Add what time alone makes due: clocks that stand still, the next escalation step, and notices."""
    if context.quiet.anything or _paused(draft, context):
        _turn_clocks(draft, context, now)
    if not over(draft.incident):
        escalate(draft, context, now)
    notify(draft, context, now)
    return draft


def _paused(draft: Draft, context: Context) -> bool:
    """Whether any clock stands still, or ever did."""
    known = still(draft, context)
    if PAUSED not in known:
        known[PAUSED] = any(one.clocks.pauses for one in draft.incident.impacts.values())
    return known[PAUSED]


def _turn_clocks(draft: Draft, context: Context, now: datetime) -> None:
    """Let clocks stand still and run again as was agreed; where nothing has changed none turns."""
    found = context.quiet.found(draft.incident, now)
    if "no clock turns" not in found:
        turns = clock_events(draft.incident, agreed_causes(context.quiet, draft.incident, now), now)
        for turn in turns:
            draft.add(turn)
        if not turns:
            found["no clock turns"] = True


def attended(incidents: Iterable[Incident], context: Context) -> list[Incident]:
    """Return the incidents that time concerns, worst first: open ones, and those whose end waits for somebody."""
    waits = {one.incident for one in context.notice_drafts.values() if one.waiting}
    found = [one for one in incidents if one.open or one.id in waits]
    return sorted(found, key=lambda one: (not one.open, -one.weight, one.opened))


def attend(draft: Draft, context: Context, now: datetime) -> None:
    """Add what time alone makes due; of an incident that has ended, drafts may still wait to be sent."""
    if draft.incident.open:
        due(draft, context, now)
    else:
        notify(draft, context, now)


def next_due(incident: Incident, context: Context, now: datetime) -> datetime | None:
    """Return when time alone next makes something due in an incident, None where nothing is.

    What is due and kept back may be told when something that keeps messages back next begins or ends.
    """
    if not incident.open:
        return None
    told = [at for at in (*changes(incident), *_consents(incident, context)) if at > now]
    instants = [at for at in (incident.next_due, *told) if at is not None]
    if incident.muted or incident.unnotified or any(at <= now for at in instants):
        instants = [at for at in (*instants, context.quiet.next_change(now)) if at is not None and at > now]
    return min(instants, default=None)


def _consents(incident: Incident, context: Context) -> Iterator[datetime]:
    """Yield when drafts of an incident are due: what nobody could make fit to be sent goes out then as it may."""
    drafts = holding(context.notice_drafts, incident.id)
    return (one.due for one in drafts if one.due is not None)
