"""Puts the web side together: the application with its routes, its guard and its errors."""

from collections.abc import Sequence
from functools import cache

from fastapi import APIRouter, Depends, FastAPI
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from monitor.web import (
    api,
    bouncing,
    client_keys,
    contacts,
    errors,
    escalating,
    evidence,
    heard,
    inbound,
    live,
    manners,
    notices,
    oncall,
    ops,
    orders,
    promises,
    quiet,
    reports,
    status,
)
from monitor.web.alertmanager import silences
from monitor.web.alertmanager.board import Board
from monitor.web.alertmanager.door import Door
from monitor.web.alertmanager.routes import Desk
from monitor.web.guard import HostGuard, admit
from monitor.web.office import Office
from monitor.web.pages import PAGES

ABOUT = "What Tierwatch knows, for programs. Lengths of time are in seconds, instants in UTC, shares from 0 to 1."

COMING_IN = (inbound.router, inbound.webhooks, bouncing.router)
ON_CALL = (oncall.router, oncall.calendars)
INCIDENTS = (orders.router, escalating.router, promises.router, reports.router, quiet.router, *ON_CALL)
ROUTERS = (
    api.router,
    client_keys.router,
    contacts.router,
    evidence.router,
    notices.router,
    *INCIDENTS,
    heard.router,
    manners.router,
    api.reload_router,
    ops.router,
    live.router,
    *COMING_IN,
    status.router,
    *PAGES,
)


@cache
def guarded() -> Sequence[BaseRoute]:
    """Return all routes, each for the admitted only; they are taken apart once, for all applications of a process."""
    every = APIRouter(dependencies=[Depends(admit)])
    for router in ROUTERS:
        every.include_router(router)
    return tuple(every.routes)


def create(office: Office) -> FastAPI:
    """Return the web application over an office. Its description lies at /api/v1/openapi.json, without a viewer."""
    app = FastAPI(
        title="Tierwatch",
        version="1",
        description=ABOUT,
        openapi_url=None,
        dependencies=[Depends(admit)],
    )
    app.state.office = office
    app.router.routes.extend(guarded())
    app.mount("/static", StaticFiles(packages=[("monitor.web", "static")]), name="static")
    errors.install(app)
    app.add_middleware(Door, office=office, routes={**Desk(Board(office.doors.address)).routes(), **silences.routes()})
    app.add_middleware(HostGuard, doors=office.doors)
    return app
