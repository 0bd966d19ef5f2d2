"""Chargebee: rows that wrap their record, an opaque offset, whole seconds, one error shape for everything."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, Member, Show, basic, number_of, one_of
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import BadRequestError, count_of, credential


def _seconds(row: Order | Member) -> int:
    return int(row.created.timestamp())


def _invoice(order: Order) -> Json:
    return {
        "id": order.id,
        "customer_id": order.client.customer,
        "generated_at": _seconds(order),
        "updated_at": _seconds(order),
        "total": order.amount,
        "currency_code": order.client.currency.upper(),
        "status": "paid",
        "dunning_status": "success",
    }


def _transaction(order: Order) -> Json:
    return {
        "id": order.id,
        "customer_id": order.client.customer,
        "date": _seconds(order),
        "updated_at": _seconds(order),
        "amount": order.amount,
        "currency_code": order.client.currency.upper(),
        "status": "failure" if order.failed else "success",
        **({"error_code": "card_declined"} if order.failed else {}),
    }


def _customer(member: Member) -> Json:
    return {"id": member.company.customer, "created_at": _seconds(member), "updated_at": _seconds(member)}


def _event(order: Order) -> Json:
    return {
        "id": f"ev_{order.id}",
        "occurred_at": _seconds(order),
        "content": {"invoice": {"customer_id": order.client.customer}},
        "webhook_status": "failed" if order.number % 10 == 0 else "succeeded",
        "webhook_failure_reason": "connect timed out" if order.number % 10 == 0 else None,
    }


def _error(status: int, code: str) -> JSONResponse:
    return JSONResponse({"message": "...", "type": "invalid_request", "api_error_code": code}, status_code=status)


class Chargebee(Dialect):
    """One site."""

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/api/v2/invoices": partial(self._list, "invoice", lambda: self.sold(Kind.INVOICE), _invoice),
            "/api/v2/transactions": partial(self._list, "transaction", lambda: self.sold(Kind.CHARGE), _transaction),
            "/api/v2/invoices/{key}": partial(self._one, "invoice", lambda: self.sold(Kind.INVOICE), _invoice),
            "/api/v2/transactions/{key}": partial(
                self._one, "transaction", lambda: self.sold(Kind.CHARGE), _transaction
            ),
            "/api/v2/customers": partial(self._list, "customer", self.members, _customer),
            "/api/v2/events": partial(self._list, "event", lambda: self.sold(Kind.INVOICE), _event),
            "/api/v2/configurations": lambda _: JSONResponse({"configurations": [{"domain": "sandbox"}]}),
        }

    def admits(self, request: Request) -> bool:
        """Tell whether a request has the right key, as a user without a password."""
        return basic(request) == (credential("chargebee"), "")

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return _error(401, "api_authentication_failed")

    def slow_down(self, seconds: int) -> Response:
        """Return what a request beyond the limit is told."""
        refusal = _error(429, "api_request_limit_exceeded")
        refusal.headers["Retry-After"] = str(seconds)
        return refusal

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _error(200, "internal_error")

    def _one(self, kind: str, rows: Callable[[], Sequence[Order]], show: Show, request: Request) -> Response:
        found = one_of([show(row) for row in rows()], request.path_params["key"])
        return _error(404, "resource_not_found") if found is None else JSONResponse({kind: found})

    def _list(self, kind: str, rows: Callable[[], Sequence[Order | Member]], show: Show, request: Request) -> Response:
        name = "occurred_at" if kind == "event" else "updated_at"
        if request.query_params.get("sort_by[asc]") != name:
            raise BadRequestError("ask in the order of what you filter by", "sort_by")
        after = number_of(request.query_params.get(f"{name}[after]"), name)
        limit = count_of(request, "limit", 10, 100)
        first = _offset(request)
        found = [row for row in rows() if _seconds(row) > after]
        page = [{kind: show(row)} for row in found[first : first + limit]]
        more = {"next_offset": json.dumps([str(first + limit), "1"])} if len(found) > first + limit else {}
        return JSONResponse({"list": page, **more})


def _offset(request: Request) -> int:
    text = request.query_params.get("offset")
    if text is None:
        return 0
    try:
        return int(json.loads(text)[0])
    except (ValueError, TypeError, IndexError) as error:
        raise BadRequestError("offset is not one of ours", "offset") from error
