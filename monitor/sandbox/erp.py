"""The ERP: the invoices that it has taken, oldest first, paged by the address of the next page, ISO times."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.faults import Fault
from monitor.sandbox.meter import Meter, Reading
from monitor.sandbox.vendor import BadRequestError, Sleep, Vendor, count_of, credential, instant_of, written
from monitor.sandbox.world import Entry, World

SLOW = timedelta(seconds=1.2)
FORGOTTEN_AFTER = timedelta(seconds=20)
FORGOTTEN_EVERY = 2


def _refusal(status: int, title: str, detail: str) -> JSONResponse:
    return JSONResponse({"fault": {"title": title, "detail": detail}}, status_code=status)


def _invoice(entry: Entry) -> dict[str, object]:
    invoice = entry.invoice
    amount = invoice.amount - invoice.amount % 100 if Fault.AMOUNTS_DRIFT in invoice.befallen else invoice.amount
    return {
        "document": entry.id,
        "external_id": invoice.id,
        "account": {"number": invoice.client.account},
        "received_at": written(entry.created),
        "gross": {"minor_units": amount, "currency": invoice.client.currency.upper()},
        "state": None if Fault.ENTRIES_EMPTY in invoice.befallen else "posted",
    }


class Erp(Vendor):
    """The company's own books, into which the sync copies the invoices of the billing API."""

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {"/api/invoices": self._invoices, "/api/status": self._status}

    def unauthorised(self, request: Request) -> Response | None:
        """Return the refusal of a request without the right key."""
        if request.headers.get("x-api-key") == credential("erp"):
            return None
        return _refusal(401, "Not signed in", "The X-Api-Key header is missing or wrong.")

    def too_many(self, reading: Reading) -> Response:
        """Return the refusal of a request beyond the rate limit."""
        refusal = _refusal(429, "Too many requests", "Wait for the next period.")
        refusal.headers["Retry-After"] = str(reading.wait(self.world.now()))
        return refusal

    def bad(self, error: BadRequestError) -> Response:
        """Return the refusal of a request that makes no sense."""
        return _refusal(400, "Bad request", str(error))

    def quota_headers(self, reading: Reading) -> Mapping[str, str]:
        """Return the headers that tell of the rate limit; the reset is an instant in Unix seconds."""
        return {
            "X-RateLimit-Limit": str(reading.limit),
            "X-RateLimit-Remaining": str(reading.remaining),
            "X-RateLimit-Reset": str(int(reading.reset.timestamp())),
        }

    def delay(self) -> timedelta:
        """Return how long the ERP thinks: longer while it is slow."""
        return SLOW if self.world.on(Fault.ERP_SLOW) else timedelta()

    def _invoices(self, request: Request) -> Response:
        wanted = request.query_params.get("external_id")
        if wanted is not None:
            kept = (entry for entry in self.world.entries().since(None) if not self._forgotten(entry))
            found = [_invoice(entry) for entry in kept if entry.invoice.id == wanted]
            return JSONResponse({"result": {"items": found}, "links": {"next": None}})
        limit = count_of(request, "per_page", 50, 200)
        since, above = instant_of(request, "received_from"), request.query_params.get("after")
        try:
            page = self.world.entries().oldest_first(limit, since, above)
        except KeyError as error:
            raise BadRequestError("after names no document", "after") from error
        more = str(request.url.include_query_params(after=page.rows[-1].id)) if page.more else None
        items = [_invoice(entry) for entry in page.rows if not self._forgotten(entry)]
        return JSONResponse({"result": {"items": items}, "links": {"next": more}})

    def _forgotten(self, entry: Entry) -> bool:
        old = self.world.now() - entry.created > FORGOTTEN_AFTER
        return old and entry.invoice.number % FORGOTTEN_EVERY == 0 and self.world.on(Fault.ERP_FORGETS)

    def _status(self, request: Request) -> Response:
        del request
        return JSONResponse({"state": "up", "waiting": self.world.waiting()})


def erp(world: World, sleep: Sleep) -> Vendor:
    """Return the ERP over a world: 200 requests in ten seconds."""
    return Erp(world=world, sleep=sleep, meter=Meter(limit=200, period=timedelta(seconds=10)))
