"""What is written down: the runbooks, and the configuration with everything that is wrong with it."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from monitor.web.lookup import NotFound
from monitor.web.render import Page, runbook_named
from runbooks.runbook import NAMES

router = APIRouter(include_in_schema=False)

ACTS_SHOWN = 30


@router.get("/runbooks")
async def list_runbooks(page: Page) -> Response:
    """List the runbooks."""
    return page.show("runbooks.html", {"runbooks": [runbook_named(name) for name in NAMES]})


@router.get("/runbooks/{name}")
async def show_runbook(page: Page, name: str) -> Response:
    """Show one runbook."""
    if name not in NAMES:
        raise NotFound(f"there is no runbook {name}")
    return page.show("runbook.html", {"runbook": runbook_named(name)})


@router.get("/configuration")
async def configuration(page: Page) -> Response:
    """Show what is configured, where it came from, and what is wrong with it."""
    acts = await page.desk.read(page.desk.store.acts, ACTS_SHOWN)
    return page.show("configuration.html", {"situation": page.desk.situation, "acts": acts})


@router.post("/configuration/reload")
async def reload(page: Page) -> Response:
    """Read the configuration again, then show what came of it."""
    await page.desk.reload(page.visitor.name)
    return RedirectResponse("/configuration", 303)
