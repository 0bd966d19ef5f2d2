"""What programs read of that which came in by itself: the heartbeats of runs, and the webhooks of vendors."""

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime

from monitor.web.api import REFUSALS
from monitor.web.guard import Desk, bearer_scheme
from monitor.web.shapes import Listing, Shape
from monitor.web.view.health import Health
from monitor.web.view.heartbeats import RunView, heartbeats
from monitor.web.view.webhooks import WebhooksView, webhooks

router = APIRouter(prefix="/api/v1", tags=["watching"], responses=dict(REFUSALS), dependencies=[Depends(bearer_scheme)])


class HeartbeatShape(Shape):
    """One heartbeat; `why` is empty while it is on time, `started` is the start of a run under way."""

    id: str
    client: str | None
    state: Health
    why: str
    incident: str | None
    due: AwareDatetime
    succeeded: AwareDatetime | None
    started: AwareDatetime | None
    took_seconds: float | None


class WebhooksShape(Shape):
    """A system's webhooks: `lost` of the records that looks showed in the last `over_seconds` came without one."""

    system: str
    last_received: AwareDatetime | None
    events: int
    refused: int
    lost: int
    shown: int
    over_seconds: float
    lost_by_client: dict[str, int]


@router.get("/heartbeats")
async def list_heartbeats(desk: Desk) -> Listing[HeartbeatShape]:
    """Every run that tells of itself, and how it stands."""
    return Listing(items=[_heartbeat(view) for view in heartbeats(desk.situation, desk.now())])


@router.get("/webhooks")
async def list_webhooks(desk: Desk) -> Listing[WebhooksShape]:
    """Every system that posts webhooks: when the last one came, and how many were lost."""
    systems = desk.situation.config.catalog.systems.values()
    found = ((one.id, webhooks(desk.situation, one, desk.now())) for one in systems)
    return Listing(items=[_webhooks(system, view) for system, view in found if view is not None])


def _heartbeat(view: RunView) -> HeartbeatShape:
    return HeartbeatShape(
        id=view.id,
        client=view.client,
        state=view.health,
        why=view.why,
        incident=view.incident,
        due=view.due,
        succeeded=view.succeeded,
        started=view.started,
        took_seconds=view.took.total_seconds() if view.took is not None else None,
    )


def _webhooks(system: str, view: WebhooksView) -> WebhooksShape:
    return WebhooksShape(
        system=system,
        last_received=view.last,
        events=view.events,
        refused=view.refused,
        lost=view.all.lost,
        shown=view.all.total,
        over_seconds=view.over.total_seconds(),
        lost_by_client={str(one.client): one.lost for one in view.clients},
    )
