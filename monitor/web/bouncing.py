"""Where a mail server hands in the reports of mails that came back (`POST /in/bounce`), with a secret of its own.

The report is posted as it came, as `message/rfc822`. It marks a contact only by the key of the mailbox to which that
contact's mails come back, which nobody else knows.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import PlainTextResponse

from alerts.channels.returned import Report, report
from monitor.contacting import come_back
from monitor.web.guard import Desk, bearer, bearer_scheme
from monitor.web.inbound import whole
from monitor.web.office import Office
from monitor.web.readers import RETURNED, Reader, returned_to
from monitor.web.shapes import ErrorShape

ANSWERS: Mapping[int | str, dict[str, Any]] = {
    202: {"description": "It is stored; or it says nothing that lasts, and nothing was to be stored."},
    401: {"model": ErrorShape, "description": "This is not the secret of `mail: {bounce_token: ...}`."},
    422: {"model": ErrorShape, "description": "It is no report of a delivery (RFC 3464), or of no mail of ours."},
    503: {"model": ErrorShape, "description": "It could not be stored; send it again."},
}

router = APIRouter(prefix="/in", tags=["inbound"], responses=dict(ANSWERS), dependencies=[Depends(bearer_scheme)])


@router.post("/bounce", status_code=202, response_class=PlainTextResponse)
async def take(request: Request, desk: Desk) -> PlainTextResponse:
    """Take in a report that a mail could not be delivered."""
    offered = bearer(request)
    if not offered or not desk.is_returning(offered):
        raise HTTPException(401, "send `Authorization: Bearer` and the secret of mail.bounce_token", CHALLENGE)
    # Whoever writes to that mailbox chooses what is to be read: it keeps nothing else waiting.
    told = await asyncio.to_thread(report, await whole(request))
    reader = _reader(desk, told) if told is not None else None
    if told is None or reader is None:
        raise HTTPException(422, "this is no report of a delivery as RFC 3464 has it, or of no mail that left here")
    if not told.failed:
        return PlainTextResponse("it says of no failure that lasts\n", 202)
    reason = f"bounced ({told.status})" if told.status else "bounced"
    await desk.decide(come_back(reader.client.id, reader.contact.name, reason, desk.now()))
    return PlainTextResponse("stored\n", 202)


CHALLENGE = {"WWW-Authenticate": "Bearer"}


def _reader(desk: Office, told: Report) -> Reader | None:
    keys = (found["key"] for mailbox in told.mailboxes for found in RETURNED.finditer(mailbox))
    return next((one for key in keys if (one := returned_to(desk.situation, desk.keys, key)) is not None), None)
