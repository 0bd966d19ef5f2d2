"""The page of a client's evidence: one month, to read and to print, with its forms to take away."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from alerts.languages.pages import tongue
from alerts.month import period_of
from alerts.uptime import day_of
from monitor.web.evidence import client_of, pack_of
from monitor.web.evidence_page import evidence_html
from monitor.web.render import Page

router = APIRouter(prefix="/clients/{client}/evidence", include_in_schema=False)

MONTHS = 13


def _months(newest: str) -> list[str]:
    year, month = int(newest[:4]), int(newest[5:])
    turns = (year * 12 + month - 1 - back for back in range(MONTHS))
    return [f"{turn // 12}-{turn % 12 + 1:02}" for turn in turns]


@router.get("")
async def index(page: Page, client: str) -> Response:
    """Show of which months there is evidence."""
    known = client_of(page.desk, client)
    newest = f"{day_of(period_of(known, page.now).start, known.timezone):%Y-%m}"
    return page.show("client_evidence.html", {"client": known, "months": _months(newest)})


@router.get("/{month}")
async def month(page: Page, client: str, month: str) -> Response:
    """Show the evidence of a month."""
    pack = await pack_of(page.desk, client_of(page.desk, client), month)
    return HTMLResponse(evidence_html(pack, tongue(pack.language).say, alone=False))
