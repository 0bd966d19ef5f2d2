"""Zuora's Object Query: filters in a query parameter, a cursor, failures with status 200, seconds until the reset."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, Member, Show, number_of, one_of, required, since
from monitor.sandbox.dialects.tokens import Issuer
from monitor.sandbox.meter import Reading
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import BadRequestError, count_of

FILTER = re.compile(r"updatedDate\.GE:(?P<since>.+)")


def _row(order: Order, **more: object) -> Json:
    at = order.created.isoformat(timespec="milliseconds")
    told = {"accountNumber": order.client.customer, "createdDate": at, "updatedDate": at}
    return {"id": order.id, "amount": order.amount / 100, "currency": order.client.currency.upper(), **told, **more}


def _invoice(order: Order) -> Json:
    return _row(order, status="Posted", balance=0)


def _payment(order: Order) -> Json:
    return _row(
        order,
        status="Error" if order.failed else "Processed",
        gatewayResponseCode="declined" if order.failed else "approved",
    )


def _account(member: Member) -> Json:
    at = member.created.isoformat(timespec="milliseconds")
    return {"id": member.company.id, "accountNumber": member.company.customer, "createdDate": at, "updatedDate": at}


def _failure(status: int, code: int) -> JSONResponse:
    return JSONResponse({"success": False, "reasons": [{"code": code, "message": "..."}]}, status_code=status)


@dataclass(frozen=True, kw_only=True)
class Zuora(Dialect):
    """One tenant."""

    issuer: Issuer = field(init=False)

    def __post_init__(self) -> None:
        """Set up the token endpoint."""
        issuer = Issuer(world=self.world, system="zuora", life=timedelta(hours=1), in_form=True)
        object.__setattr__(self, "issuer", issuer)

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/oauth/token": self.issuer.grant,
            "/object-query/invoices": partial(self._list, lambda: self.sold(Kind.INVOICE), _invoice),
            "/object-query/payments": partial(self._list, lambda: self.sold(Kind.CHARGE), _payment),
            "/object-query/invoices/{key}": partial(self._one, lambda: self.sold(Kind.INVOICE), _invoice),
            "/object-query/payments/{key}": partial(self._one, lambda: self.sold(Kind.CHARGE), _payment),
            "/object-query/accounts": partial(self._list, self.members, _account),
        }

    def open_paths(self) -> tuple[str, ...]:
        """Return the paths that need no credential."""
        return ("/oauth/token",)

    def admits(self, request: Request) -> bool:
        """Tell whether a request bears a living token."""
        return self.issuer.admits(request)

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return _failure(401, 90000011)

    def slow_down(self, seconds: int) -> Response:  # noqa: ARG002 - the headers tell it
        """Return what a request beyond the limit is told."""
        return _failure(429, 50000070)

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _failure(200, 50000060)

    def quota_headers(self, reading: Reading) -> Mapping[str, str]:
        """Return the headers that tell of the limit."""
        return {
            "RateLimit-Limit": str(reading.limit),
            "RateLimit-Remaining": str(reading.remaining),
            "RateLimit-Reset": str(reading.wait(self.world.now())),
        }

    def _one(self, rows: Callable[[], Sequence[Order]], show: Show, request: Request) -> Response:
        found = one_of([show(row) for row in rows()], request.path_params["key"])
        return _failure(404, 50000040) if found is None else JSONResponse(found)

    def _list(self, rows: Callable[[], Sequence[Order | Member]], show: Show, request: Request) -> Response:
        if request.query_params.get("pageSize") == "1" and "filter[]" not in request.query_params:
            return JSONResponse({"data": [show(row) for row in rows()[:1]], "nextPage": "1"})
        wanted = FILTER.fullmatch(required(request, "filter[]"))
        if wanted is None or request.query_params.get("sort[]") != "updatedDate.ASC":
            raise BadRequestError("not a filter that the sandbox knows", "filter")
        size = count_of(request, "pageSize", 10, 99)
        first = number_of(request.query_params.get("cursor", "0"), "cursor")
        found = since(rows(), datetime.fromisoformat(wanted["since"]))
        more = {"nextPage": str(first + size)} if len(found) > first + size else {}
        return JSONResponse({"data": [show(row) for row in found[first : first + size]], **more})
