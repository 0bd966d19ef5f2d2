"""The billing API, in the shape of a widespread one: lists newest first, paged by the last id, times in whole seconds.

It tells nothing of its rate limit until it is exceeded.
"""

from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.chance import chance
from monitor.sandbox.clients import COMPANIES
from monitor.sandbox.faults import Fault
from monitor.sandbox.meter import EPOCH, Meter, Reading
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import BadRequestError, Sleep, Vendor, bearer, count_of, credential
from monitor.sandbox.world import World

THROTTLED_FOR = 10
UNPAID = {Fault.RETRIES_RUN_OUT: "open", Fault.DUNNING_IN_VAIN: "uncollectible"}
MONTH = timedelta(days=30)


def _error(status: int, kind: str, message: str, **more: str) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "type": kind, **more}}, status_code=status)


def invoice(order: Order) -> dict[str, object]:
    """Return an invoice as lists and webhooks show it."""
    status = next((word for fault, word in UNPAID.items() if fault in order.befallen), "paid")
    return {
        "id": order.id,
        "object": "invoice",
        "amount_due": order.amount,
        "amount_paid": order.amount if status == "paid" else 0,
        "attempt_count": 1,
        "attempted": True,
        "created": int(order.created.timestamp()),
        "currency": order.client.currency,
        "customer": order.client.customer,
        "livemode": False,
        "next_payment_attempt": None,
        "number": f"{order.client.account}-{order.number:06}",
        "paid": status == "paid",
        "status": status,
    }


def charge(order: Order) -> dict[str, object]:
    """Return a charge as lists and webhooks show it."""
    return {
        "id": order.id,
        "object": "charge",
        "amount": order.amount,
        "captured": not order.failed,
        "created": int(order.created.timestamp()),
        "currency": order.client.currency,
        "customer": order.client.customer,
        "failure_code": "card_declined" if order.failed else None,
        "outcome": {"reason": "stolen_card" if Fault.CARDS_STOLEN in order.befallen else None},
        "failure_message": "Your card was declined." if order.failed else None,
        "livemode": False,
        "paid": not order.failed,
        "refunded": False,
        "status": "failed" if order.failed else "succeeded",
    }


def _customers(started: datetime) -> dict[str, dict[str, str | int]]:
    """Return the customers by id, newest first: one joined in each month before the sandbox began."""
    joined = {company: started - MONTH * place for place, company in enumerate(COMPANIES, 1)}
    return {
        company.customer: {
            "id": company.customer,
            "object": "customer",
            "created": int(created.timestamp()),
            "livemode": False,
            "name": company.name,
        }
        for company, created in joined.items()
    }


def _since(request: Request) -> datetime | None:
    """Return the earliest instant that is asked for; `[gt]` leaves out the second that it names."""
    for name, more in (("created[gte]", 0), ("created[gt]", 1)):
        if (text := request.query_params.get(name)) is not None:
            if not text.isascii() or not text.isdigit() or len(text) > len("9999999999"):
                raise BadRequestError(f"Invalid integer: {name}", name)
            return datetime.fromtimestamp(int(text) + more, UTC)
    return None


def _key(request: Request) -> str:
    """Return the API key, which may come as a bearer token or as the user name of basic authentication."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return bearer(request)
    try:
        return b64decode(text, validate=True).decode().partition(":")[0]
    except (Error, UnicodeDecodeError):
        return ""


def _changed(row: Mapping[str, object]) -> dict[str, object]:
    """Return a charge as another version of the API might have it."""
    return {name: str(value) if name == "amount" else value for name, value in row.items() if name != "customer"}


class Billing(Vendor):
    """Invoices, charges, customers and events of one account."""

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/v1/invoices": partial(self._list, Kind.INVOICE, invoice),
            "/v1/charges": partial(self._list, Kind.CHARGE, charge),
            "/v1/invoices/{key}": partial(self._one, Kind.INVOICE, invoice),
            "/v1/charges/{key}": partial(self._one, Kind.CHARGE, charge),
            "/v1/customers": self._customers,
            "/v1/events": self._events,
            "/v1/balance": self._balance,
            "/v1/account": self._account,
        }

    def unauthorised(self, request: Request) -> Response | None:
        """Return the refusal of a request without the right key, or with one that has been revoked."""
        key = _key(request)
        if self.world.on(Fault.CREDENTIAL_ELSEWHERE):
            return _error(401, "invalid_request_error", "This key is for test mode.", code="livemode_mismatch")
        if self.world.on(Fault.CHARGES_FORBIDDEN) and "charges" in request.url.path:
            return _error(403, "invalid_request_error", "The key lacks the required permissions for this endpoint.")
        if key == credential("billing") and not self.world.on(Fault.CREDENTIAL_REVOKED):
            return None
        message = "Invalid API Key provided." if key else "You did not provide an API key."
        refusal = _error(401, "invalid_request_error", message)
        refusal.headers["WWW-Authenticate"] = 'Bearer realm="sandbox"'
        return refusal

    def failing(self) -> Response | None:
        """Return 429 or an error with status 200 while that fault is on."""
        if self.world.on(Fault.BILLING_THROTTLED):
            return self._slow_down(THROTTLED_FOR)
        at_times = self.world.on(Fault.ERRORS_AT_TIMES) and chance("errors", self.world.now().isoformat())[0] % 6 == 0
        if at_times or self.world.on(Fault.BILLING_ERROR_BODY):
            return _error(200, "api_error", "Something went wrong on our end.")
        return None

    def too_many(self, reading: Reading) -> Response:
        """Return the refusal of a request beyond the rate limit."""
        return self._slow_down(reading.wait(self.world.now()))

    def bad(self, error: BadRequestError) -> Response:
        """Return the refusal of a request that makes no sense."""
        return _error(400, "invalid_request_error", str(error), param=error.field)

    def _slow_down(self, seconds: int) -> Response:
        refusal = _error(429, "invalid_request_error", "Too many requests.", code="rate_limit")
        refusal.headers["Retry-After"] = str(seconds)
        return refusal

    def _list(self, kind: Kind, show: Callable[[Order], dict[str, object]], request: Request) -> Response:
        after = request.query_params.get("starting_after")
        limit = count_of(request, "limit", 10, 100)
        try:
            page = self.world.orders(kind).newest_first(limit, _since(request), after)
        except KeyError as error:
            raise BadRequestError("No such object: starting_after", "starting_after") from error
        rows = [show(order) for order in page.rows]
        if kind is Kind.CHARGE and self.world.on(Fault.CHARGES_EMPTY):
            return self._envelope(request, [], more=False)
        if kind is Kind.CHARGE and self.world.on(Fault.CHARGES_CHANGED):
            rows = [_changed(row) for row in rows]
        return self._envelope(request, rows, more=page.more)

    def _one(self, kind: Kind, show: Callable[[Order], dict[str, object]], request: Request) -> Response:
        wanted = request.path_params["key"]
        order = next((one for one in self.world.orders(kind).since(None) if one.id == wanted), None)
        if order is None:
            return _error(404, "invalid_request_error", "No such object.", code="resource_missing")
        return JSONResponse(show(order))

    def undelivered(self, order: Order) -> bool:
        """Tell whether some endpoint has not taken the event of an invoice."""
        return Fault.WEBHOOKS_NOT_TAKEN in order.befallen

    def _events(self, request: Request) -> Response:
        """Return events newest first, each an object and whether every webhook endpoint has taken it."""
        limit, since = count_of(request, "limit", 10, 100), _since(request)
        failed_only = request.query_params.get("delivery_success") == "false"
        orders = reversed(self.world.orders(Kind.INVOICE).since(since))
        told = [self._event(order) for order in orders if self.undelivered(order) or not failed_only]
        after = request.query_params.get("starting_after")
        first = next((place for place, one in enumerate(told, 1) if one["id"] == after), 0)
        return self._envelope(request, told[first : first + limit], more=len(told) > first + limit)

    def _event(self, order: Order) -> dict[str, object]:
        return {
            "id": f"evt_{order.id}",
            "object": "event",
            "created": int(order.created.timestamp()),
            "data": {"object": {"id": order.id, "object": "invoice", "customer": order.client.customer}},
            "pending_webhooks": int(self.undelivered(order)),
            "type": "invoice.paid",
        }

    def _customers(self, request: Request) -> Response:
        limit, since = count_of(request, "limit", 10, 100), _since(request) or EPOCH
        after = request.query_params.get("starting_after")
        customers = _customers(self.world.started)
        if after is not None and after not in customers:
            raise BadRequestError("No such object: starting_after", "starting_after")
        start = 0 if after is None else list(customers).index(after) + 1
        shown = [customer for customer in customers.values() if int(customer["created"]) >= since.timestamp()][start:]
        return self._envelope(request, shown[:limit], more=len(shown) > limit)

    def _envelope(self, request: Request, shown: Sequence[Mapping[str, object]], *, more: bool) -> Response:
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        return JSONResponse({"object": "list", "url": path, "has_more": more, "data": shown})

    def _balance(self, request: Request) -> Response:
        del request
        return JSONResponse({"object": "balance", "livemode": False, "available": [{"amount": 0, "currency": "eur"}]})

    def _account(self, request: Request) -> Response:
        del request
        return JSONResponse({"id": "acct_sandbox", "object": "account", "charges_enabled": True})


def billing(world: World, sleep: Sleep) -> Vendor:
    """Return the billing API over a world: 100 requests a second."""
    return Billing(world=world, sleep=sleep, meter=Meter(limit=100, period=timedelta(seconds=1)))
