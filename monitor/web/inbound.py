"""What comes in from outside by itself: the heartbeats of runs, and the webhooks of vendors.

Each sender shows a secret of its own, which opens nothing else; the guard leaves these addresses to this file. Only
POST is taken, for a link that is followed or fetched ahead must not count as a run that succeeded.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response

from monitor.web.guard import LARGEST_WEBHOOK, Desk, bearer, bearer_scheme
from monitor.web.measure import instant
from monitor.web.office import Office
from monitor.web.shapes import ErrorShape
from probes.heartbeat import Heartbeat, HeartbeatId, Signal, expected
from probes.webhook import Posted, Refusal

ANSWERS: Mapping[int | str, dict[str, Any]] = {
    202: {"description": "It is stored."},
    401: {"model": ErrorShape, "description": "There is no such heartbeat, or this is not its token."},
    422: {"model": ErrorShape, "description": "The signal is none of start, success and fail."},
    503: {"model": ErrorShape, "description": "It could not be stored; send it again."},
}

TAKEN: Mapping[int | str, dict[str, Any]] = {
    202: {"description": "It is stored, or was before. Some vendors are answered 200."},
    401: {"model": ErrorShape, "description": "It is not signed as a webhook of a system of ours, or too old."},
    413: {"model": ErrorShape, "description": "It is too large."},
    422: {"model": ErrorShape, "description": "It is signed, and not the JSON that the connector describes."},
    503: {"model": ErrorShape, "description": "It could not be verified or stored; send it again."},
}
NOT_OURS = "this is not signed as a webhook of a system that is configured here"
REFUSALS: Mapping[Refusal, tuple[int, str]] = {
    Refusal.UNSIGNED: (401, NOT_OURS),
    Refusal.FORGED: (401, NOT_OURS),
    Refusal.STALE: (401, "its signature is right and its time too far from ours; send it again, look at both clocks"),
    Refusal.UNREADABLE: (422, "this is signed, and not the JSON that the connector describes"),
}

router = APIRouter(prefix="/in", tags=["inbound"], responses=dict(ANSWERS), dependencies=[Depends(bearer_scheme)])

webhooks = APIRouter(prefix="/in", tags=["inbound"], responses=dict(TAKEN))


@router.post("/heartbeat/{heartbeat}", status_code=202, response_class=PlainTextResponse)
async def succeed(request: Request, desk: Desk, heartbeat: str) -> PlainTextResponse:
    """Hear that a run succeeded."""
    return await _hear(request, desk, heartbeat, Signal.SUCCESS)


@router.post("/heartbeat/{heartbeat}/{signal}", status_code=202, response_class=PlainTextResponse)
async def hear(request: Request, desk: Desk, heartbeat: str, signal: Signal) -> PlainTextResponse:
    """Hear that a run starts, succeeded or failed."""
    return await _hear(request, desk, heartbeat, signal)


async def _hear(request: Request, desk: Desk, name: str, signal: Signal) -> PlainTextResponse:
    heartbeat = _sent_by(request, desk, name)
    await desk.heard(heartbeat, signal)
    stands = expected(heartbeat, desk.situation.runs[heartbeat.id], desk.now())
    return PlainTextResponse(f"stored; a success is due by {instant(stands.due)}\n", 202)


def _sent_by(request: Request, desk: Desk, name: str) -> Heartbeat:
    """Return the heartbeat; who does not know its token does not learn whether there is one either."""
    heartbeat, offered = desk.situation.config.heartbeats.get(HeartbeatId(name)), bearer(request)
    if heartbeat is None or not offered or not desk.is_sender(heartbeat, offered):
        text = "there is no such heartbeat, or this is not its token; send `Authorization: Bearer` and its secret"
        raise HTTPException(401, text, {"WWW-Authenticate": "Bearer"})
    return heartbeat


@webhooks.post("/webhook/{system}", status_code=202, response_class=PlainTextResponse)
async def take(request: Request, desk: Desk, system: str) -> Response:
    """Take in a webhook of a vendor: verified by its signature, stored before it is answered."""
    try:
        body = await whole(request)
    except ClientDisconnect:
        desk.cut_off(system)
        raise
    posted = Posted(url=_address(request, desk), headers=dict(request.headers), body=body)
    taken = await desk.posted(system, posted)
    if isinstance(taken, Refusal):
        raise HTTPException(*REFUSALS[taken])
    return Response(taken.text, taken.status, media_type="text/plain" if taken.text else None)


def _address(request: Request, desk: Office) -> str:
    """The address that the vendor posted to, as it is known outside: some vendors sign it."""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{desk.doors.address}{request.url.path}{query}"


async def whole(request: Request) -> bytes:
    """Return the body byte by byte, for that is what is signed. One that says no length is read up to the limit."""
    read = bytearray()
    async for piece in request.stream():
        read += piece
        if len(read) > LARGEST_WEBHOOK:
            raise HTTPException(413, f"what is posted here has at most {LARGEST_WEBHOOK} bytes")
    return bytes(read)
