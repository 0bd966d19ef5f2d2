"""The REST API under /api/v1: what the pages show, for programs; and the two things that can be said of an incident.

Reading is open on loopback; writing needs the bearer token, or a session with its form token (`guard`).
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response

from alerts.alert import IncidentId
from alerts.causes import live
from alerts.incident import Incident
from alerts.stake import stake
from monitor.problem import Problem
from monitor.web import lookup, shaping, watched
from monitor.web.access import sign_in_link
from monitor.web.guard import Caller, Desk, bearer_scheme
from monitor.web.lookup import NotFound
from monitor.web.office import Office
from monitor.web.search import Search
from monitor.web.shapes import (
    AcknowledgeRequest,
    AlertShape,
    AttemptShape,
    ClientDetailShape,
    ClientShape,
    DeliveryShape,
    ErrorShape,
    FlowShape,
    IncidentDetailShape,
    IncidentFilter,
    IncidentShape,
    Listing,
    OnCallShape,
    ProblemShape,
    ReloadShape,
    ResolveRequest,
    SignInLink,
)
from monitor.web.view import clients, flows, people, story
from monitor.web.view.incidents import incident_view
from monitor.web.watched import SystemShape
from probes.catalog import ClientId, FlowId, SystemId

REFUSALS: Mapping[int | str, dict[str, Any]] = {
    401: {"model": ErrorShape, "description": "No key, or one that is not ours."},
    422: {"model": ErrorShape, "description": "The request is not as described."},
    503: {"model": ErrorShape, "description": "The store cannot be read or written at this moment."},
}
MISSING: Mapping[int | str, dict[str, Any]] = {
    404: {"model": ErrorShape, "description": "There is nothing of this name."}
}
WRITING: Mapping[int | str, dict[str, Any]] = {
    403: {"model": ErrorShape, "description": "The session's form token is missing or wrong."},
    409: {"model": ErrorShape, "description": "It cannot be done as things stand."},
}

Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many.")]

router = APIRouter(prefix="/api/v1", responses=dict(REFUSALS), dependencies=[Depends(bearer_scheme)])
reload_router = APIRouter(responses={**REFUSALS, **WRITING}, dependencies=[Depends(bearer_scheme)])


@router.get("/incidents", tags=["incidents"])
async def list_incidents(
    desk: Desk, state: IncidentFilter = "all", before: str | None = None, limit: Limit = 100
) -> Listing[IncidentShape]:
    """Incidents, newest first. To page on, give the last one's id as `before`."""
    found = await lookup.incidents(desk, state, IncidentId(before) if before else None, limit)
    views = (incident_view(one, desk.now()) for one in found)
    return Listing(items=[shaping.incident(view, desk.doors.address) for view in views])


@router.get("/incidents/{incident}", tags=["incidents"], responses=dict(MISSING))
async def read_incident(desk: Desk, incident: str) -> IncidentDetailShape:
    """One incident with its impacts per client, worst first, each with tier and timers."""
    return await detail(desk, await lookup.incident(desk, IncidentId(incident)))


@router.post("/incidents/{incident}/acknowledge", tags=["incidents"], responses={**MISSING, **WRITING})
async def acknowledge(desk: Desk, incident: str, said: AcknowledgeRequest) -> IncidentDetailShape:
    """Take an incident: no further person is paged."""
    identity = (await lookup.incident(desk, IncidentId(incident))).id
    return await detail(desk, await desk.acknowledge(identity, said.by))


@router.post("/incidents/{incident}/resolve", tags=["incidents"], responses={**MISSING, **WRITING})
async def resolve(desk: Desk, incident: str, said: ResolveRequest) -> IncidentDetailShape:
    """End an incident by hand, and tell everybody who was told of it."""
    identity = (await lookup.incident(desk, IncidentId(incident))).id
    return await detail(desk, await desk.resolve(identity, said.by, said.why))


@router.get("/alerts", tags=["watching"])
async def list_alerts(desk: Desk, limit: Limit = 1000) -> Listing[AlertShape]:
    """Alerts that exist, active ones first."""
    catalog, address = desk.situation.config.catalog, desk.doors.address
    found = sorted(desk.situation.alerts.values(), key=lambda one: (not one.active, -one.since.timestamp()))
    indicators = desk.situation.indicators
    places = live(desk.situation.alerts, lambda key: indicators.get(str(key)), catalog)
    return Listing(items=[shaping.alert(one, catalog, places, address) for one in found[:limit]])


@router.get("/clients", tags=["watching"])
async def list_clients(desk: Desk) -> Listing[ClientShape]:
    """Every client and how it is."""
    return Listing(items=[shaping.client(view) for view in clients.clients(desk.situation).values()])


@router.get("/clients/{client}", tags=["watching"], responses=dict(MISSING))
async def read_client(desk: Desk, client: str) -> ClientDetailShape:
    """One client with what its contract promises and what is measured."""
    known(desk.situation.config.catalog.clients, client, "client")
    return shaping.client_detail(clients.client(desk.situation, ClientId(client), desk.now()))


@router.get("/systems", tags=["watching"])
async def list_systems(desk: Desk) -> Listing[SystemShape]:
    """Every system with its looks, what is left of its quota, and what has to be kept up."""
    now = desk.now()
    return Listing(items=[watched.system(desk.situation, one, now) for one in desk.situation.config.catalog.systems])


@router.get("/systems/{system}", tags=["watching"], responses=dict(MISSING))
async def read_system(desk: Desk, system: str) -> SystemShape:
    """One system."""
    known(desk.situation.config.catalog.systems, system, "system")
    return watched.system(desk.situation, SystemId(system), desk.now())


@router.get("/flows", tags=["watching"])
async def list_flows(desk: Desk) -> Listing[FlowShape]:
    """Every flow with its latency and what is on its way."""
    return Listing(items=[shaping.flow(view) for view in flows.flows(desk.situation, desk.now())])


@router.get("/flows/{flow}", tags=["watching"], responses=dict(MISSING))
async def read_flow(desk: Desk, flow: str) -> FlowShape:
    """One flow."""
    known(desk.situation.config.catalog.flows, flow, "flow")
    return shaping.flow(flows.flow(desk.situation, FlowId(flow), desk.now()))


@router.get("/oncall", tags=["telling"])
async def list_on_call(desk: Desk) -> Listing[OnCallShape]:
    """Who is on call in each schedule, until when, and who follows."""
    return Listing(
        items=[
            shaping.on_call(view)
            for view in people.schedules(desk.situation.config.roster, desk.situation.board, desk.now())
        ]
    )


@router.get("/deliveries", tags=["telling"])
async def list_deliveries(desk: Desk, sought: Search, limit: Limit = 100) -> Listing[DeliveryShape]:
    """Messages and how far they have come, newest first; `before` is the key of the last one of the page before."""
    rows = await desk.read(desk.store.ledger, sought, limit)
    return Listing(items=[shaping.delivery(row) for row in rows])


@router.get("/attempts", tags=["telling"])
async def list_attempts(desk: Desk, key: str | None = None, limit: Limit = 100) -> Listing[AttemptShape]:
    """Attempts to deliver, newest first; of one message, or all."""
    rows = await desk.read(desk.store.deliveries, key, limit)
    return Listing(items=[shaping.attempt(row) for row in rows])


@router.post("/sign-in-links", tags=["access"], status_code=201, responses=dict(WRITING))
async def make_sign_in_link(desk: Desk) -> SignInLink:
    """Make a link that signs one browser in, once."""
    return SignInLink(url=sign_in_link(desk.doors, desk.keys))


@reload_router.post("/-/reload", tags=["access"])
async def reload(desk: Desk, visitor: Caller, response: Response) -> ReloadShape:
    """Read the configuration again; with errors the old one stays, and the status is 500 as with Alertmanager."""
    errors = await desk.reload(visitor.name)
    response.status_code = 500 if errors else 200
    return ReloadShape(reloaded=not errors, errors=[_problem(one) for one in errors])


@router.get("/openapi.json", include_in_schema=False)
async def describe(request: Request) -> dict[str, Any]:
    """Return the description of this API."""
    application: FastAPI = request.app
    return application.openapi()


def known(among: Mapping[Any, object], name: str, kind: str) -> None:
    """Raise NotFound unless there is something of this name."""
    if name not in among:
        raise NotFound(f"there is no {kind} {name}")


def _problem(one: Problem) -> ProblemShape:
    return ProblemShape(file=one.file.name, line=one.line, path=one.path, message=one.message)


async def detail(desk: Office, incident: Incident) -> IncidentDetailShape:
    """Return an incident in full, with its timeline."""
    entries = await desk.read(desk.store.timeline, incident.id)
    names = {client: impact.terms.name for client, impact in incident.impacts.items()}
    lines = [story.line(entry, names) for entry in entries]
    now = desk.now()
    staked = shaping.at_stake(stake(incident, desk.situation.config.catalog, now), now)
    return shaping.incident_detail(incident_view(incident, now), lines, staked, desk.doors.address)
