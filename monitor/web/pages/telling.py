"""Who is told: the ledger of everything that was to be told."""

from fastapi import APIRouter
from starlette.responses import Response

from alerts.alert import IncidentId
from monitor.web.render import Page
from probes.catalog import ClientId

router = APIRouter(include_in_schema=False)

LISTED = 200


@router.get("/deliveries")
async def deliveries(page: Page, incident: str = "", client: str = "") -> Response:
    """Show what was to be told and how far it has come, newest first."""
    which = IncidentId(incident) if incident else None
    rows = await page.desk.read(page.desk.store.messages, which, ClientId(client) if client else None, LISTED)
    return page.show("deliveries.html", {"rows": rows, "incident": incident, "client": client, "listed": LISTED})
