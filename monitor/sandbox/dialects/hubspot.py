"""HubSpot: searches by POST, the next page's cursor in the body, times asked in milliseconds and told as text."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, Member, Show, number_of, posted, since
from monitor.sandbox.meter import Reading
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import BadRequestError, bearer, credential, written
from monitor.sandbox.world import Entry

MOST = 10_000
LARGEST_PAGE = 100


def _object(name: str, at: datetime, **properties: str) -> Json:
    return {"id": name, "properties": properties, "createdAt": written(at), "updatedAt": written(at)}


def _company(member: Member) -> Json:
    return _object(member.company.id, member.created, client_id=member.company.account)


def _invoice(entry: Entry) -> Json:
    order = entry.invoice
    billed, currency = f"{order.amount / 100:.2f}", order.client.currency.upper()
    properties = {"client_id": order.client.account, "external_id": order.id}
    return _object(entry.id, entry.created, hs_amount_billed=billed, hs_currency=currency, **properties)


def _payment(order: Order) -> Json:
    status = "failed" if order.failed else "succeeded"
    return _object(order.id, order.created, hs_latest_status=status, client_id=order.client.merchant)


def _error(status: int, category: str, **more: str) -> JSONResponse:
    return JSONResponse({"status": "error", "category": category, "message": "...", **more}, status_code=status)


class HubSpot(Dialect):
    """One account."""

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/crm/v3/objects/companies/search": partial(self._search, self.members, _company),
            "/crm/v3/objects/invoices/search": partial(self._search, self.booked, _invoice),
            "/crm/v3/objects/deals/search": partial(self._search, self.booked, _invoice),
            "/crm/v3/objects/commerce_payments/search": partial(
                self._search, lambda: self.sold(Kind.PAYMENT), _payment
            ),
            "/account-info/v3/details": lambda _: JSONResponse({"portalId": 1}),
        }

    def admits(self, request: Request) -> bool:
        """Tell whether a request has the right token."""
        return bearer(request) == credential("hubspot")

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return _error(401, "INVALID_AUTHENTICATION")

    def slow_down(self, seconds: int) -> Response:  # noqa: ARG002 - the headers tell it
        """Return what a request beyond the limit is told."""
        return _error(429, "RATE_LIMITS", policyName="TEN_SECONDLY_ROLLING")

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _error(200, "SERVER_ERROR")

    def bad(self, error: BadRequestError) -> Response:
        """Return the refusal of a request that makes no sense."""
        return _error(400, "VALIDATION_ERROR", message=str(error))

    def quota_headers(self, reading: Reading) -> Mapping[str, str]:
        """Return the headers that tell of the limit."""
        return {
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(reading.limit),
            "X-HubSpot-RateLimit-Remaining": str(reading.remaining),
            "X-HubSpot-RateLimit-Daily": "250000",
            "X-HubSpot-RateLimit-Daily-Remaining": "249000",
        }

    def _search(self, rows: Callable[[], Sequence[Order | Entry | Member]], show: Show, request: Request) -> Response:
        search = posted(request)
        key = _sought(search)
        if key is not None:
            meant = [one for one in map(show, rows()) if one["properties"].get("external_id") == key]
            return JSONResponse({"total": len(meant), "results": meant})
        limit, first = search.get("limit", 10), number_of(search.get("after", "0"), "after")
        if not 1 <= limit <= LARGEST_PAGE or first + limit > MOST:
            raise BadRequestError("a page has at most 100 rows, a search 10000", "limit")
        found = since(rows(), _modified_since(search))
        more = {"paging": {"next": {"after": str(first + limit)}}} if len(found) > first + limit else {}
        shown = [show(row) for row in found[first : first + limit]]
        return JSONResponse({"total": len(found), "results": shown, **more})


def _sought(search: Json) -> str | None:
    """The value of a search for one record, None for a list."""
    (group,) = search["filterGroups"]
    (wanted,) = group["filters"]
    return str(wanted["value"]) if (wanted["propertyName"], wanted["operator"]) == ("external_id", "EQ") else None


def _modified_since(search: Json) -> datetime:
    (group,), (order,) = search["filterGroups"], search["sorts"]
    (wanted,) = group["filters"]
    if (wanted["propertyName"], wanted["operator"]) != ("hs_lastmodifieddate", "GTE"):
        raise BadRequestError("not a filter that the sandbox knows", "filterGroups")
    if order != {"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}:
        raise BadRequestError("not an order that the sandbox knows", "sorts")
    return datetime.fromtimestamp(number_of(wanted["value"], "value") / 1000, UTC)
