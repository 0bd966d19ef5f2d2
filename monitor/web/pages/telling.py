"""Who is told: the ledger of everything that was to be told, with every attempt, found by what somebody looks for."""

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from alerts.message import Delivery, MessageState
from monitor.store import Outgoing
from monitor.web.render import Page
from monitor.web.search import Search

router = APIRouter(include_in_schema=False)

LISTED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A message and the attempts at it, the first one first."""

    row: Outgoing
    attempts: tuple[Delivery, ...]


@router.get("/deliveries")
async def deliveries(page: Page, sought: Search) -> Response:
    """Show what was to be told and how far it has come, newest first."""
    rows = await page.desk.read(page.desk.store.ledger, sought, LISTED + 1)
    shown = rows[:LISTED]
    tried = await page.desk.read(page.desk.store.attempts, [row.message.key for row in shown])
    lines = [Line(row=row, attempts=tuple(tried.get(row.message.key, ()))) for row in shown]
    older = shown[-1].message.key if len(rows) > LISTED else ""
    return page.show(
        "deliveries.html", {"lines": lines, "sought": sought, "older": older, "states": list(MessageState)}
    )
