"""Where clients look: a status page behind an unguessable address, with its feeds, its calendar and its documents.

The address is the key. One that is unknown or revoked, and whatever does not lie below a live one, gets one answer.
What is served is written from a :class:`~alerts.client_view.ClientView` and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from json import dumps
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from alerts.beheld import Say
from alerts.client_view import ClientView
from alerts.ical import tag_of
from alerts.languages.pages import tongue
from alerts.page_key import opened_by
from alerts.services import PUBLIC, PublicPage
from alerts.statuspage import DOCUMENTS
from alerts.syndication import Feed, atom, history, rss, updates
from alerts.works_ical import maintenance_calendar
from monitor.showing import client_view, open_view, open_wanted, wanted
from monitor.web.client_page import episode_page, index_page, work_page
from monitor.web.guard import Desk
from monitor.web.lookup import NotFound
from monitor.web.office import Office
from probes.catalog import Client

NOTHING = "there is nothing at this address"
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
CALENDAR = "text/calendar; charset=utf-8"

router = APIRouter(prefix="/status/{key}", include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the reader of an address may see, where it lies (with a slash at its end), and in which words."""

    view: ClientView
    address: str
    say: Say
    now: datetime


async def view_of(desk: Office, client: Client, now: datetime) -> ClientView:
    """Return what a client may see at this moment."""
    situation = desk.situation
    record = await desk.read(desk.store.told_client, wanted(situation, client, now))
    return client_view(situation, client, record, tongue(client.locale), now)


async def public_view_of(desk: Office, page: PublicPage, now: datetime) -> ClientView:
    """Return what everybody may see at this moment."""
    record = await desk.read(desk.store.told_client, open_wanted(desk.situation, page, now))
    return open_view(desk.situation, page, record, tongue(page.language), now)


async def opened(desk: Desk, key: str) -> Shown:
    """Return what an address shows. Raises NotFound, in the same words whatever is wrong with it."""
    page, now = desk.situation.config.pages.public, desk.now()
    if key == PUBLIC and page is not None:
        view = await public_view_of(desk, page, now)
    else:
        view = await _private(desk, key, now)
    return Shown(view=view, address=f"{desk.doors.address}/status/{key}/", say=tongue(view.language).say, now=now)


async def _private(desk: Office, key: str, now: datetime) -> ClientView:
    known = opened_by(key, desk.situation.page_keys)
    client = desk.situation.config.catalog.clients.get(known.client) if known is not None else None
    if client is None:
        raise NotFound(NOTHING)
    return await view_of(desk, client, now)


Open = Annotated[Shown, Depends(opened)]


def fresh(request: Request, body: bytes, kind: str, changed: datetime | None) -> Response:
    """Return a body, or that it is the one which the asker has. Its tags come from what it says, never from a clock."""
    headers = {"ETag": tag_of(body), "Cache-Control": "private, no-cache"}
    if changed is not None:
        headers["Last-Modified"] = format_datetime(changed.astimezone(UTC), usegmt=True)
    if _known(request, headers["ETag"], changed):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=kind, headers=headers)


def _known(request: Request, tag: str, changed: datetime | None) -> bool:
    """Whether the asker has it already (RFC 9110): a tag decides where one is shown, else the instant."""
    offered = request.headers.get("if-none-match")
    if offered is not None:
        return offered.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in offered.split(",")}
    since = request.headers.get("if-modified-since")
    if since is None or changed is None:
        return False
    try:
        known = parsedate_to_datetime(since)
    except (ValueError, OverflowError):
        return False
    return known.tzinfo is not None and changed.replace(microsecond=0) <= known


@router.get("/")
async def index(request: Request, shown: Open) -> Response:
    """Show the page."""
    page = index_page(shown.view, shown.address, shown.say, shown.now)
    return fresh(request, page.encode(), HTML, None)


@router.get("/incidents/{identity}")
async def episode(request: Request, shown: Open, identity: str) -> Response:
    """Show one incident."""
    one = next((one for one in shown.view.episodes if one.id == identity), None)
    if one is None:
        raise NotFound(NOTHING)
    return fresh(request, episode_page(shown.view, one, shown.address, shown.say, shown.now).encode(), HTML, None)


@router.get("/maintenance/{identity}")
async def work(request: Request, shown: Open, identity: str) -> Response:
    """Show one maintenance."""
    one = next((one for one in shown.view.works if one.id == identity), None)
    if one is None:
        raise NotFound(NOTHING)
    return fresh(request, work_page(shown.view, one, shown.address, shown.say, shown.now).encode(), HTML, None)


Written = Callable[[Feed], bytes]


def _syndicated(request: Request, feed: Feed, write: Written, kind: str) -> Response:
    return fresh(request, write(feed), f"{kind}; charset=utf-8", feed.updated)


@router.get("/history.atom")
async def history_atom(request: Request, shown: Open) -> Response:
    """Incidents and maintenance as Atom."""
    return _syndicated(request, history(shown.view, shown.address, shown.say), atom, "application/atom+xml")


@router.get("/history.rss")
async def history_rss(request: Request, shown: Open) -> Response:
    """Incidents and maintenance as RSS."""
    return _syndicated(request, history(shown.view, shown.address, shown.say), rss, "application/rss+xml")


@router.get("/updates.atom")
async def updates_atom(request: Request, shown: Open) -> Response:
    """Every update as Atom."""
    return _syndicated(request, updates(shown.view, shown.address, shown.say), atom, "application/atom+xml")


@router.get("/updates.rss")
async def updates_rss(request: Request, shown: Open) -> Response:
    """Every update as RSS."""
    return _syndicated(request, updates(shown.view, shown.address, shown.say), rss, "application/rss+xml")


@router.get("/maintenance.ics")
async def calendar(request: Request, shown: Open) -> Response:
    """Maintenance as a calendar."""
    body = maintenance_calendar(shown.view, shown.address, shown.say)
    return fresh(request, body, CALENDAR, shown.view.changed)


@router.get("/api/v2/{document:path}")
async def document(request: Request, shown: Open, document: str) -> Response:
    """Return a document in the shape of Statuspage's API."""
    write = DOCUMENTS.get(document.removesuffix(".json")) if document.endswith(".json") else None
    if write is None:
        raise NotFound(NOTHING)
    body = dumps(write(shown.view, shown.address), ensure_ascii=False).encode()
    return fresh(request, body, JSON, None)
