"""What an incident does next: the events and the messages that follow from alerts, time and people.

Every function is a decision: it takes the state and `now` and returns a :class:`Draft` of events (each with its reason)
and messages, which the shell writes in one transaction. Nothing is sent here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from alerts.alert import Alert, IncidentId
from alerts.answered import answered
from alerts.apart import each_apart
from alerts.draft import Context, Draft, Evaluated, Response, still
from alerts.dues import due, tell_the_end
from alerts.gathering import Gathering, gather
from alerts.harm import hurt
from alerts.holding import hold
from alerts.incident import Incident
from alerts.notifying import notify
from alerts.recover import finish, recover
from alerts.severity import any_cutoffs, severity
from alerts.timeline import AlertsCleared, ClientsRecovered, Recovery, Resolved
from alerts.unseen import waiting

NO_WORSE = "it is as severe as whom it hurts"


def _severity(draft: Draft, context: Context, now: datetime) -> None:
    known = still(draft, context)
    if NO_WORSE in known:
        return
    risen = severity(draft.incident, context.catalog, context.roster, now)
    if risen is not None:
        draft.add(risen)
    elif draft.incident.impacts and not any_cutoffs(draft.incident, context.catalog):
        known[NO_WORSE] = True


def _cleared(gathering: Gathering) -> None:
    """Take alerts that have ended out of those that their incidents wait for."""
    gone: dict[IncidentId, list[str]] = {}
    for alert in gathering.evaluated.moved:
        key = str(alert.key)
        incident = gathering.home(gathering.joined.get(key, alert)) if not alert.active else None
        if incident is not None and incident.open and key in incident.active:
            gone.setdefault(incident.id, []).append(key)
    for identity, keys in gone.items():
        draft, known = gathering.draft(identity), gathering.evaluated.alerts
        back = answered(draft.incident, keys, known)
        silent = tuple(key for key in keys if key in known and known[key].silent)
        draft.add(AlertsCleared(at=gathering.now, alerts=tuple(keys), answered=back, silent=silent))


def _by_incident(alerts: Iterable[Alert]) -> Mapping[IncidentId | None, list[Alert]]:
    found: dict[IncidentId | None, list[Alert]] = {}
    for alert in alerts:
        found.setdefault(alert.incident, []).append(alert)
    return found


def respond(
    evaluated: Evaluated, incidents: Mapping[IncidentId, Incident], context: Context, number: int, now: datetime
) -> Response:
    """Return what follows from an evaluation: incidents opened, joined, recovered and resolved, and who is told.

    `number` is the next free incident number. Every open incident is looked at, because a client may recover without
    any alert moving (its backlog drained).
    """
    waits = waiting(evaluated.alerts.values(), context.catalog)
    if not evaluated.moved and not waits and not any(one.open or one.active for one in incidents.values()):
        # So it is after nearly every look: nothing began, nothing goes on.
        return Response(drafts=(), alerts=())
    if context.quiet.settled is not None:
        context.quiet.settled.forget({alert.incident for alert in evaluated.moved})
    context = replace(context, quiet=replace(context.quiet, alerts=evaluated.alerts))
    gathering = Gathering(evaluated=evaluated, incidents=incidents, context=context, number=number, now=now)
    gather(gathering)
    drafts, joined = gathering.drafts, gathering.joined
    _cleared(gathering)
    for incident in incidents.values():
        if incident.open:
            drafts.setdefault(incident.id, Draft(incident=incident))
    fresh = _by_incident(joined.values())

    def decide(draft: Draft) -> None:
        hurt(draft, fresh.get(draft.incident.id, ()), context, now)
        _severity(draft, context, now)
        hold(draft, evaluated, context, now)
        recover(draft, evaluated, context, now)
        due(draft, context, now)
        finish(draft, context, now)

    failed = each_apart([draft for draft in drafts.values() if draft.incident.open], decide)
    changed = tuple(draft for draft in drafts.values() if draft.events)
    return Response(drafts=changed, alerts=tuple(joined.values()), failed=failed)


def resolved(  # noqa: PLR0913 - who ends which incident, why, and when
    incident: Incident, by: str, why: str, context: Context, now: datetime, *, false_alarm: bool = False
) -> Draft:
    """Return what a person's word does: the incident ends, and everybody who was told of it is told so.

    A false alarm is taken back: clients are told that they were not disturbed.
    """
    draft = Draft(incident=incident)
    unrecovered = tuple(
        Recovery(client=client, drained=now) for client, impact in incident.impacts.items() if impact.recovered is None
    )
    if unrecovered:
        draft.add(ClientsRecovered(at=now, recovered=unrecovered))
    draft.add(Resolved(at=now, why=why, by=by, false_alarm=false_alarm))
    notify(draft, context, now)
    tell_the_end(draft, context, now)
    return draft
