"""The payment gateway: payments newest first, paged by a token, ISO times, its rate limit told in every answer."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Mapping
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.faults import Fault
from monitor.sandbox.meter import Meter, Reading
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import BadRequestError, Sleep, Vendor, bearer, count_of, credential, instant_of, written
from monitor.sandbox.world import World

AHEAD = timedelta(seconds=90)
COPIED = timedelta(seconds=30)


def _refusal(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error_code": code, "message": message}, status_code=status)


def _payment(order: Order, ahead: timedelta) -> dict[str, object]:
    rejected = Fault.PAYMENTS_REJECTED in order.befallen
    return {
        "payment_id": order.id,
        "merchant": {"id": order.client.merchant},
        "created_at": written(order.created + ahead),
        "amount_minor": order.amount,
        "currency": order.client.currency.upper(),
        "status": "rejected" if rejected else "declined" if order.failed else "approved",
        "decline_reason": "unknown_account" if rejected else "issuer_unavailable" if order.failed else None,
    }


def _token(order: Order) -> str:
    return urlsafe_b64encode(f"below {order.id}".encode()).decode()


def _read_token(request: Request) -> str | None:
    token = request.query_params.get("page_token")
    if token is None:
        return None
    try:
        return urlsafe_b64decode(token).decode().removeprefix("below ")
    except (Error, ValueError) as error:
        raise BadRequestError("page_token is not one of ours", "page_token") from error


class Gateway(Vendor):
    """The payments of all merchants that we look after."""

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {"/v2/payments": self._payments, "/v2/ping": self._ping}

    def unauthorised(self, request: Request) -> Response | None:
        """Return the refusal of a request without the right token."""
        if bearer(request) == credential("gateway"):
            return None
        return _refusal(401, "UNAUTHENTICATED", "The access token is missing or wrong.")

    def too_many(self, reading: Reading) -> Response:
        """Return the refusal of a request beyond the rate limit."""
        refusal = _refusal(429, "TOO_MANY_REQUESTS", "The rate limit is exceeded.")
        refusal.headers["Retry-After"] = str(reading.wait(self.world.now()))
        return refusal

    def bad(self, error: BadRequestError) -> Response:
        """Return the refusal of a request that makes no sense."""
        return _refusal(400, "INVALID_ARGUMENT", str(error))

    def quota_headers(self, reading: Reading) -> Mapping[str, str]:
        """Return the headers that tell of the rate limit; the reset is in seconds from now."""
        return {
            "RateLimit-Limit": str(reading.limit),
            "RateLimit-Remaining": str(reading.remaining),
            "RateLimit-Reset": str(reading.wait(self.world.now())),
        }

    def ahead(self) -> timedelta:
        """Return how far the gateway's clock is ahead."""
        return AHEAD if self.world.on(Fault.CLOCK_AHEAD) else timedelta()

    def _old_copy(self) -> Response | None:
        """Return what is answered to everybody while that fault is on: the payments of its beginning."""
        now = self.world.now()
        begun = next((one.start for one in self.world.faults.spells(Fault.PAYMENTS_FROZEN) if one.covers(now)), None)
        if begun is None:
            return None
        orders = self.world.orders(Kind.PAYMENT).since(begun - COPIED)
        return JSONResponse({"payments": [_payment(one, self.ahead()) for one in orders if one.created <= begun][::-1]})

    def _payments(self, request: Request) -> Response:
        if copy := self._old_copy():
            return copy
        limit = count_of(request, "page_size", 50, 200)
        since, below = instant_of(request, "created_since"), _read_token(request)
        since = None if since is None else since - self.ahead()
        try:
            page = self.world.orders(Kind.PAYMENT).newest_first(limit, since, below)
        except KeyError as error:
            raise BadRequestError("page_token has expired", "page_token") from error
        more = {"next_page_token": _token(page.rows[-1])} if page.more else {}
        return JSONResponse({"payments": [_payment(order, self.ahead()) for order in page.rows], **more})

    def _ping(self, request: Request) -> Response:
        del request
        return JSONResponse({"status": "ok"})


def gateway(world: World, sleep: Sleep) -> Vendor:
    """Return the gateway over a world: 100 requests in ten seconds."""
    return Gateway(world=world, sleep=sleep, meter=Meter(limit=100, period=timedelta(seconds=10)))
