"""Recurly: pages by a path below the origin, ISO times, the limit told in every answer with its reset as an instant."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, Member, Show, basic, number_of, one_of, since
from monitor.sandbox.meter import Reading
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import BadRequestError, count_of, credential, instant_of, written

VERSION = "application/vnd.recurly.v2021-02-25+json"


def _account(order: Order) -> Json:
    return {"id": f"acc-{order.client.id}", "object": "account_mini", "code": order.client.customer}


def _transaction(order: Order) -> Json:
    return {
        "id": order.id,
        "object": "transaction",
        "account": _account(order),
        "amount": order.amount / 100,
        "currency": order.client.currency.upper(),
        "status": "declined" if order.failed else "success",
        "success": not order.failed,
        "status_code": "declined_card" if order.failed else "approved",
        "created_at": written(order.created),
        "updated_at": written(order.created),
    }


def _invoice(order: Order) -> Json:
    return {
        "id": order.id,
        "object": "invoice",
        "account": _account(order),
        "total": order.amount / 100,
        "currency": order.client.currency.upper(),
        "state": "paid",
        "final_dunning_event": False,
        "created_at": written(order.created),
        "updated_at": written(order.created),
    }


def _member(member: Member) -> Json:
    return {
        "id": f"acc-{member.company.id}",
        "object": "account",
        "code": member.company.customer,
        "created_at": written(member.created),
        "updated_at": written(member.created),
    }


def _error(status: int, kind: str) -> JSONResponse:
    return JSONResponse({"error": {"type": kind, "message": "..."}}, status_code=status)


class Recurly(Dialect):
    """One site."""

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/transactions": partial(self._list, lambda: self.sold(Kind.CHARGE), _transaction),
            "/invoices": partial(self._list, lambda: self.sold(Kind.INVOICE), _invoice),
            "/transactions/{key}": partial(self._one, lambda: self.sold(Kind.CHARGE), _transaction),
            "/invoices/{key}": partial(self._one, lambda: self.sold(Kind.INVOICE), _invoice),
            "/accounts": partial(self._list, self.members, _member),
            "/sites": lambda _: JSONResponse(
                {"object": "list", "has_more": False, "next": None, "data": [{"id": "s"}]}
            ),
        }

    def admits(self, request: Request) -> bool:
        """Tell whether a request has the right key and names the version of the API."""
        return basic(request) == (credential("recurly"), "") and request.headers.get("accept") == VERSION

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return _error(401, "unauthorized")

    def slow_down(self, seconds: int) -> Response:  # noqa: ARG002 - the headers tell it
        """Return what a request beyond the limit is told."""
        return _error(429, "rate_limited")

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _error(200, "internal_server_error")

    def quota_headers(self, reading: Reading) -> Mapping[str, str]:
        """Return the headers that tell of the limit."""
        return {
            "X-RateLimit-Limit": str(reading.limit),
            "X-RateLimit-Remaining": str(reading.remaining),
            "X-RateLimit-Reset": str(int(reading.reset.timestamp())),
        }

    def _one(self, rows: Callable[[], Sequence[Order]], show: Show, request: Request) -> Response:
        found = one_of([show(row) for row in rows()], request.path_params["key"])
        return _error(404, "not_found") if found is None else JSONResponse(found)

    def _list(self, rows: Callable[[], Sequence[Order | Member]], show: Show, request: Request) -> Response:
        if (request.query_params.get("sort"), request.query_params.get("order")) != ("updated_at", "asc"):
            raise BadRequestError("only this order shows every row", "sort")
        limit = count_of(request, "limit", 20, 200)
        first = number_of(request.query_params.get("cursor", "0"), "cursor")
        found = since(rows(), instant_of(request, "begin_time"))
        more = len(found) > first + limit
        query = urlencode({**request.query_params, "cursor": first + limit})
        return JSONResponse(
            {
                "object": "list",
                "has_more": more,
                "next": f"{request.url.path}?{query}" if more else None,
                "data": [show(row) for row in found[first : first + limit]],
            }
        )
