"""What the vendors have in common: each checks the credential, counts the request, answers, and dates its answer.

How each says so, and what it lists, is in its own file.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from hmac import compare_digest

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from monitor.sandbox.meter import Meter, Reading
from monitor.sandbox.world import World

Sleep = Callable[[timedelta], Awaitable[None]]


def credential(system: str) -> str:
    """Return the credential that a sandbox vendor accepts. It opens nothing but made-up records on loopback."""
    return f"sandbox-{system}-credential"


def bearer(request: Request) -> str:
    """Return the bearer token of a request, empty where it has none."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def without(token: str, request: Request) -> Response | None:
    """Return the refusal of a request that lacks the sandbox's token, None where it has it or none is asked for."""
    if not token or compare_digest(bearer(request).encode(), token.encode()):
        return None
    return JSONResponse({"error": "the sandbox's token is missing or wrong"}, status_code=401)


class BadRequestError(ValueError):
    """What was asked makes no sense to the vendor; the text says why, `field` names the query parameter."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def count_of(request: Request, name: str, default: int, most: int) -> int:
    """Return a page size from the query. Raises BadRequestError where it is no number from 1 to `most`."""
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
        raise BadRequestError(f"{name} is a number from 1 to {most}", name)
    return int(text)


def instant_of(request: Request, name: str) -> datetime | None:
    """Return an instant of the query, None without. Raises BadRequestError where it is not ISO 8601 with a zone."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequestError(f"{name} is an ISO 8601 instant", name) from error
    if instant.tzinfo is None:
        raise BadRequestError(f"{name} has no zone", name)
    return instant


def written(instant: datetime) -> str:
    """Return an instant as ISO 8601 with milliseconds."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor(ABC):
    """One simulated vendor over the world; `sleep` is how a slow answer waits."""

    world: World
    meter: Meter
    sleep: Sleep

    @abstractmethod
    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""

    @abstractmethod
    def unauthorised(self, request: Request) -> Response | None:
        """Return the refusal of a request without the right credential, None for one that has it."""

    @abstractmethod
    def too_many(self, reading: Reading) -> Response:
        """Return the refusal of a request beyond the rate limit."""

    @abstractmethod
    def bad(self, error: BadRequestError) -> Response:
        """Return the refusal of a request that makes no sense."""

    def quota_headers(self, reading: Reading) -> Mapping[str, str]:
        """Return the headers that tell of the rate limit; none unless the vendor sends some."""
        del reading
        return {}

    def failing(self) -> Response | None:
        """Return what every authorised request gets while a fault of the whole API is on, None in good times."""
        return None

    def delay(self) -> timedelta:
        """Return how long the vendor thinks before it answers."""
        return timedelta()

    def ahead(self) -> timedelta:
        """Return how far the vendor's clock is ahead of the world's."""
        return timedelta()

    def app(self) -> Starlette:
        """Return the vendor as an ASGI application."""
        return Starlette(routes=[Route(path, self._answering(endpoint)) for path, endpoint in self.paths().items()])

    def _answering(self, endpoint: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if delay := self.delay():
                await self.sleep(delay)
            now = self.world.now()
            response = self._answer(request, endpoint, now)
            response.headers["Date"] = format_datetime(now + self.ahead(), usegmt=True)
            return response

        return answer

    def _answer(self, request: Request, endpoint: Callable[[Request], Response], now: datetime) -> Response:
        if refusal := self.unauthorised(request):
            return refusal
        reading = self.meter.count(now)
        response = self.too_many(reading) if reading.refused else self.failing() or self._page(request, endpoint)
        response.headers.update(self.quota_headers(reading))
        return response

    def _page(self, request: Request, endpoint: Callable[[Request], Response]) -> Response:
        try:
            return endpoint(request)
        except BadRequestError as error:
            return self.bad(error)
