"""One incident made of two, and two of one: what is handed over, and what both timelines say of it.

Nothing of what was promised or told is lost by either: each client keeps its own instants and its notices, and whoever
was paged is told the end by the incident that goes on.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.alert import Alert, AlertKind, IncidentId, attached
from alerts.draft import Draft
from alerts.escalated import goes_on
from alerts.fold import opened
from alerts.incident import Incident
from alerts.paging import unanswered
from alerts.timeline import Escalating, MergedInto, Opened, SplitOff, TakenOver, Taking
from probes.catalog import ClientId


class CannotBeDone(Exception):  # noqa: N818 - it says what is wrong with what was asked
    """What somebody asked for cannot be done to this incident; the message says why, in words for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """Who says something of an incident, why, and when; `by` is None where the evidence does."""

    why: str
    at: datetime
    by: str | None = None


def escalating(incident: Incident) -> Escalating:
    """Return how far an incident's escalation has come."""
    return Escalating(
        tier=incident.tier,
        weight=incident.weight,
        policy=incident.policy,
        next_step=incident.next_step,
        next_due=incident.next_due,
        people=incident.people,
        paged=incident.paged,
        first_paged=incident.first_paged,
        acknowledged=incident.acknowledged,
        acknowledged_by=incident.acknowledged_by,
        owner=incident.owner,
        seen=incident.seen,
        standing=incident.standing,
    )


def merge(survivor: Draft, other: Draft, saying: Saying) -> None:
    """Let an incident go on with all that is another one's, which ends.

    Its pages that wait are not sent, unless its escalation is the worse one and goes on: then somebody is to get them.

    Raises:
        CannotBeDone: they are the same, or one of them is over.
    """
    one, two = survivor.incident, other.incident
    if one.id == two.id:
        raise CannotBeDone(f"{one.id} cannot be merged with itself")
    over = next((incident for incident in (one, two) if not incident.open), None)
    if over is not None:
        raise CannotBeDone(f"{over.id} is over, so it cannot be merged; reopen it first")
    two_escalates = escalating(two)
    survivor.add(
        TakenOver(
            at=saying.at,
            how=Taking.MERGED,
            origin=two.id,
            alerts=two.alerts,
            active=two.active,
            impacts=tuple(two.impacts.values()),
            nodes=two.nodes,
            onset=two.onset,
            escalating=two_escalates,
            why=saying.why,
            by=saying.by,
            blind=two.blind,
            evidence=two.evidence,
        )
    )
    if not goes_on(two_escalates, one):
        other.suppressed += unanswered(two)
    other.add(MergedInto(at=saying.at, into=one.id, why=saying.why, by=saying.by))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is to leave an incident: alerts by their keys, and clients."""

    alerts: frozenset[str] = frozenset()
    clients: frozenset[ClientId] = frozenset()


def client_of(key: str) -> ClientId | None:
    """Return the client that an alert's key names, None where it names none."""
    parts = key.split("/", 2)
    return ClientId(parts[2]) if len(parts) > 2 else None  # noqa: PLR2004 - kind, subject, client


def closed_part(incident: Incident, asked: Part) -> Part:
    """Return what leaves an incident with what was asked for: with a client its alerts, with its last alert a client.

    Raises:
        CannotBeDone: something is not part of the incident, or nothing would leave it, or nothing would stay.
    """
    unknown = sorted((asked.alerts - incident.alerts.keys()) | (asked.clients - incident.impacts.keys()))
    if unknown:
        raise CannotBeDone(f"{unknown[0]} is not part of {incident.id}")
    alerts = asked.alerts | {key for key in incident.alerts if client_of(key) in asked.clients}
    stay = incident.alerts.keys() - alerts
    if not alerts:
        raise CannotBeDone("no alert would leave; an incident is made of alerts, so name one, or a client that has one")
    if not stay:
        raise CannotBeDone(f"every alert of {incident.id} would leave it; there would be nothing to split it from")
    return Part(alerts=frozenset(alerts), clients=asked.clients | _left_alone(incident, alerts, stay))


def _left_alone(incident: Incident, gone: Collection[str], stay: Collection[str]) -> frozenset[ClientId]:
    """Return the clients all of whose own alerts leave, where no system that is down stays behind to hurt them."""
    if any(key.partition("/")[0] == AlertKind.AVAILABILITY for key in stay):
        return frozenset()
    left, held = {client_of(key) for key in gone}, {client_of(key) for key in stay}
    everybody = None in left and None not in held
    return frozenset(one for one in incident.impacts if one not in held and (everybody or one in left))


def split(draft: Draft, part: Part, identity: IncidentId, alerts: Mapping[str, Alert], saying: Saying) -> Draft:
    """Return a new incident of what leaves one; both go on as they were, and are not joined again by themselves.

    Raises:
        CannotBeDone: it is over, or it cannot be split so.
    """
    origin = draft.incident
    if not origin.open:
        raise CannotBeDone(f"{origin.id} is over, so it cannot be split")
    part = closed_part(origin, part)
    impacts = tuple(one for client, one in origin.impacts.items() if client in part.clients)
    known = [alerts[key] for key in sorted(part.alerts) if key in alerts]
    nodes = _common((alert.nodes for alert in known), origin.nodes)
    onsets = [*(one.onset for one in impacts), *(alert.onset for alert in known)]
    began = Opened(at=saying.at, onset=min(onsets, default=origin.onset), nodes=nodes, blind=origin.blind)
    fresh = Draft(incident=opened(identity, began), events=[began])
    fresh.add(
        TakenOver(
            at=saying.at,
            how=Taking.SPLIT,
            origin=origin.id,
            alerts={key: text for key, text in origin.alerts.items() if key in part.alerts},
            active=origin.active & part.alerts,
            impacts=impacts,
            nodes=nodes,
            onset=began.onset,
            escalating=escalating(origin),
            why=saying.why,
            by=saying.by,
            blind=origin.blind,
        )
    )
    gone, hurt = tuple(sorted(part.alerts)), tuple(sorted(part.clients))
    draft.add(SplitOff(at=saying.at, into=identity, alerts=gone, clients=hurt, why=saying.why, by=saying.by or ""))
    return fresh


def _common(several: Iterable[frozenset[str]], otherwise: frozenset[str]) -> frozenset[str]:
    sets = list(several)
    common = frozenset.intersection(*sets) if sets else otherwise
    return common or (frozenset().union(*sets) if sets else otherwise)


def moved_alerts(alerts: Mapping[str, Alert], keys: Iterable[str], incident: IncidentId) -> tuple[Alert, ...]:
    """Return those alerts that still exist, as part of the incident that has them now."""
    return tuple(attached(alerts[key], incident) for key in keys if key in alerts)
