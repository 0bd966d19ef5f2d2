"""A status page of Atlassian's shape: what a vendor says of itself, whether or not it is true."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Ill, Json
from monitor.sandbox.vendor import written

COMPONENTS = ("API", "Dashboard", "Webhooks")


@dataclass(frozen=True, kw_only=True)
class Statuspage(Dialect):
    """One page. `broken` are the components that it declares to be out."""

    broken: set[str] = field(default_factory=set)

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/api/v2/summary.json": lambda _: JSONResponse({**self._status(), "components": self._components()}),
            "/api/v2/components.json": lambda _: JSONResponse({"page": {}, "components": self._components()}),
            "/api/v2/incidents.json": lambda _: JSONResponse({"page": {}, "incidents": self._incidents()}),
        }

    def admits(self, request: Request) -> bool:
        """Tell that anybody may read it, except who brings a credential: it is nobody's business here."""
        return "authorization" not in request.headers

    def refusal(self) -> Response:
        """Return what a request with a credential is told."""
        return Response(status_code=400)

    def slow_down(self, seconds: int) -> Response:
        """Return what a request beyond the limit is told."""
        return Response(status_code=429, headers={"Retry-After": str(seconds)})

    def error_inside(self) -> Response:
        """Return the page while a vendor declares an outage."""
        return JSONResponse({"status": {"indicator": "major", "description": "Major outage"}, "components": []})

    def _status(self) -> Json:
        return {"status": {"indicator": "minor" if self.broken else "none", "description": "..."}}

    def _components(self) -> list[Json]:
        at = written(self.world.started)
        return [
            {
                "id": name.lower(),
                "name": name,
                "status": "major_outage" if name in self.broken or Ill.DOWN in self.ills else "operational",
                "updated_at": at,
            }
            for name in COMPONENTS
        ]

    def _incidents(self) -> list[Json]:
        told = {"status": "investigating", "impact": "major", "resolved_at": None}
        return [
            {"id": f"inc-{name.lower()}", "created_at": written(self.world.started), **told} for name in self.broken
        ]
