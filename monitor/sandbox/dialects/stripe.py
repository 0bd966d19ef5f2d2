"""The billing API with its events: newest first, each an object and whether every webhook endpoint has taken it."""

from collections.abc import Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.billing import Billing
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import count_of

UNDELIVERED_EVERY = 10


def undelivered(order: Order) -> bool:
    """Tell whether some endpoint has not taken the event of an order."""
    return order.number % UNDELIVERED_EVERY == 0


def _event(order: Order) -> dict[str, object]:
    return {
        "id": f"evt_{order.id}",
        "object": "event",
        "created": int(order.created.timestamp()),
        "data": {"object": {"id": order.id, "object": "invoice", "customer": order.client.customer}},
        "pending_webhooks": int(undelivered(order)),
        "type": "invoice.paid",
    }


class Stripe(Billing):
    """Invoices, charges, customers and events of one account."""

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {**Billing.paths(self), "/v1/events": self._events}

    def _events(self, request: Request) -> Response:
        limit, start = count_of(request, "limit", 10, 100), int(request.query_params.get("created[gte]", "0"))
        failed_only = request.query_params.get("delivery_success") == "false"
        events = [
            _event(order)
            for order in reversed(self.world.orders(Kind.INVOICE).since(None))
            if int(order.created.timestamp()) >= start and (undelivered(order) or not failed_only)
        ]
        after = request.query_params.get("starting_after")
        first = next((place for place, one in enumerate(events, 1) if one["id"] == after), 0)
        page = events[first : first + limit]
        more = len(events) > first + limit
        return JSONResponse({"object": "list", "url": "/v1/events", "has_more": more, "data": page})
