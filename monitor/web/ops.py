"""What machines ask: alive, ready, and the metrics."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from monitor.web.guard import Desk

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(tags=["operation"])


@router.get("/healthz", response_class=PlainTextResponse)
async def healthz() -> str:
    """Say that the process answers."""
    return "alive\n"


@router.get("/readyz", response_class=PlainTextResponse, responses={503: {"description": "Something does not run."}})
async def readyz(desk: Desk) -> PlainTextResponse:
    """Say whether every loop runs and the store can be written; otherwise what does not."""
    ready, reason = desk.ready()
    return PlainTextResponse("ready\n" if ready else f"not ready: {reason}\n", 200 if ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(desk: Desk) -> Response:
    """Return the exposition for Prometheus."""
    return Response(desk.metrics(), media_type=EXPOSITION)
