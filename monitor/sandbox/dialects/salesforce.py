"""Salesforce: queries by SOQL, pages by a path, a header that says what of the day's pool is used, 403 beyond it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, Member, Show, number_of, required, since
from monitor.sandbox.dialects.tokens import Issuer
from monitor.sandbox.meter import Reading
from monitor.sandbox.vendor import BadRequestError
from monitor.sandbox.world import Entry

PAGE = 200
QUERY = re.compile(
    r"SELECT .+ FROM (?P<object>\w+) WHERE SystemModstamp >= (?P<since>[0-9TZ:.+-]+) ORDER BY SystemModstamp"
)

SOUGHT = re.compile(r"SELECT .+ FROM Order WHERE OrderReferenceNumber = '(?P<key>[^']*)'")


def _error(status: int, code: str) -> JSONResponse:
    return JSONResponse([{"errorCode": code, "message": "..."}], status_code=status)


def _written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03}+0000"


def _order(entry: Entry) -> Json:
    return {
        "attributes": {"type": "Order"},
        "Id": entry.id,
        "OrderReferenceNumber": entry.invoice.id,
        "AccountId": f"001-{entry.invoice.client.id}",
        "Account": {"AccountNumber": entry.invoice.client.account},
        "CreatedDate": _written(entry.created),
        "SystemModstamp": _written(entry.created),
    }


def _account(member: Member) -> Json:
    return {
        "attributes": {"type": "Account"},
        "Id": f"001-{member.company.id}",
        "AccountNumber": member.company.account,
        "CreatedDate": _written(member.created),
        "SystemModstamp": _written(member.created),
    }


@dataclass(frozen=True, kw_only=True)
class Salesforce(Dialect):
    """One organisation. Its tokens do not tell how long they live."""

    issuer: Issuer = field(init=False)

    def __post_init__(self) -> None:
        """Set up the token endpoint."""
        life = timedelta(hours=2)
        issuer = Issuer(world=self.world, system="salesforce", life=life, in_form=True, tells_life=False)
        object.__setattr__(self, "issuer", issuer)

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/services/oauth2/token": self.issuer.grant,
            "/services/data/v61.0/query": self._query,
            "/services/data/v61.0/limits": lambda _: JSONResponse({"DailyApiRequests": {"Max": 100_000}}),
        }

    def open_paths(self) -> tuple[str, ...]:
        """Return the paths that need no credential."""
        return ("/services/oauth2/token",)

    def admits(self, request: Request) -> bool:
        """Tell whether a request bears a living token."""
        return self.issuer.admits(request)

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return _error(401, "INVALID_SESSION_ID")

    def slow_down(self, seconds: int) -> Response:  # noqa: ARG002 - the pool of a day tells no end
        """Return what a request beyond the limit is told."""
        return _error(403, "REQUEST_LIMIT_EXCEEDED")

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _error(200, "SERVER_UNAVAILABLE")

    def quota_headers(self, reading: Reading) -> Mapping[str, str]:
        """Return the header that tells of the limit."""
        used = f"api-usage={reading.limit - reading.remaining}/{reading.limit}"
        return {"Sforce-Limit-Info": f"{used}; per-app-api-usage=17/250(appName=sandbox)"}

    def _query(self, request: Request) -> Response:
        sought = SOUGHT.fullmatch(required(request, "q"))
        if sought is not None:
            one = [row for row in map(_order, self.booked()) if row["OrderReferenceNumber"] == sought["key"]]
            return JSONResponse({"totalSize": len(one), "done": True, "records": one})
        query = QUERY.fullmatch(required(request, "q"))
        if query is None:
            raise BadRequestError("not a query that the sandbox knows", "q")
        rows, start = self._rows(query["object"]), datetime.fromisoformat(query["since"])
        first = number_of(request.query_params.get("from", "0"), "from")
        found = since(rows, start)
        show: Show = _account if query["object"] == "Account" else _order
        more = len(found) > first + PAGE
        following = f"{request.url.path}?q={quote(query.string)}&from={first + PAGE}"
        return JSONResponse(
            {
                "totalSize": len(found),
                "done": not more,
                "records": [show(row) for row in found[first : first + PAGE]],
                **({"nextRecordsUrl": following} if more else {}),
            }
        )

    def _rows(self, name: str) -> Sequence[Entry | Member]:
        return self.members() if name == "Account" else self.booked()
