"""What all dialects have in common: the world's rows, the faults of a whole API, and bodies that are posted.

How a vendor says any of it is in that vendor's file.
"""

import json
from abc import abstractmethod
from base64 import b64decode
from binascii import Error
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from monitor.sandbox.clients import COMPANIES, Company
from monitor.sandbox.meter import Reading
from monitor.sandbox.traffic import Kind, Order
from monitor.sandbox.vendor import BadRequestError, Vendor
from monitor.sandbox.world import Entry

MONTH = timedelta(days=30)
THROTTLED_FOR = 10
Json = Mapping[str, Any]


class Ill(StrEnum):
    """What can be wrong with a whole API."""

    THROTTLED = "throttled"
    REVOKED = "revoked"
    ERROR_INSIDE = "error_inside"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A client as a list of customers shows it: who it is, and when it joined."""

    company: Company
    created: datetime

    @property
    def id(self) -> str:
        """Return the client's id."""
        return self.company.customer


class Dated(Protocol):
    """What came to be at an instant."""

    @property
    def created(self) -> datetime:
        """Return the instant."""


RowT = TypeVar("RowT", bound=Dated)
Show = Callable[[Any], Json]


@dataclass(frozen=True, kw_only=True)
class Dialect(Vendor):
    """One vendor's API over the world; `ills` are switched by whoever made it."""

    ills: set[Ill] = field(default_factory=set)

    @abstractmethod
    def admits(self, request: Request) -> bool:
        """Tell whether a request has the right credential."""

    @abstractmethod
    def refusal(self) -> Response:
        """Return what a request without it is told."""

    @abstractmethod
    def slow_down(self, seconds: int) -> Response:
        """Return what a request beyond the limit is told."""

    def error_inside(self) -> Response | None:
        """Return an error that comes with status 200, None where the vendor has none."""
        return None

    def open_paths(self) -> tuple[str, ...]:
        """Return the paths that need no credential."""
        return ()

    def unauthorised(self, request: Request) -> Response | None:
        """Return the refusal of a request without the right credential, or with one that was revoked."""
        if path_of(request) in self.open_paths():
            return None
        return None if self.admits(request) and Ill.REVOKED not in self.ills else self.refusal()

    def failing(self) -> Response | None:
        """Return what every request gets while something is wrong with the whole API."""
        if Ill.DOWN in self.ills:
            return Response("<html>Service Unavailable</html>", status_code=503, media_type="text/html")
        if Ill.THROTTLED in self.ills:
            return self.slow_down(THROTTLED_FOR)
        return self.error_inside() if Ill.ERROR_INSIDE in self.ills else None

    def too_many(self, reading: Reading) -> Response:
        """Return the refusal of a request beyond the limit."""
        return self.slow_down(reading.wait(self.world.now()))

    def bad(self, error: BadRequestError) -> Response:
        """Return the refusal of a request that makes no sense."""
        return JSONResponse({"error": str(error), "field": error.field}, status_code=400)

    def app(self) -> Starlette:
        """Return the vendor as an ASGI application that takes what is posted as well."""
        routes = (
            Route(path, self._reading(endpoint), methods=["GET", "POST"]) for path, endpoint in self.paths().items()
        )
        return Starlette(routes=list(routes))

    def _reading(self, endpoint: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
        answering = self._answering(endpoint)

        async def answer(request: Request) -> Response:
            request.state.body = await request.body()
            return await answering(request)

        return answer

    def sold(self, kind: Kind) -> Sequence[Order]:
        """Return what the clients have done, oldest first."""
        return self.world.orders(kind).since(None)

    def booked(self) -> Sequence[Entry]:
        """Return what the sync has copied, oldest first."""
        return self.world.entries().since(None)

    def members(self) -> Sequence[Member]:
        """Return the clients, oldest first: one joined in each month before the sandbox began."""
        joined = (self.world.started - MONTH * (place + 1) for place in range(len(COMPANIES)))
        return [Member(company=one, created=at) for one, at in zip(COMPANIES, joined, strict=True)][::-1]


def one_of(rows: Sequence[Json], key: str, by: str = "id") -> Json | None:
    """Return the row that carries a value, None where none does."""
    return next((row for row in rows if row.get(by) == key), None)


def path_of(request: Request) -> str:
    """Return the path below the address under which the vendor is mounted."""
    return request.url.path.removeprefix(request.scope.get("root_path", ""))


def basic(request: Request) -> tuple[str, str]:
    """Return user and password of basic authentication, empty where there are none."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, password = b64decode(text, validate=True).decode().partition(":")
    except (Error, UnicodeDecodeError):
        return "", ""
    return (user, password) if kind.lower() == "basic" else ("", "")


def posted(request: Request) -> Json:
    """Return the JSON object that was posted. Raises BadRequestError where none was."""
    try:
        body = json.loads(request.state.body)
    except ValueError as error:
        raise BadRequestError("the body is JSON", "body") from error
    if request.method != "POST" or not isinstance(body, dict):
        raise BadRequestError("the body is a JSON object that is posted", "body")
    return body


def number_of(text: str | None, name: str) -> int:
    """Return a number from 0 on. Raises BadRequestError where it is none."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) <= len("9999999999999")):
        raise BadRequestError(f"{name} is a number", name)
    return int(text)


def required(request: Request, name: str) -> str:
    """Return a query parameter. Raises BadRequestError where it is missing."""
    if name not in request.query_params:
        raise BadRequestError(f"{name} is required", name)
    return request.query_params[name]


def since(rows: Sequence[RowT], start: datetime | None, end: datetime | None = None) -> list[RowT]:
    """Return the rows from an instant on, and up to another one."""
    return [row for row in rows if (start is None or row.created >= start) and (end is None or row.created <= end)]


def milliseconds(instant: datetime) -> int:
    """Return an instant as milliseconds."""
    return int(instant.timestamp() * 1000)
