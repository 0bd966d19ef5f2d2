"""The door for Alertmanager's clients: which request needs which key, what it is led to, and how it is answered.

Reading needs what every page of ours needs. To change something needs the bearer token, or a session that sends its
form token. Alerts may also be posted with the intake's own token, which opens nothing else, and without any where the
intake is open: by itself only where nobody but this machine can reach us.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.store import StoreUnreadable, StoreUnwritable
from monitor.web.access import Visitor
from monitor.web.alertmanager.answers import PLAIN, Answer, Wrong, coded, given
from monitor.web.guard import CSRF_HEADER, LARGEST_REPORT, SAFE
from monitor.web.office import Office

BASE = "/api/v2"
ALERTS = f"{BASE}/alerts"
HEALTH = ("/-/healthy", "/-/ready")
GONE = frozenset({"/api/v1/alerts", "/api/v1/silences"})
"""Where senders of the first API post to; what is read there is our own API."""

DEPRECATED = (
    "The Alertmanager v1 API was deprecated in version 0.16.0 and is removed as of version 0.27.0 - please use the "
    "equivalent route in the v2 API"
)
DOUBLED = re.compile(r"/{2,}")
SAME_SITE = frozenset({b"same-origin", b"none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that has been let in: its method, what stands in its address, and its body."""

    office: Office
    method: str
    query: bytes
    rest: str
    body: bytes
    visitor: Visitor


Route = Callable[[Asked], Awaitable[Answer]]
Routes = Mapping[str, Mapping[str, Route]]
"""By path, and then by method; a path that ends in `/` stands for all that have one more part."""


class Door:
    """Answers Alertmanager's clients, and hands everything else on."""

    def __init__(self, app: ASGIApp, office: Office, routes: Routes) -> None:
        self._app = app
        self._office = office
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for Alertmanager here."""
        if scope["type"] != "http" or not _ours(scope["path"], scope["method"]):
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._answer(scope, receive)
        except Wrong as wrong:
            answer = wrong.answer
        except (StoreUnwritable, StoreUnreadable) as error:
            answer = given(str(error), 503)
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send(answer.start())
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if path in HEALTH:
            return self._health(path, method)
        if path in GONE:
            return given({"status": "deprecated", "error": DEPRECATED}, 410)
        headers = dict(scope["headers"])
        visitor = self._visitor(scope, headers)
        self._admit(scope, headers, visitor)
        route, rest = self._route(path, method)
        body = b""
        if method == "POST":
            body = await _body(receive)
            if body:
                _of_type_json(headers)
        return await route(
            Asked(
                office=self._office,
                method=method,
                query=scope["query_string"],
                rest=rest,
                body=body,
                visitor=visitor,
            )
        )

    def _health(self, path: str, method: str) -> Answer:
        if method not in ("GET", "HEAD"):
            return Answer(status=405, body=b"Method Not Allowed\n", kind=PLAIN)
        ready, reason = self._office.ready()
        if path == HEALTH[0] or ready:
            return Answer(body=b"OK", kind=PLAIN)
        return Answer(status=503, body=f"not ready: {reason}\n".encode(), kind=PLAIN)

    def _route(self, path: str, method: str) -> tuple[Route, str]:
        bare = path.rstrip("/")
        known, rest = self._routes.get(bare), ""
        if known is None:
            folder, _, rest = bare.rpartition("/")
            known = self._routes.get(f"{folder}/")
        if known is None:
            if path == BASE or "//" in path:
                raise Wrong(Answer(status=301, headers={"Location": _cleaned(path)}))
            raise Wrong(coded(404, f"path {path} was not found"))
        if method not in known:
            allowed = ",".join(known)
            answer = coded(405, f"method {method} is not allowed, but [{allowed}] are")
            raise Wrong(Answer(status=405, body=answer.body, headers={"Allow": allowed}))
        return known[method], rest

    def _visitor(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Visitor:
        offered = _bearer(headers)
        if offered is not None:
            if self._office.keys.is_token(offered):
                return Visitor(bearer=True)
            if _posts_alerts(scope) and self._office.intake.is_sender(offered):
                return Visitor(bearer=True)
            raise Wrong(_unknown("this token is not ours"))
        if b"cookie" not in headers:
            return Visitor()
        cookie = Request(scope).cookies.get(self._office.doors.cookie, "")
        return Visitor(session=self._office.keys.opened(cookie, self._office.now()) if cookie else None)

    def _admit(self, scope: Scope, headers: Mapping[bytes, bytes], visitor: Visitor) -> None:
        """Let a request through, or raise Wrong."""
        office = self._office
        if visitor.bearer:
            return
        if scope["method"] in SAFE:
            if office.doors.guarded and not visitor.known:
                raise Wrong(_unknown("send the bearer token, or sign in"))
            return
        if _posts_alerts(scope) and self._open and headers.get(b"sec-fetch-site", b"none") in SAME_SITE:
            return
        form = headers.get(CSRF_HEADER.lower().encode(), b"").decode("latin-1")
        if visitor.session is None or not office.keys.is_csrf(visitor.session, form):
            raise Wrong(_unknown("send the bearer token"))

    @property
    def _open(self) -> bool:
        said = self._office.situation.config.intake.open
        return not self._office.doors.guarded if said is None else said


def _ours(path: str, method: str) -> bool:
    return path.startswith(BASE) or path in HEALTH or (path in GONE and method == "POST")


def _posts_alerts(scope: Scope) -> bool:
    return bool(scope["method"] == "POST" and scope["path"].rstrip("/") == ALERTS)


def _bearer(headers: Mapping[bytes, bytes]) -> str | None:
    scheme, _, offered = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return offered.strip() if scheme.lower() == "bearer" else None


def _unknown(message: str) -> Answer:
    answer = coded(401, message)
    return Answer(status=401, body=answer.body, headers={"WWW-Authenticate": "Bearer"})


def _of_type_json(headers: Mapping[bytes, bytes]) -> None:
    kind = headers.get(b"content-type", b"application/octet-stream").decode("latin-1").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Wrong(coded(415, f'unsupported media type "{kind}", only [application/json] are allowed'))


async def _body(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Wrong(coded(400, "the body ended before its end"))
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > LARGEST_REPORT:
            raise Wrong(coded(413, f"a body has at most {LARGEST_REPORT} bytes"))
        more = message.get("more_body", False)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _cleaned(path: str) -> str:
    """Return a path as Go's router would have it."""
    return f"{BASE}/" if path == BASE else DOUBLED.sub("/", path)
