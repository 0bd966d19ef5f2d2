"""What time alone makes due in an incident: the next escalation step, and notices; and who is told that it ended."""

from collections.abc import Collection, Iterable
from datetime import datetime

from alerts.draft import Context, Draft
from alerts.escalate import escalate
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Stage
from alerts.mute import KeptBack, Mute
from alerts.notice import next_update, notices, stage_due
from alerts.paging import all_clear, unanswered, untold_owners
from alerts.pausing import clock_events
from alerts.preferences import addressed
from alerts.standstill import agreed_causes
from alerts.timeline import NoticesQueued
from probes.catalog import ClientId


def over(incident: Incident) -> bool:
    """Return whether nothing is wrong any more and nobody is hurt, and nobody keeps the incident open."""
    quiet = not incident.active and not incident.kept_open
    return quiet and all(impact.recovered is not None for impact in incident.impacts.values())


def notify(draft: Draft, context: Context, now: datetime) -> None:
    """Add the notices that clients have to be sent by now, but for those that something keeps back: never an end."""
    due: dict[Stage, list[Impact]] = {}
    for impact in draft.incident.impacts.values():
        stage = stage_due(impact, now)
        if stage is not None:
            due.setdefault(stage, []).append(impact)
    kept = _keep_back(draft, context, (one for stage in due if stage is not Stage.RESOLVED for one in due[stage]), now)
    for stage, concerned in due.items():
        impacts = [one for one in concerned if stage is Stage.RESOLVED or one.terms.client not in kept]
        if not impacts:
            continue
        told = notices(draft.incident, impacts, stage, context.words, now)
        draft.messages += addressed(told, context.preferences, now)
        draft.add(NoticesQueued(at=now, stage=stage, clients=tuple(one.terms.client for one in impacts)))


def _keep_back(draft: Draft, context: Context, impacts: Iterable[Impact], now: datetime) -> Collection[ClientId]:
    """Return the clients whose notices are kept back, and put down what has come to keep them back."""
    clients = [one.terms.client for one in impacts]
    kept = context.quiet.notices(draft.incident, clients, now) if clients else {}
    news: dict[tuple[Mute, ...], list[ClientId]] = {}
    for client, mutes in kept.items():
        if draft.incident.unnotified.get(client) != mutes:
            news.setdefault(mutes, []).append(client)
    for mutes, those in news.items():
        draft.add(KeptBack(at=now, clients=tuple(those), mutes=mutes))
    return kept


def tell_the_end(draft: Draft, context: Context, now: datetime) -> None:
    """Add that everybody who was paged learns that it is over."""
    draft.suppressed += unanswered(draft.incident) + untold_owners(draft.incident)
    draft.messages += all_clear(draft.incident, context, now)


def due(draft: Draft, context: Context, now: datetime) -> Draft:
    """Add what time alone makes due: clocks that stand still, the next escalation step, and notices."""
    if context.quiet.anything or any(one.clocks.pauses for one in draft.incident.impacts.values()):
        for turn in clock_events(draft.incident, agreed_causes(context.quiet, draft.incident, now), now):
            draft.add(turn)
    if not over(draft.incident):
        escalate(draft, context, now)
    notify(draft, context, now)
    return draft


def next_due(incident: Incident, context: Context, now: datetime) -> datetime | None:
    """Return when time alone next makes something due in an incident, None where nothing is.

    What is due and kept back may be told when something that keeps messages back next begins or ends.
    """
    updates = (next_update(impact) for impact in incident.impacts.values()) if incident.open else ()
    instants = [at for at in (incident.next_due, *updates) if at is not None]
    if incident.open and (incident.muted or incident.unnotified or any(at <= now for at in instants)):
        instants = [at for at in (*instants, context.quiet.next_change(now)) if at is not None and at > now]
    return min(instants, default=None)
