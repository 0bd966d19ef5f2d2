"""Two vendors of thousands of clients, with a flow between them that can be stopped; in virtual time.

Every half minute each client has one record, all of them within seconds. A record travels in three seconds, and not at
all while the flow stops.
"""

from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from monitor.clock import SettableClock

ROUND = timedelta(seconds=30)
SPREAD = timedelta(seconds=4)
TRANSIT = timedelta(seconds=3)


class Crowd:
    """The vendors' side of it. `stopped` is since when nothing travels, `down` whether the destination answers."""

    def __init__(self, clock: SettableClock, clients: int) -> None:
        """Begin with everything in order, a round ago."""
        self._clock = clock
        self._clients = clients
        self._gap = SPREAD / clients
        self._begun = clock.now() - ROUND
        self.stopped: datetime | None = None
        self.down = False

    def _records(self, since: datetime, until: datetime, delay: timedelta) -> list[dict[str, str]]:
        """Return what was created after one instant and, a delay later, is there by another."""
        rounds = range(max(0, (since - delay - self._begun) // ROUND), (until - self._begun) // ROUND + 1)
        found = ((turn, client) for turn in rounds for client in range(self._clients))
        dated = ((turn, client, self._begun + turn * ROUND + client * self._gap + delay) for turn, client in found)
        return [
            {"id": f"r{turn}-{client}", "client": f"c{client}", "created": created.isoformat(), "status": "fine"}
            for turn, client, created in dated
            if since <= created <= until
        ]

    def app(self) -> Starlette:
        """Return both vendors as one application."""

        async def source(request: Request) -> JSONResponse:
            since = datetime.fromisoformat(request.query_params["since"])
            return JSONResponse({"items": self._records(since, self._clock.now(), timedelta()), "next": None})

        async def destination(request: Request) -> JSONResponse:
            if self.down:
                return JSONResponse({"error": "down"}, status_code=503)
            since = datetime.fromisoformat(request.query_params["since"])
            until = min(self._clock.now(), self.stopped or self._clock.now())
            return JSONResponse({"items": self._records(since, until, TRANSIT), "next": None})

        return Starlette(routes=[Route("/source/records", source), Route("/destination/records", destination)])
