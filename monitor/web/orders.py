"""What people order about an incident, for programs: merge, split, reassign, set its severity, reopen."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from alerts.alert import IncidentId
from alerts.merging import Part
from alerts.oncall import PersonId
from alerts.orders import Grade, Merge, Order, Reassign, Reopen, Split
from monitor.web import lookup
from monitor.web.api import MISSING, REFUSALS, WRITING, detail
from monitor.web.guard import Desk, bearer_scheme
from monitor.web.office import Office
from monitor.web.shapes import IncidentDetailShape, Person, Reason, Shape
from probes.catalog import ClientId, TierId

router = APIRouter(
    prefix="/api/v1/incidents/{incident}",
    tags=["incidents"],
    responses={**REFUSALS, **MISSING, **WRITING},
    dependencies=[Depends(bearer_scheme)],
)

Name = Annotated[str, Field(min_length=1, max_length=200)]


class OrderRequest(Shape):
    """Who says so, and why: both are kept on the timeline and in the audit."""

    by: Person
    why: Reason


class MergeRequest(OrderRequest):
    """The incident takes over `other`, which ends."""

    other: Name


class SplitRequest(OrderRequest):
    """These alerts, by their keys, and these clients become an incident of their own."""

    alerts: list[Name] = Field(default_factory=list, max_length=10_000)
    clients: list[Name] = Field(default_factory=list, max_length=10_000)


class ReassignRequest(OrderRequest):
    """The incident is this person's from now on; they are paged."""

    to: Name


class SeverityRequest(OrderRequest):
    """The incident is as severe as one that hurts this tier."""

    tier: Name


@router.post("/merge")
async def merge(desk: Desk, incident: str, said: MergeRequest) -> IncidentDetailShape:
    """Let an incident go on with all that is another one's, which ends; nobody is paged for it."""
    other = IncidentId(said.other)
    return await _ordered(desk, Merge(incident=IncidentId(incident), by=said.by, why=said.why, other=other))


@router.post("/split")
async def split(desk: Desk, incident: str, said: SplitRequest) -> IncidentDetailShape:
    """Make an incident of its own of some alerts and clients; the timeline names it."""
    part = Part(alerts=frozenset(said.alerts), clients=frozenset(map(ClientId, said.clients)))
    return await _ordered(desk, Split(incident=IncidentId(incident), by=said.by, why=said.why, part=part))


@router.post("/reassign")
async def reassign(desk: Desk, incident: str, said: ReassignRequest) -> IncidentDetailShape:
    """Give an incident to a person, who is paged."""
    return await _ordered(desk, Reassign(incident=IncidentId(incident), by=said.by, why=said.why, to=PersonId(said.to)))


@router.post("/severity")
async def severity(desk: Desk, incident: str, said: SeverityRequest) -> IncidentDetailShape:
    """Raise or lower an incident to the severity of a tier; lowered, it stays so until something worse joins."""
    return await _ordered(desk, Grade(incident=IncidentId(incident), by=said.by, why=said.why, tier=TierId(said.tier)))


@router.post("/reopen")
async def reopen(desk: Desk, incident: str, said: OrderRequest) -> IncidentDetailShape:
    """Let an incident that is over go on until somebody ends it."""
    return await _ordered(desk, Reopen(incident=IncidentId(incident), by=said.by, why=said.why))


async def _ordered(desk: Office, order: Order) -> IncidentDetailShape:
    await lookup.incident(desk, order.incident)
    return await detail(desk, await desk.order(order))
