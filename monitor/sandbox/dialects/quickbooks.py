"""QuickBooks: queries with the page in their text, empty lists left out, rotating refresh tokens, `Fault` inside."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, required, since
from monitor.sandbox.dialects.tokens import Issuer
from monitor.sandbox.vendor import BadRequestError
from monitor.sandbox.world import Entry

REALM = "4620816365"
MOST = 1000
QUERY = re.compile(
    r"SELECT \* FROM (?P<object>Invoice|Payment) WHERE MetaData\.LastUpdatedTime >= '(?P<since>[^']+)'"
    r" ORDERBY MetaData\.LastUpdatedTime STARTPOSITION (?P<start>\d+) MAXRESULTS (?P<size>\d+)"
)

SOUGHT = re.compile(r"SELECT \* FROM Invoice WHERE DocNumber = '(?P<key>[^']*)'")


def _row(entry: Entry) -> Json:
    order, at = entry.invoice, entry.created.isoformat(timespec="milliseconds")
    return {
        "Id": entry.id,
        "DocNumber": order.id,
        "CustomerRef": {"value": order.client.account},
        "TotalAmt": order.amount / 100,
        "Balance": 0,
        "CurrencyRef": {"value": order.client.currency.upper()},
        "MetaData": {"CreateTime": at, "LastUpdatedTime": at},
    }


def _fault(status: int, code: str) -> JSONResponse:
    return JSONResponse({"Fault": {"Error": [{"code": code, "Message": "..."}], "type": "..."}}, status_code=status)


@dataclass(frozen=True, kw_only=True)
class QuickBooks(Dialect):
    """One company."""

    issuer: Issuer = field(init=False)

    def __post_init__(self) -> None:
        """Set up the token endpoint."""
        issuer = Issuer(world=self.world, system="quickbooks", life=timedelta(hours=1), in_form=False, rotates=True)
        object.__setattr__(self, "issuer", issuer)

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/oauth2/v1/tokens/bearer": self.issuer.grant,
            f"/v3/company/{REALM}/query": self._query,
            f"/v3/company/{REALM}/companyinfo/{REALM}": lambda _: JSONResponse({"CompanyInfo": {"Id": "1"}}),
        }

    def open_paths(self) -> tuple[str, ...]:
        """Return the paths that need no credential."""
        return ("/oauth2/v1/tokens/bearer",)

    def admits(self, request: Request) -> bool:
        """Tell whether a request bears a living token."""
        return self.issuer.admits(request)

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return _fault(401, "3200")

    def slow_down(self, seconds: int) -> Response:  # noqa: ARG002 - the vendor does not tell
        """Return what a request beyond the limit is told."""
        return _fault(429, "003001")

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _fault(200, "10000")

    def _query(self, request: Request) -> Response:
        sought = SOUGHT.fullmatch(required(request, "query"))
        if sought is not None:
            one = [row for row in map(_row, self.booked()) if row["DocNumber"] == sought["key"]]
            return JSONResponse({"QueryResponse": {"Invoice": one} if one else {}})
        query = QUERY.fullmatch(required(request, "query"))
        if query is None or int(query["size"]) > MOST:
            raise BadRequestError("not a query that the sandbox knows", "query")
        found = since(self.booked(), datetime.fromisoformat(query["since"]))
        first, size = int(query["start"]) - 1, int(query["size"])
        rows = [_row(entry) for entry in found[first : first + size]]
        told = {query["object"]: rows, "startPosition": first + 1, "maxResults": len(rows)} if rows else {}
        return JSONResponse({"QueryResponse": told, "time": self.world.now().isoformat()})
