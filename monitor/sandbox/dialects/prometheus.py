"""Prometheus' HTTP API as far as an instant query goes: a series for each client, 1 while all is well with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.clients import COMPANIES
from monitor.sandbox.dialects.dialect import Dialect, required
from monitor.sandbox.vendor import BadRequestError

QUERY = 'engagement{env="live"} > bool 0.5'


@dataclass(frozen=True, kw_only=True)
class Prometheus(Dialect):
    """One server that knows one query. `unwell` are the accounts whose value is 0."""

    unwell: set[str] = field(default_factory=set)

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/api/v1/query": self._query,
            "/api/v1/status/buildinfo": lambda _: JSONResponse({"status": "success", "data": {"version": "3"}}),
        }

    def admits(self, request: Request) -> bool:  # noqa: ARG002 - anybody may ask
        """Tell that anybody may ask."""
        return True

    def refusal(self) -> Response:
        """Return what a proxy before it would say."""
        return Response(status_code=401)

    def slow_down(self, seconds: int) -> Response:
        """Return what a proxy before it would say."""
        return Response(status_code=429, headers={"Retry-After": str(seconds)})

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return JSONResponse({"status": "error", "errorType": "execution", "error": "..."})

    def bad(self, error: BadRequestError) -> Response:
        """Return the refusal of a request that makes no sense."""
        return JSONResponse({"status": "error", "errorType": "bad_data", "error": str(error)}, status_code=400)

    def _query(self, request: Request) -> Response:
        if required(request, "query") != QUERY:
            raise BadRequestError("not a query that the sandbox knows", "query")
        now = self.world.now().timestamp()
        result = [
            {"metric": {"account": one.account}, "value": [now, "0" if one.account in self.unwell else "1"]}
            for one in COMPANIES
        ]
        return JSONResponse({"status": "success", "data": {"resultType": "vector", "result": result}})
