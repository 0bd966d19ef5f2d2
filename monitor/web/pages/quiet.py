"""The pages of what keeps messages back: silences, with what one would hide, and maintenance with its exclusions."""

from typing import Annotated

from fastapi import APIRouter, Form
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from alerts.alert import IncidentId
from alerts.preview import Hidden
from monitor.quieting import UnknownDebtError, waive_debts
from monitor.web.lookup import NotFound
from monitor.web.office import Refused
from monitor.web.pages.entrance import remember
from monitor.web.pages.incidents import By, Why
from monitor.web.quiet import (
    cancelled_window,
    ended_silence,
    kept_silence,
    kept_window,
    preview,
    silence_of,
    vendors_of,
)
from monitor.web.quiet_shapes import SilenceRequest, WindowRequest
from monitor.web.render import Page, Sheet
from monitor.web.view import quiet
from monitor.web.view.people import everybody

router = APIRouter(include_in_schema=False)

Written = Annotated[str, Form(max_length=2000)]
FIELDS = ("matchers", "comment", "lasts", "title", "about", "begins", "ends", "zone", "party")
LENGTHS = ("30m", "1h", "2h", "4h", "12h", "1d", "1w")


@router.get("/silences")
async def silences(page: Page) -> Response:
    """Show silences, and the form of a new one."""
    return _silences(page, {})


@router.post("/silences")
async def silence(  # noqa: PLR0913, PLR0917 - the fields of a form
    page: Page,
    by: By,
    matchers: Written = "",
    comment: Written = "",
    lasts: Written = "2h",
    yes: Written = "",
) -> Response:
    """Show what a silence hides; make it once its maker has seen that."""
    filled = {"matchers": matchers, "comment": comment, "lasts": lasts, "by": by}
    try:
        found = preview(page.desk, matchers, page.now)
        if not yes:
            return _silences(page, filled, found)
        asked = SilenceRequest.model_validate({"matchers": matchers, "by": by, "comment": comment, "lasts": lasts})
        await kept_silence(page.desk, silence_of(asked, page.now), page.now)
    except ValidationError:
        return _silences(page, filled, wrong="say why in the comment: somebody will wonder")
    except (Refused, ValueError) as error:
        return _silences(page, filled, wrong=str(error))
    return remember(page, by, RedirectResponse("/silences", 303))


@router.post("/silences/{identity}/expire")
async def expire(page: Page, identity: str, by: By) -> Response:
    """End a silence, then show them."""
    await ended_silence(page.desk, identity, by)
    return remember(page, by, RedirectResponse("/silences", 303))


@router.post("/debts/{incident}/waive")
async def waive(page: Page, incident: str, by: By, why: Why) -> Response:
    """Say that nobody need be told the end of an incident any more."""
    try:
        await page.desk.decide(waive_debts(IncidentId(incident), by, why, page.now))
    except UnknownDebtError as error:
        raise NotFound(str(error)) from None
    return remember(page, by, RedirectResponse("/silences", 303))


@router.get("/maintenance")
async def maintenance(page: Page) -> Response:
    """Show windows of maintenance, contracts that are not in force, and what was kept out of the promises."""
    return _maintenance(page, {})


@router.post("/maintenance")
async def window(  # noqa: PLR0913, PLR0917 - the fields of a form
    page: Page,
    by: By,
    title: Written = "",
    about: Written = "",
    begins: Written = "",
    ends: Written = "",
    zone: Written = "UTC",
    party: Written = "us",
    mutes: Written = "both",
    excluded: Written = "",
) -> Response:
    """Set a window, then show them."""
    filled = {"title": title, "about": about, "begins": begins, "ends": ends, "zone": zone, "party": party, "by": by}
    form = {
        "title": title,
        "by": party,
        "timezone": zone,
        "from": begins.replace("T", " "),
        "until": ends.replace("T", " "),
        "mutes": mutes,
        "excluded": bool(excluded),
        "who": by,
        **_scope(page, about),
    }
    try:
        await kept_window(page.desk, WindowRequest.model_validate(form), by, page.now)
    except ValidationError as error:
        return _maintenance(page, filled, "; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors()))
    except Refused as error:
        return _maintenance(page, filled, str(error))
    return remember(page, by, RedirectResponse("/maintenance", 303))


@router.post("/maintenance/{identity}/cancel")
async def cancel(page: Page, identity: str, by: By) -> Response:
    """End a window, then show them."""
    await cancelled_window(page.desk, identity, by)
    return remember(page, by, RedirectResponse("/maintenance", 303))


def _scope(page: Sheet, about: str) -> dict[str, object]:
    """Return what a window is about, from the names that somebody wrote; what is nothing's name is a system's."""
    catalog, names = page.desk.situation.config.catalog, about.replace(",", " ").split()
    if not names or names == ["everything"]:
        return {"everything": bool(names)}
    vendors = vendors_of(catalog)
    flows = [one for one in names if one in catalog.flows]
    clients = [one for one in names if one in catalog.clients]
    known = [one for one in names if one in vendors and one not in catalog.systems]
    left = [one for one in names if one not in {*flows, *clients, *known}]
    return {"systems": left, "flows": flows, "clients": clients, "vendors": known}


def _silences(page: Sheet, filled: dict[str, str], found: Hidden | None = None, wrong: str = "") -> Response:
    situation = page.desk.situation
    views = quiet.silences(situation, page.now)
    context = {
        "live": [one for one in views if one.state != "expired"],
        "over": [one for one in views if one.state == "expired"],
        "debts": quiet.debts(situation.incidents.values()),
        "lengths": LENGTHS,
        "hidden": found,
        **_shared(page, filled, wrong),
    }
    return page.show("silences.html", context, 409 if wrong else 200)


def _maintenance(page: Sheet, filled: dict[str, str], wrong: str = "") -> Response:
    situation = page.desk.situation
    context = {
        "windows": quiet.windows(situation, page.now),
        "contracts": quiet.contracts(situation, page.now),
        "exclusions": quiet.exclusions(situation),
        **_shared(page, filled, wrong),
    }
    return page.show("maintenance.html", context, 409 if wrong else 200)


def _shared(page: Sheet, filled: dict[str, str], wrong: str) -> dict[str, object]:
    session = page.visitor.session
    me = filled.get("by") or (session.person if session is not None else "")
    blank = dict.fromkeys(FIELDS, "")
    people = everybody(page.desk.situation.config.roster)
    return {"filled": {**blank, **filled}, "wrong": wrong, "me": me, "people": people}
