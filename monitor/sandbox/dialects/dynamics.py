"""Dynamics 365: OData lists, pages by address, tokens for a scope, Retry-After when there was too much."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, Member, Show, number_of, required, since
from monitor.sandbox.dialects.tokens import Issuer
from monitor.sandbox.vendor import BadRequestError
from monitor.sandbox.world import Entry

FILTER = re.compile(r"modifiedon ge (?P<since>\S+)")
SOUGHT = re.compile(r"name eq '(?P<key>[^']*)'")
PREFER = re.compile(r"odata\.maxpagesize=(?P<size>\d+)")
LARGEST = 5000


def _entry(key: str, entry: Entry) -> Json:
    at = entry.created.strftime("%Y-%m-%dT%H:%M:%SZ")
    order = entry.invoice
    told = {"name": order.id, "_customerid_value": order.client.account, "createdon": at, "modifiedon": at}
    return {"@odata.etag": 'W/"1"', key: entry.id, **told}


def _account(member: Member) -> Json:
    at = member.created.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"accountid": member.company.id, "accountnumber": member.company.account, "createdon": at, "modifiedon": at}


def _error(status: int, code: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": "..."}}, status_code=status)


@dataclass(frozen=True, kw_only=True)
class Dynamics(Dialect):
    """One environment."""

    issuer: Issuer = field(init=False)

    def __post_init__(self) -> None:
        """Set up the token endpoint."""
        issuer = Issuer(world=self.world, system="dynamics", life=timedelta(hours=1), in_form=True)
        object.__setattr__(self, "issuer", issuer)

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        root = "/api/data/v9.2"
        return {
            "/sandbox/oauth2/v2.0/token": self.issuer.grant,
            f"{root}/invoices": partial(self._list, self.booked, partial(_entry, "invoiceid")),
            f"{root}/salesorders": partial(self._list, self.booked, partial(_entry, "salesorderid")),
            f"{root}/accounts": partial(self._list, self.members, _account),
            f"{root}/WhoAmI": lambda _: JSONResponse({"UserId": "1", "OrganizationId": "2"}),
        }

    def open_paths(self) -> tuple[str, ...]:
        """Return the paths that need no credential."""
        return ("/sandbox/oauth2/v2.0/token",)

    def admits(self, request: Request) -> bool:
        """Tell whether a request bears a living token."""
        return self.issuer.admits(request)

    def refusal(self) -> Response:
        """Return what a request without it is told: nothing but its status."""
        return Response(status_code=401)

    def slow_down(self, seconds: int) -> Response:
        """Return what a request beyond the limit is told."""
        refusal = _error(429, "0x80072322")
        refusal.headers["Retry-After"] = str(seconds)
        return refusal

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _error(200, "0x80040216")

    def _list(self, rows: Callable[[], Sequence[Entry | Member]], show: Show, request: Request) -> Response:
        sought = SOUGHT.fullmatch(required(request, "$filter"))
        if sought is not None:
            return JSONResponse({"value": [row for row in map(show, rows()) if row.get("name") == sought["key"]]})
        wanted, prefer = (
            FILTER.fullmatch(required(request, "$filter")),
            PREFER.fullmatch(request.headers.get("prefer", f"odata.maxpagesize={LARGEST}")),
        )
        if wanted is None or prefer is None or request.query_params.get("$orderby") != "modifiedon asc":
            raise BadRequestError("not a query that the sandbox knows", "$filter")
        size, first = int(prefer["size"]), number_of(request.query_params.get("$skiptoken", "0"), "$skiptoken")
        found = since(rows(), datetime.fromisoformat(wanted["since"]))
        following = str(request.url.include_query_params(**{"$skiptoken": first + size}))
        more = {"@odata.nextLink": following} if len(found) > first + size else {}
        return JSONResponse({"value": [show(row) for row in found[first : first + size]], **more})
