"""What people do to an escalation on an incident's page: take it for a while, or pause it."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from alerts.alert import IncidentId
from monitor.stepping import pause, take
from monitor.web import lookup
from monitor.web.pages.entrance import remember
from monitor.web.render import Page

router = APIRouter(include_in_schema=False)

WEEK = 7 * 24 * 60
By = Annotated[str, Form(min_length=1, max_length=100)]
Why = Annotated[str, Form(min_length=1, max_length=500)]
Minutes = Annotated[int, Form(ge=0, le=WEEK)]


@router.post("/incidents/{incident}/hold")
async def hold(page: Page, incident: str, by: By, minutes: Minutes = 0) -> Response:
    """Take an incident for so many minutes, or for good where that is 0, then show it."""
    one = await lookup.incident(page.desk, IncidentId(incident))
    until = page.now + timedelta(minutes=minutes) if minutes else None
    await page.desk.decide(take(one.id, by, until, page.now))
    return remember(page, by, RedirectResponse(f"/incidents/{one.id}", 303))


@router.post("/incidents/{incident}/pause")
async def put_off(page: Page, incident: str, by: By, why: Why, minutes: Minutes) -> Response:
    """Pause an escalation for so many minutes, then show its incident."""
    one = await lookup.incident(page.desk, IncidentId(incident))
    until = page.now + timedelta(minutes=minutes)
    await page.desk.decide(pause(one.id, by, until, why, page.now))
    return remember(page, by, RedirectResponse(f"/incidents/{one.id}", 303))
