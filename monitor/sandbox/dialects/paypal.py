"""PayPal: tokens by client credentials, a report in numbered pages, refused where it is too long or too large."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, number_of, required, since
from monitor.sandbox.dialects.tokens import Issuer
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import BadRequestError, count_of, instant_of

LONGEST = timedelta(days=31)


def _error(status: int, name: str) -> JSONResponse:
    return JSONResponse({"name": name, "message": "...", "debug_id": "0"}, status_code=status)


def _transaction(order: Order) -> Json:
    at = order.created.strftime("%Y-%m-%dT%H:%M:%S+0000")
    info = {
        "transaction_id": order.id,
        "transaction_event_code": "T0006",
        "transaction_initiation_date": at,
        "transaction_updated_date": at,
        "transaction_amount": {"currency_code": order.client.currency.upper(), "value": f"{order.amount / 100:.2f}"},
        "transaction_status": "D" if order.failed else "S",
        "custom_field": order.client.merchant,
    }
    return {"transaction_info": info, "payer_info": {}}


def _event(order: Order) -> Json:
    kind = "PAYMENT.CAPTURE.DENIED" if order.failed else "PAYMENT.CAPTURE.COMPLETED"
    at = order.created.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "id": f"WH-{order.id}",
        "create_time": at,
        "event_type": kind,
        "resource": {"custom_id": order.client.merchant},
    }


@dataclass(frozen=True, kw_only=True)
class PayPal(Dialect):
    """One business; `most` rows of a report are shown, and no more."""

    most: int = 10_000
    issuer: Issuer = field(init=False)

    def __post_init__(self) -> None:
        """Set up the token endpoint."""
        issuer = Issuer(world=self.world, system="paypal", life=timedelta(hours=9), in_form=False)
        object.__setattr__(self, "issuer", issuer)

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/v1/oauth2/token": self.issuer.grant,
            "/v1/reporting/transactions": self._transactions,
            "/v1/notifications/webhooks-events": self._events,
            "/v1/notifications/webhooks": lambda _: JSONResponse({"webhooks": []}),
        }

    def open_paths(self) -> tuple[str, ...]:
        """Return the paths that need no credential."""
        return ("/v1/oauth2/token",)

    def admits(self, request: Request) -> bool:
        """Tell whether a request bears a living token."""
        return self.issuer.admits(request)

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return JSONResponse({"error": "invalid_token", "error_description": "..."}, status_code=401)

    def slow_down(self, seconds: int) -> Response:  # noqa: ARG002 - the vendor does not tell
        """Return what a request beyond the limit is told."""
        return _error(429, "RATE_LIMIT_REACHED")

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _error(200, "INTERNAL_SERVER_ERROR")

    def bad(self, error: BadRequestError) -> Response:
        """Return the refusal of a request that makes no sense."""
        return _error(400, error.field if error.field.isupper() else "INVALID_REQUEST")

    def _transactions(self, request: Request) -> Response:
        start, end = (required(request, name) for name in ("start_date", "end_date"))
        if start >= end or _between(request) > LONGEST:
            raise BadRequestError("at most 31 days", "INVALID_REQUEST")
        found = since(self.sold(Kind.PAYMENT), instant_of(request, "start_date"), instant_of(request, "end_date"))
        if len(found) > self.most:
            raise BadRequestError("too many rows", "RESULTSET_TOO_LARGE")
        size, page = count_of(request, "page_size", 100, 500), number_of(request.query_params.get("page"), "page")
        total = max(1, -(-len(found) // size))
        shown = [_transaction(order) for order in found[(page - 1) * size : page * size]]
        return JSONResponse(
            {"transaction_details": shown, "page": page, "total_items": len(found), "total_pages": total}
        )

    def _events(self, request: Request) -> Response:
        size, first = count_of(request, "page_size", 10, 300), number_of(request.query_params.get("next", "0"), "next")
        found = since(self.sold(Kind.PAYMENT), instant_of(request, "start_time"), instant_of(request, "end_time"))
        links = [{"rel": "self", "href": str(request.url)}]
        if len(found) > first + size:
            links.append({"rel": "next", "href": str(request.url.include_query_params(next=first + size))})
        events = [_event(order) for order in found[first : first + size]]
        return JSONResponse({"events": events, "count": len(events), "links": links})


def _between(request: Request) -> timedelta:
    start, end = instant_of(request, "start_date"), instant_of(request, "end_date")
    return end - start if start and end else timedelta()
