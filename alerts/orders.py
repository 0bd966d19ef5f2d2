"""What people can order about an incident, as values, and what an order comes to.

Every order names who gives it and why; the shell writes what it comes to in one transaction, with an act for the audit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.alert import Alert, IncidentId
from alerts.byhand import graded, reassigned, reopened
from alerts.draft import Context, Draft, Response
from alerts.incident import Incident
from alerts.merging import CannotBeDone, Part, Saying, merge, moved_alerts, split
from alerts.oncall import PersonId
from probes.catalog import TierId


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Something that somebody (`by`) orders about an incident, and why."""

    incident: IncidentId
    by: str
    why: str

    @property
    def action(self) -> str:
        """The word for it in the audit."""
        return type(self).__name__.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(Order):
    """It goes on with all that is another one's, which ends."""

    other: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Order):
    """Some of its alerts and clients become an incident of their own."""

    part: Part = field(default_factory=Part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassign(Order):
    """It is a person's from now on."""

    to: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade(Order):
    """It is as severe as one that hurts a tier."""

    tier: TierId


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(Order):
    """It is not over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an order is given on: the incidents and alerts as they are, and the next free incident number."""

    incidents: Mapping[IncidentId, Incident]
    alerts: Mapping[str, Alert]
    number: int


def carried_out(order: Order, standing: Standing, context: Context, now: datetime) -> Response:
    """Return what an order comes to: the incidents that change, and the alerts that are another one's then.

    Raises:
        CannotBeDone: as things stand it cannot be done, or something that it names is not there.
    """
    if not order.why.strip() or not order.by.strip():
        raise CannotBeDone("who says so and why must be said; neither may be empty")
    incident, saying = _known(standing, order.incident), Saying(why=order.why, at=now, by=order.by)
    match order:
        case Merge():
            return _merged(Draft(incident=incident), Draft(incident=_known(standing, order.other)), standing, saying)
        case Split():
            return _split(Draft(incident=incident), order.part, standing, saying)
        case Reassign():
            owner = context.roster.people.get(order.to)
            if owner is None:
                raise CannotBeDone(f"there is nobody called {order.to} under people")
            return Response(drafts=(reassigned(incident, owner, saying, context),), alerts=())
        case Grade():
            tier = context.catalog.tiers.get(order.tier)
            if tier is None:
                raise CannotBeDone(f"there is no tier {order.tier}")
            return Response(drafts=(graded(incident, tier, saying, context),), alerts=())
        case Reopen():
            return Response(drafts=(reopened(incident, standing.alerts, saying, context),), alerts=())
        case _:
            raise CannotBeDone(f"nobody can order {order.action}")


def _known(standing: Standing, identity: IncidentId) -> Incident:
    incident = standing.incidents.get(identity)
    if incident is None:
        raise CannotBeDone(f"{identity} is not known, or was over so long ago that it is only on record")
    return incident


def _merged(survivor: Draft, other: Draft, standing: Standing, saying: Saying) -> Response:
    keys = sorted(other.incident.alerts)
    merge(survivor, other, saying)
    return Response(drafts=(survivor, other), alerts=moved_alerts(standing.alerts, keys, survivor.incident.id))


def _split(draft: Draft, part: Part, standing: Standing, saying: Saying) -> Response:
    identity = IncidentId(f"INC-{standing.number}")
    fresh = split(draft, part, identity, standing.alerts, saying)
    moved = moved_alerts(standing.alerts, sorted(fresh.incident.alerts), identity)
    return Response(drafts=(fresh, draft), alerts=moved)
