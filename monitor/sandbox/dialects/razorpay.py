"""Razorpay: newest first, rows skipped by number, a wrong key told by its description alone."""

from collections.abc import Callable, Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, Show, basic, number_of
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import count_of, credential

KEY = "rzp_test_sandbox"


def _payment(order: Order) -> Json:
    return {
        "id": order.id,
        "entity": "payment",
        "amount": order.amount,
        "currency": order.client.currency.upper(),
        "status": "failed" if order.failed else "captured",
        "error_reason": "payment_declined" if order.failed else None,
        "notes": {"client_id": order.client.merchant},
        "created_at": int(order.created.timestamp()),
    }


def _settlement(order: Order) -> Json:
    return {**_payment(order), "id": f"setl_{order.id}", "entity": "settlement", "status": "processed"}


def _dispute(order: Order) -> Json:
    told = {"id": f"disp_{order.id}", "entity": "dispute", "payment_id": order.id, "reason_code": "fraud"}
    return {**_payment(order), **told, "status": "open" if order.number % 10 == 0 else "won"}


def _error(status: int, description: str) -> JSONResponse:
    return JSONResponse({"error": {"code": "BAD_REQUEST_ERROR", "description": description}}, status_code=status)


class Razorpay(Dialect):
    """One account."""

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/v1/payments": partial(self._list, _payment),
            "/v1/settlements": partial(self._list, _settlement),
            "/v1/disputes": partial(self._list, _dispute),
        }

    def admits(self, request: Request) -> bool:
        """Tell whether a request has the right key and secret."""
        return basic(request) == (KEY, credential("razorpay"))

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return _error(400, "The api key provided is invalid")

    def slow_down(self, seconds: int) -> Response:  # noqa: ARG002 - the vendor does not tell
        """Return what a request beyond the limit is told."""
        return _error(429, "Request failed. Please try after sometime.")

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _error(200, "The server is unavailable")

    def _list(self, show: Show, request: Request) -> Response:
        count = count_of(request, "count", 10, 100)
        skip = number_of(request.query_params.get("skip", "0"), "skip")
        start, end = (number_of(request.query_params.get(name, edge), name) for name, edge in BOUNDS)
        found = [one for one in reversed(self.sold(Kind.PAYMENT)) if start <= int(one.created.timestamp()) <= end]
        shown = [show(order) for order in found[skip : skip + count]]
        return JSONResponse({"entity": "collection", "count": len(shown), "items": shown})


BOUNDS = (("from", "0"), ("to", "9999999999"))
