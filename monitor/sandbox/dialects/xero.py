"""Xero: rotating refresh tokens, a tenant in a header, `/Date(..)/`, what changed since a header's instant."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, Member, Show, milliseconds, number_of, one_of, since
from monitor.sandbox.dialects.tokens import Issuer
from monitor.sandbox.meter import Reading
from monitor.sandbox.vendor import BadRequestError, count_of
from monitor.sandbox.world import Entry

TENANT = "3f6f3e1a-sandbox"
DAILY = 5000
WHERE = re.compile(r'Reference=="(?P<key>[^"]*)"')


def _date(instant: datetime) -> str:
    return f"/Date({milliseconds(instant)}+0000)/"


def _contact(account: str) -> Json:
    return {"ContactID": f"contact-{account}", "ContactNumber": account}


def _invoice(entry: Entry) -> Json:
    order = entry.invoice
    return {
        "InvoiceID": entry.id,
        "Type": "ACCREC",
        "Reference": order.id,
        "Contact": _contact(order.client.account),
        "UpdatedDateUTC": _date(entry.created),
        "DueDate": _date(entry.created + timedelta(days=30)),
        "Status": "AUTHORISED",
        "Total": order.amount / 100,
        "AmountDue": order.amount / 100,
        "CurrencyCode": order.client.currency.upper(),
    }


def _payment(entry: Entry) -> Json:
    invoice = _invoice(entry)
    told = {"Contact": invoice["Contact"], "CurrencyCode": invoice["CurrencyCode"]}
    at, amount = invoice["UpdatedDateUTC"], invoice["Total"]
    return {"PaymentID": f"p-{entry.id}", "UpdatedDateUTC": at, "Amount": amount, "Invoice": told}


def _customer(member: Member) -> Json:
    return {**_contact(member.company.account), "UpdatedDateUTC": _date(member.created)}


@dataclass(frozen=True, kw_only=True)
class Xero(Dialect):
    """One app that is connected to one tenant."""

    issuer: Issuer = field(init=False)

    def __post_init__(self) -> None:
        """Set up the token endpoint."""
        issuer = Issuer(world=self.world, system="xero", life=timedelta(minutes=30), in_form=False, rotates=True)
        object.__setattr__(self, "issuer", issuer)

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/connect/token": self.issuer.grant,
            "/connections": lambda _: JSONResponse([{"tenantId": TENANT}]),
            "/api.xro/2.0/Invoices": partial(self._list, "Invoices", self.booked, _invoice),
            "/api.xro/2.0/Invoices/{key}": self._one,
            "/api.xro/2.0/Payments": partial(self._list, "Payments", self.booked, _payment),
            "/api.xro/2.0/Contacts": partial(self._list, "Contacts", self.members, _customer),
        }

    def open_paths(self) -> tuple[str, ...]:
        """Return the paths that need no credential."""
        return ("/connect/token",)

    def admits(self, request: Request) -> bool:
        """Tell whether a request bears a living token and names the tenant."""
        return self.issuer.admits(request) and request.headers.get("xero-tenant-id") == TENANT

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return JSONResponse({"Title": "Unauthorized", "Detail": "AuthenticationUnsuccessful"}, status_code=401)

    def slow_down(self, seconds: int) -> Response:
        """Return what a request beyond the limit is told."""
        headers = {"Retry-After": str(seconds), "X-Rate-Limit-Problem": "minute"}
        return Response(status_code=429, headers=headers)

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return JSONResponse({"ErrorNumber": 10, "Type": "ValidationException", "Message": "..."})

    def quota_headers(self, reading: Reading) -> Mapping[str, str]:
        """Return the headers that tell what is left."""
        return {"X-MinLimit-Remaining": str(reading.remaining), "X-DayLimit-Remaining": str(DAILY - 10)}

    def _one(self, request: Request) -> Response:
        found = one_of([_invoice(row) for row in self.booked()], request.path_params["key"], "InvoiceID")
        return JSONResponse({"Title": "Not found"}, status_code=404) if found is None else self._invoices([found])

    def _invoices(self, rows: Sequence[Json]) -> Response:
        return JSONResponse({"Invoices": rows})

    def _list(self, name: str, rows: Callable[[], Sequence[Entry | Member]], show: Show, request: Request) -> Response:
        where = WHERE.fullmatch(request.query_params.get("where", ""))
        if where is not None:
            return self._invoices([one for one in map(show, rows()) if one.get("Reference") == where["key"]])
        if request.query_params.get("order") != "UpdatedDateUTC ASC":
            raise BadRequestError("not an order that the sandbox knows", "order")
        size, page = count_of(request, "pageSize", 100, 1000), number_of(request.query_params.get("page"), "page")
        found = since(rows(), _modified_since(request))
        paging = {"page": page, "pageSize": size, "pageCount": -(-len(found) // size), "itemCount": len(found)}
        return JSONResponse({"pagination": paging, name: [show(row) for row in found[(page - 1) * size : page * size]]})


def _modified_since(request: Request) -> datetime | None:
    text = request.headers.get("if-modified-since")
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise BadRequestError("not an instant", "If-Modified-Since") from error
