"""What comes in from outside by itself: the heartbeats of runs.

Each sender shows a secret of its own, which opens nothing else; the guard leaves these addresses to this file. Only
POST is taken, for a link that is followed or fetched ahead must not count as a run that succeeded.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import PlainTextResponse

from monitor.web.guard import Desk, bearer, bearer_scheme
from monitor.web.measure import instant
from monitor.web.shapes import ErrorShape
from probes.heartbeat import Heartbeat, HeartbeatId, Signal, expected

ANSWERS: Mapping[int | str, dict[str, Any]] = {
    202: {"description": "It is stored."},
    401: {"model": ErrorShape, "description": "There is no such heartbeat, or this is not its token."},
    422: {"model": ErrorShape, "description": "The signal is none of start, success and fail."},
    503: {"model": ErrorShape, "description": "It could not be stored; send it again."},
}

router = APIRouter(prefix="/in", tags=["inbound"], responses=dict(ANSWERS), dependencies=[Depends(bearer_scheme)])


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
