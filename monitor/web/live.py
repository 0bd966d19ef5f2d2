"""The live line: a stream of server-sent events that says when something has changed, never what.

A page that hears it fetches itself again, so that what is shown is always rendered by the server.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from monitor.web.guard import Desk
from monitor.web.office import Office

SIGN_OF_LIFE = timedelta(seconds=15)
"""How long the line may be silent; a comment then tells the browser, and a proxy between, that it stands."""

router = APIRouter(include_in_schema=False)


@router.get("/live")
async def live(request: Request, desk: Desk) -> StreamingResponse:
    """Return the stream of versions."""
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(versions(request, desk), media_type="text/event-stream", headers=headers)


async def versions(request: Request, desk: Office) -> AsyncIterator[str]:
    """Yield the version now, and again whenever it has changed, until the reader is gone."""
    version = desk.version
    yield event(version)
    while not await request.is_disconnected():
        try:
            async with asyncio.timeout(SIGN_OF_LIFE.total_seconds()):
                version = await desk.changed(version)
        except TimeoutError:
            yield ": still here\n\n"
        else:
            yield event(version)


def event(version: int) -> str:
    """Return one event in the stream's form."""
    return f"event: version\ndata: {version}\n\n"
