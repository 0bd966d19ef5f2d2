"""The page of who is on call: now, next, the coming weeks, gaps; overrides and swaps posted and cancelled."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response
from whenever import PlainDateTime

from alerts.posting import SwapTurn, Wish
from alerts.rotation import PersonId
from monitor.duty import revoke_calendar
from monitor.web import oncall
from monitor.web.office import Refused
from monitor.web.pages.entrance import remember
from monitor.web.pages.incidents import By
from monitor.web.render import Page
from monitor.web.subscription import address_of, subjects
from monitor.web.view import people
from monitor.web.view.channels import channels
from monitor.web.view.rota import rotas

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form(max_length=200)]
Words = Annotated[str, Form(max_length=500)]


@router.get("/oncall")
async def on_call(page: Page) -> Response:
    """Show who is on call, who follows, and whom each policy pages."""
    situation, desk = page.desk.situation, page.desk
    roster, board, session = situation.config.roster, situation.board, page.visitor.session
    found = [(one, address_of(situation, desk.keys, desk.doors, one)) for one in subjects(situation)]
    context = {
        "schedules": people.schedules(roster, board, page.now),
        "policies": people.policies(roster, board, page.now),
        "everybody": people.persons(roster, page.now),
        "rotas": rotas(situation, page.now),
        "known": people.everybody(roster),
        "zones": list(dict.fromkeys(("UTC", *(one.timezone for one in roster.people.values())))),
        "me": PersonId(session.person) if session is not None and session.person else None,
        "channels": channels(situation, page.now),
        "outgoing": situation.outgoing,
        "calendars": found if page.csrf else [],
    }
    return page.show("oncall.html", context)


@router.post("/oncall/overrides")
async def post_override(  # noqa: PLR0913, PLR0917 - the fields of a form
    page: Page,
    by: By,
    schedule: Field,
    start: Field,
    end: Field,
    person: Field,
    timezone: Field = "UTC",
    instead_of: Field = "",
    why: Words = "",
) -> Response:
    """Post an override, then show the schedules."""
    wish = Wish(
        schedule=schedule,
        start=shown(start, timezone),
        end=shown(end, timezone),
        person=PersonId(person),
        instead_of=PersonId(instead_of) if instead_of else None,
        by=by,
        why=why,
    )
    await oncall.override(page.desk, wish)
    return remember(page, by, RedirectResponse(f"/oncall#rota-{schedule}", 303))


@router.post("/oncall/overrides/{identity}/cancel")
async def cancel_override(page: Page, identity: str, by: By) -> Response:
    """Cancel an override, then show the schedules."""
    ended = await oncall.cancel(page.desk, identity, by)
    return remember(page, by, RedirectResponse(f"/oncall#rota-{ended.schedule}", 303))


@router.post("/oncall/swaps")
async def post_swap(  # noqa: PLR0913, PLR0917 - the fields of a form
    page: Page, by: By, schedule: Field, first: Field, second: Field, why: Words = ""
) -> Response:
    """Swap two turns, then show the schedules."""
    await oncall.swap(page.desk, schedule, (chosen(first), chosen(second)), by, why)
    return remember(page, by, RedirectResponse(f"/oncall#rota-{schedule}", 303))


@router.post("/oncall/calendars/revoke")
async def revoke(page: Page, by: By, subject: Field) -> Response:
    """Make a calendar's address void, then show the new one."""
    if subject not in {str(one) for one in subjects(page.desk.situation)}:
        raise Refused(f"there is no calendar of {subject}")
    await page.desk.decide(revoke_calendar(subject, by, page.now))
    return remember(page, by, RedirectResponse("/oncall#calendars", 303))


def shown(text: str, timezone: str) -> datetime:
    """Return the instant at which a zone's clock shows what a form's field says. Raises Refused."""
    try:
        wall = PlainDateTime(datetime.fromisoformat(text).replace(tzinfo=None))
        return wall.assume_tz(timezone, disambiguation="compatible").to_instant().to_stdlib()
    except ValueError:
        raise Refused("this is no date and time in a zone; write it like 2026-12-24T18:00") from None


def chosen(text: str) -> SwapTurn:
    """Return the turn that an option of the form stands for. Raises Refused."""
    person, _, span = text.partition("|")
    start, _, end = span.partition("|")
    try:
        begins, ends = datetime.fromisoformat(start).astimezone(UTC), datetime.fromisoformat(end).astimezone(UTC)
    except ValueError:
        raise Refused("choose two of the turns") from None
    return SwapTurn(person=PersonId(person), start=begins, end=ends)
