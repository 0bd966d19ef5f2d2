"""The team's side of a client's status page: its addresses, a new one, those made void, and what the client sees."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, RedirectResponse, Response

from alerts.languages.pages import tongue
from alerts.page_key import keys_of
from monitor.web import client_keys
from monitor.web.client_page import index_page
from monitor.web.lookup import NotFound
from monitor.web.pages.entrance import remember
from monitor.web.pages.incidents import By
from monitor.web.render import Page, Sheet
from monitor.web.status import view_of
from monitor.web.view.people import everybody
from probes.catalog import Client, ClientId

router = APIRouter(prefix="/clients/{client}/page", include_in_schema=False)

Note = Annotated[str, Form(max_length=200)]
Key = Annotated[str, Form(max_length=64)]


def _client(page: Sheet, client: str) -> Client:
    known = page.desk.situation.config.catalog.clients.get(ClientId(client))
    if known is None:
        raise NotFound(f"there is no client {client}; it may have left the configuration")
    return known


def _shown(page: Sheet, client: Client, address: str = "") -> Response:
    situation, session = page.desk.situation, page.visitor.session
    context = {
        "client": client,
        "keys": keys_of(client.id, situation.page_keys.values()),
        "address": address,
        "known": everybody(situation.config.roster),
        "me": session.person if session is not None else "",
    }
    response = page.show("client_keys.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("")
async def index(page: Page, client: str) -> Response:
    """Show who was given an address of the client's page."""
    return _shown(page, _client(page, client))


@router.post("/issue")
async def issue(page: Page, client: str, by: By, note: Note = "") -> Response:
    """Issue an address, and show it: this once."""
    key, _ = await client_keys.issue(page.desk, client, note, by)
    return remember(page, by, _shown(page, _client(page, client), client_keys.address_of(page.desk.doors, key)))


@router.post("/revoke")
async def revoke(page: Page, client: str, by: By, key: Key) -> Response:
    """Make an address void, then show those that are left."""
    await client_keys.revoke(page.desk, client, key, by)
    return remember(page, by, RedirectResponse(f"/clients/{client}/page", 303))


@router.get("/preview")
async def preview(page: Page, client: str) -> Response:
    """Show the page as the client sees it."""
    view = await view_of(page.desk, _client(page, client), page.now)
    return HTMLResponse(index_page(view, "", tongue(view.language).say, page.now))
