"""The clients, tier by tier, and the page of one: its contract, what is measured against it, what it was told."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from monitor.contacting import Choice, mark
from monitor.web.contacts import decided
from monitor.web.lookup import NotFound
from monitor.web.manners import holds, told_of
from monitor.web.pages.entrance import remember
from monitor.web.pages.incidents import By
from monitor.web.render import Page
from monitor.web.view import clients
from monitor.web.view.heartbeats import heartbeats
from monitor.web.view.incidents import incident_view
from monitor.web.view.people import everybody
from monitor.web.view.quiet import contract_of
from probes.catalog import ClientId
from probes.cutoff import upcoming

router = APIRouter(include_in_schema=False)

Name = Annotated[str, Form(min_length=1, max_length=500)]
SHOWN = 100
MESSAGES_SHOWN = 50


@router.get("/clients")
async def index(page: Page, q: str = "", shown: int = SHOWN) -> Response:
    """List the clients by tier, worst first; `q` finds some of them by name or id."""
    tiers = clients.tiers(page.desk.situation, q)
    return page.show("clients.html", {"tiers": tiers, "q": q, "shown": max(1, shown)})


@router.get("/clients/{client}")
async def show(page: Page, client: str) -> Response:
    """Show one client."""
    situation = page.desk.situation
    if client not in situation.config.catalog.clients:
        raise NotFound(f"there is no client {client}; it may have left the configuration")
    detail = clients.client(situation, ClientId(client), page.now)
    messages = await page.desk.read(page.desk.store.messages, None, ClientId(client), MESSAGES_SHOWN)
    incidents = [incident_view(one, page.now) for one in detail.incidents]
    cutoffs = upcoming(situation.config.catalog, ClientId(client), page.now)
    context = {"detail": detail, "messages": messages, "incidents": incidents, "cutoffs": cutoffs}
    context |= {"contract": contract_of(situation, ClientId(client), page.now)}
    context |= {"heartbeats": [run for run in heartbeats(situation, page.now) if run.client == client]}
    context |= {"holds": holds(situation, client), "appointments": told_of(situation, client)}
    session, roster = page.visitor.session, situation.config.roster
    context |= {
        "marks": {one.name: mark(situation, ClientId(client), one) for one in detail.view.client.contacts},
        "owner": roster.accounts.get(ClientId(client)),
        "known": everybody(roster),
        "me": session.person if session is not None else "",
    }
    return page.show("client.html", context)


@router.post("/clients/{client}/contacts/{choice}")
async def decide(page: Page, client: str, choice: Choice, by: By, contact: Name) -> Response:
    """Decide something of a contact, then show the client."""
    await decided(page.desk, ClientId(client), contact, choice, by)
    return remember(page, by, RedirectResponse(f"/clients/{quote(client)}#contacts", 303))
