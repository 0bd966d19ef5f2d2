"""GoCardless: each list under its own name, a cursor in `meta`, milliseconds, a reset that is a date."""

from collections.abc import Callable, Mapping, Sequence
from email.utils import format_datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, Member, Show, one_of, since
from monitor.sandbox.meter import Reading
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import BadRequestError, bearer, count_of, credential, instant_of, written


def _payment(order: Order) -> Json:
    return {
        "id": order.id,
        "created_at": written(order.created),
        "charge_date": order.created.date().isoformat(),
        "amount": order.amount,
        "currency": order.client.currency.upper(),
        "status": "failed" if order.failed else "confirmed",
        "metadata": {"client_id": order.client.merchant},
        "links": {"mandate": f"MD-{order.client.id}"},
    }


def _event(order: Order) -> Json:
    return {
        "id": f"EV-{order.id}",
        "created_at": written(order.created),
        "resource_type": "payments",
        "action": "failed" if order.failed else "confirmed",
        "details": {"cause": "refer_to_payer" if order.failed else "payment_confirmed", "will_attempt_retry": False},
        "metadata": {},
        "resource_metadata": {"client_id": order.client.merchant},
        "links": {"payment": order.id},
    }


def _payout(order: Order) -> Json:
    return {**_payment(order), "id": f"PO-{order.id}", "status": "paid", "links": {"creditor": "CR1"}}


def _mandate(member: Member) -> Json:
    return {
        "id": f"MD-{member.company.id}",
        "created_at": written(member.created),
        "status": "active",
        "metadata": {},
        "links": {"customer": member.company.merchant},
    }


def _webhook(order: Order) -> Json:
    failed = order.number % 10 == 0
    return {
        "id": f"WB-{order.id}",
        "created_at": written(order.created),
        "successful": not failed,
        "response_code": 500 if failed else 204,
        "url": "https://client.example/hook",
    }


def _error(status: int, reason: str) -> JSONResponse:
    error = {"type": "invalid_api_usage", "code": status, "message": "...", "errors": [{"reason": reason}]}
    return JSONResponse({"error": error}, status_code=status)


class GoCardless(Dialect):
    """One organisation."""

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        payments = partial(self.sold, Kind.PAYMENT)
        return {
            "/events": partial(self._list, "events", payments, _event),
            "/payments": partial(self._list, "payments", payments, _payment),
            "/payments/{key}": partial(self._one, "payments", payments, _payment),
            "/payouts": partial(self._list, "payouts", payments, _payout),
            "/mandates": partial(self._list, "mandates", self.members, _mandate),
            "/webhooks": partial(self._list, "webhooks", payments, _webhook),
            "/creditors": lambda _: JSONResponse({"creditors": [{"id": "CR1"}], "meta": {"cursors": {"after": None}}}),
        }

    def admits(self, request: Request) -> bool:
        """Tell whether a request has the right token and names the version of the API."""
        return bearer(request) == credential("gocardless") and "gocardless-version" in request.headers

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return _error(401, "access_token_not_found")

    def slow_down(self, seconds: int) -> Response:  # noqa: ARG002 - the headers tell it
        """Return what a request beyond the limit is told."""
        return _error(429, "rate_limit_exceeded")

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _error(200, "internal_server_error")

    def quota_headers(self, reading: Reading) -> Mapping[str, str]:
        """Return the headers that tell of the limit."""
        return {
            "RateLimit-Limit": str(reading.limit),
            "RateLimit-Remaining": str(reading.remaining),
            "RateLimit-Reset": format_datetime(reading.reset, usegmt=True),
        }

    def _one(self, name: str, rows: Callable[[], Sequence[Order]], show: Show, request: Request) -> Response:
        found = one_of([show(row) for row in rows()], request.path_params["key"])
        return _error(404, "resource_not_found") if found is None else JSONResponse({name: found})

    def _list(self, name: str, rows: Callable[[], Sequence[Order | Member]], show: Show, request: Request) -> Response:
        limit, after = count_of(request, "limit", 50, 500), request.query_params.get("after")
        shown = [show(row) for row in reversed(since(rows(), instant_of(request, "created_at[gte]")))]
        ids = [one["id"] for one in shown]
        if after is not None and after not in ids:
            raise BadRequestError("after is not one of ours", "after")
        first = 0 if after is None else ids.index(after) + 1
        page = shown[first : first + limit]
        more = page[-1]["id"] if len(shown) > first + limit else None
        return JSONResponse({name: page, "meta": {"cursors": {"before": None, "after": more}, "limit": limit}})
