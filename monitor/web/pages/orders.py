"""The buttons of an incident's page beside taking and ending it: merge, split, reassign, severity, reopen."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.responses import RedirectResponse, Response

from alerts.alert import IncidentId
from alerts.merging import Part
from alerts.oncall import PersonId
from alerts.orders import Grade, Merge, Order, Reassign, Reopen, Split
from monitor.web import lookup
from monitor.web.pages.entrance import remember
from monitor.web.pages.incidents import By, Why
from monitor.web.render import Page, Sheet
from probes.catalog import ClientId, TierId

router = APIRouter(include_in_schema=False, prefix="/incidents/{incident}")

Name = Annotated[str, Form(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What every form says: of which incident, who, and why."""

    incident: IncidentId
    by: str
    why: str


def _given(incident: str, by: By, why: Why) -> Given:
    return Given(incident=IncidentId(incident), by=by, why=why)


Filled = Annotated[Given, Depends(_given)]


@router.post("/merge")
async def merge(page: Page, given: Filled, other: Name) -> Response:
    """Merge another incident into this one, then show it."""
    into = IncidentId(other.strip())
    return await _ordered(page, Merge(incident=given.incident, by=given.by, why=given.why, other=into))


@router.post("/split")
async def split(
    page: Page,
    given: Filled,
    alerts: Annotated[list[str] | None, Form()] = None,
    clients: Annotated[str, Form(max_length=10_000)] = "",
) -> Response:
    """Make an incident of its own of some alerts and clients, then show this one."""
    named = frozenset(ClientId(name) for name in clients.replace(",", " ").split())
    part = Part(alerts=frozenset(alerts or ()), clients=named)
    return await _ordered(page, Split(incident=given.incident, by=given.by, why=given.why, part=part))


@router.post("/reassign")
async def reassign(page: Page, given: Filled, to: Name) -> Response:
    """Give an incident to a person, then show it."""
    return await _ordered(page, Reassign(incident=given.incident, by=given.by, why=given.why, to=PersonId(to)))


@router.post("/severity")
async def severity(page: Page, given: Filled, tier: Name) -> Response:
    """Raise or lower an incident, then show it."""
    return await _ordered(page, Grade(incident=given.incident, by=given.by, why=given.why, tier=TierId(tier)))


@router.post("/reopen")
async def reopen(page: Page, given: Filled) -> Response:
    """Let an incident go on, then show it."""
    return await _ordered(page, Reopen(incident=given.incident, by=given.by, why=given.why))


async def _ordered(page: Sheet, order: Order) -> Response:
    one = await lookup.incident(page.desk, order.incident)
    await page.desk.order(order)
    return remember(page, order.by, RedirectResponse(f"/incidents/{one.id}", 303))
