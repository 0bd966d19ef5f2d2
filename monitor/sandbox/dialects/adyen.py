"""Adyen's Balance Platform: a key in a header of its own, both bounds required, the next page's address in `_links`."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, number_of, one_of, required, since
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import BadRequestError, count_of, credential, instant_of, written

LONGEST = timedelta(days=184)
PLATFORM = "SandboxPlatform"


def _transfer(order: Order) -> Json:
    return {
        "id": order.id,
        "createdAt": written(order.created),
        "accountHolder": {"id": f"AH-{order.client.id}", "reference": order.client.merchant},
        "amount": {"value": order.amount, "currency": order.client.currency.upper()},
        "status": "refused" if order.failed else "booked",
        "reason": "declined" if order.failed else "approved",
    }


def _error(status: int, code: str) -> JSONResponse:
    return JSONResponse({"status": status, "errorCode": code, "title": "...", "detail": "..."}, status_code=status)


class Adyen(Dialect):
    """One balance platform."""

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/btl/v4/transfers": self._transfers,
            "/btl/v4/transfers/{key}": self._transfer,
            f"/bcl/v2/balancePlatforms/{PLATFORM}": lambda _: JSONResponse({"id": PLATFORM, "status": "Active"}),
        }

    def admits(self, request: Request) -> bool:
        """Tell whether a request has the right key."""
        return request.headers.get("x-api-key") == credential("adyen")

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return _error(401, "00_401")

    def slow_down(self, seconds: int) -> Response:  # noqa: ARG002 - the vendor does not tell
        """Return what a request beyond the limit is told."""
        return _error(429, "00_429")

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _error(200, "00_500")

    def _transfer(self, request: Request) -> Response:
        found = one_of([_transfer(order) for order in self.sold(Kind.PAYMENT)], request.path_params["key"])
        return _error(404, "00_404") if found is None else JSONResponse(found)

    def _transfers(self, request: Request) -> Response:
        if required(request, "balancePlatform") != PLATFORM:
            raise BadRequestError("not one of yours", "balancePlatform")
        required(request, "createdSince")
        required(request, "createdUntil")
        start, end = instant_of(request, "createdSince"), instant_of(request, "createdUntil")
        if start is None or end is None or not timedelta() < end - start <= LONGEST:
            raise BadRequestError("at most six months", "createdUntil")
        limit, first = count_of(request, "limit", 10, 100), number_of(request.query_params.get("cursor", "0"), "cursor")
        found = since(self.sold(Kind.PAYMENT), start, end)
        more = {"next": {"href": str(request.url.include_query_params(cursor=first + limit))}}
        return JSONResponse(
            {
                "data": [_transfer(order) for order in found[first : first + limit]],
                "_links": more if len(found) > first + limit else {},
            }
        )
