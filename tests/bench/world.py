"""The world outside, as a process of its own: vendors that answer as they are told, and a receiver that notes arrivals.

    python -m tests.bench.world

It listens on loopback at any free port, prints its address as one line, and ends with its standard input. Its clock is
the judge: when a bad answer left, and when a page came.
"""

import asyncio
import json
import socket
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ROWS = 10
"""Rows of a steady list: with these it is 2 KB of JSON."""

CLIENTS = 24
NOTE = "one row of an ordinary list, of about two hundred bytes; most of it is of no interest to us, as ever"
BROKEN = Response('{"error": "made to fail"}', status_code=500, media_type="application/json")


def _now() -> datetime:
    return datetime.now(UTC)


def _row(number: int, client: str, created: datetime) -> dict[str, str]:
    instant = created.isoformat(timespec="milliseconds")
    return {"id": f"in_{number:06d}", "client": client, "created": instant, "status": "approved", "note": NOTE}


def _listed(rows: Sequence[dict[str, str]]) -> bytes:
    return json.dumps({"items": rows}).encode()


EMPTY = _listed(())
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class World:
    """What the vendors show, which of them are broken, and what happened when."""

    created: list[datetime] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    storm: bytes = EMPTY
    storm_created: datetime = NEVER
    bad: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    looked: list[str] = field(default_factory=list)
    arrived: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    async def steady_source(self, request: Request) -> Response:
        """List the latest rows: one more at each look."""
        del request
        self.created += [_now()] * (1 if self.created else ROWS)
        return self._steady()

    async def steady_destination(self, request: Request) -> Response:
        """List the same rows as the source did."""
        del request
        return self._steady()

    def _steady(self) -> Response:
        last = len(self.created)
        rows = [_row(one, f"c{one % CLIENTS}", self.created[one]) for one in range(last - ROWS, last)]
        return Response(_listed(rows), media_type="application/json")

    async def line(self, request: Request) -> Response:
        """List nothing new, or fail where the line is broken."""
        name = request.path_params["name"]
        if name not in self.broken:
            return Response(EMPTY, media_type="application/json")
        self.bad[name].append(_now().isoformat())
        return BROKEN

    async def storm_source(self, request: Request) -> Response:
        """List the storm's rows to whoever asks from before they were created."""
        since = datetime.fromisoformat(request.query_params["since"])
        return Response(self.storm if since <= self.storm_created else EMPTY, media_type="application/json")

    async def storm_destination(self, request: Request) -> Response:
        """List nothing: this system has stopped taking records."""
        del request
        self.looked.append(_now().isoformat())
        return Response(EMPTY, media_type="application/json")

    async def take(self, request: Request) -> Response:
        """Note that a message has come, whole, and of which broken lines it tells."""
        body, box = (await request.body()).decode(), request.path_params["box"]
        told = [f"{box}/{line}" for line in self.broken if line in body]
        for place in (box, *told):
            self.arrived[place].append(_now().isoformat())
        return Response(status_code=200)

    async def break_line(self, request: Request) -> Response:
        """Let a line fail from now on."""
        self.broken[request.path_params["name"]] = _now().isoformat()
        return Response(status_code=200)

    async def begin_storm(self, request: Request) -> Response:
        """Create the same number of records for each of many clients, all at once."""
        asked = await request.json()
        self.storm_created = _now() - timedelta(milliseconds=1)
        owners = (f"c{client}" for client in range(asked["clients"]) for _ in range(asked["each"]))
        self.storm = _listed([_row(number, owner, self.storm_created) for number, owner in enumerate(owners)])
        return Response(status_code=200)

    async def log(self, request: Request) -> Response:
        """Tell what happened when."""
        del request
        told = {"broken": self.broken, "bad": self.bad, "looked": self.looked, "arrived": self.arrived}
        return JSONResponse(told)

    def app(self) -> Starlette:
        """Return the world as an ASGI application."""
        return Starlette(
            routes=[
                Route("/steady/source", self.steady_source),
                Route("/steady/destination", self.steady_destination),
                Route("/line/{name}", self.line),
                Route("/storm/source", self.storm_source),
                Route("/storm/destination", self.storm_destination),
                Route("/inbox/{box}", self.take, methods=["POST"]),
                Route("/control/break/{name}", self.break_line, methods=["POST"]),
                Route("/control/storm", self.begin_storm, methods=["POST"]),
                Route("/log", self.log),
            ]
        )


class _Tether(asyncio.Protocol):
    """Notices the end of standard input, which is the end of the process that holds its other side."""

    def __init__(self, server: uvicorn.Server) -> None:
        self._server = server

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._server.should_exit = True


async def main() -> None:
    """Serve until standard input closes."""
    bound = socket.create_server(("127.0.0.1", 0), backlog=512)
    server = uvicorn.Server(
        uvicorn.Config(World().app(), lifespan="off", log_level="warning", access_log=False, timeout_keep_alive=75)
    )
    await asyncio.get_running_loop().connect_read_pipe(lambda: _Tether(server), sys.stdin)
    print(f"http://127.0.0.1:{bound.getsockname()[1]}", flush=True)
    await server.serve(sockets=[bound])


if __name__ == "__main__":
    asyncio.run(main())
