"""The evidence of a client's month, over the API: as JSON, as HTML that stands alone, and as PDF where it can be."""

import asyncio
from enum import StrEnum
from importlib import import_module
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from alerts.languages.pages import tongue
from monitor.showing import evidence, month_wanted
from monitor.web.api import MISSING, REFUSALS, WRITING
from monitor.web.evidence_page import evidence_html
from monitor.web.guard import Desk, bearer_scheme
from monitor.web.lookup import NotFound
from monitor.web.office import Office, Refused
from probes.catalog import Client, ClientId
from runbooks.evidence import Pack
from runbooks.evidence_json import written

WITHOUT_PDF = "PDF needs a library that is not installed here: pip install 'tierwatch[pdf]'"

router = APIRouter(
    prefix="/api/v1/clients/{client}/evidence",
    tags=["clients"],
    responses={**REFUSALS, **MISSING, **WRITING},
    dependencies=[Depends(bearer_scheme)],
)

Month = Annotated[str, Path(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="Of the client's contract, like 2026-11.")]


class Format(StrEnum):
    """How a pack is written."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"


How = Annotated[Format, Query(alias="format")]
KINDS = {
    Format.JSON: "application/json; charset=utf-8",
    Format.HTML: "text/html; charset=utf-8",
    Format.PDF: "application/pdf",
}


def client_of(desk: Office, client: str) -> Client:
    """Return a client that is configured. Raises NotFound."""
    known = desk.situation.config.catalog.clients.get(ClientId(client))
    if known is None:
        raise NotFound(f"there is no client {client}; it may have left the configuration")
    return known


async def pack_of(desk: Office, client: Client, month: str) -> Pack:
    """Return the evidence of a month, from what is on record. Raises NotFound where it is none, or has not begun."""
    try:
        wanted = month_wanted(desk.situation, client, month)
    except (ValueError, OverflowError):
        raise NotFound(f"there is no month {month}; write it like 2026-11") from None
    if wanted.span.start > desk.now():
        raise NotFound(f"{month} has not begun for {client.id}: there is no evidence of it yet")
    record = await desk.read(desk.store.happened_to, wanted)
    return evidence(desk.situation, client, record, month, tongue(client.locale))


async def made(pack: Pack, how: Format) -> bytes:
    """Return a pack as bytes: the same for the same pack. Raises Refused where there is no PDF."""
    say = tongue(pack.language).say
    if how is Format.JSON:
        return written(pack)
    if how is Format.HTML:
        return evidence_html(pack, say, alone=True).encode()
    try:
        paper = import_module("monitor.web.evidence_pdf")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("reportlab"):
            raise
        raise Refused(WITHOUT_PDF) from None
    pdf: bytes = await asyncio.to_thread(paper.evidence_pdf, pack, say)
    return pdf


@router.get("/{month}", response_class=Response)
async def read_evidence(desk: Desk, client: str, month: Month, how: How = Format.JSON) -> Response:
    """The evidence of a client's month: timeline, notices and their deliveries, promises with their sums, uptime."""
    pack = await pack_of(desk, client_of(desk, client), month)
    name = f'attachment; filename="evidence-{client}-{month}.{how}"'
    return Response(await made(pack, how), media_type=KINDS[how], headers={"Content-Disposition": name})
