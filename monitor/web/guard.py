"""The guard at the door: which request needs which key, and the headers that every answer carries.

The Host header is judged before anything else runs; keys are judged once per request, before any route. Every method
that is not safe needs the token, or a session together with its form token: a route cannot forget to ask. What comes in
below `/in/` shows a key of its own, for which `inbound` asks.
"""

from typing import Annotated, NoReturn

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.web.access import Doors, Visitor
from monitor.web.office import Office

CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
LARGEST_BODY = 65_536
LARGEST_WEBHOOK = 1_000_000
LARGEST_REPORT = 32_000_000
LONGEST_NUMBER = 9
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
INBOUND = "/in/"
"""Below this, senders speak who know a secret of their own, for which each route asks; our keys open nothing there."""
CALENDARS = "/calendar/"
"""Below this lie calendars, whose addresses are keys: calendar programs can show no other."""
STATUS = "/status/"
"""Below this lie clients' status pages and feeds, whose addresses are keys that can be revoked."""
SUBSCRIPTION = "/subscription/"
"""Below this a reader of a notice says what they still want to be sent; the address is the reader's key (RFC 8058)."""
ANSWER = "/answer/"
"""Below this lie the signed links of pages: GET shows what they do, POST does it."""
KEYED = (INBOUND, CALENDARS, STATUS, SUBSCRIPTION, ANSWER)
"""Below these each route judges the key in its own address or headers; our keys open nothing there."""
WEBHOOKS = f"{INBOUND}webhook/"
"""Here a body may be larger, and need not say how long it is: vendors put many events into one."""
BOUNCES = f"{INBOUND}bounce"
"""Here a report may have the whole mail with it that came back."""
REPORTS = "/api/v2/"
"""Here come the alerts of others, by the thousand, and amtool does not say how long what it sends is."""
ALWAYS_OPEN = frozenset({"/healthz", "/readyz", "/sign-in"})

CONTENT_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


FOR_CLIENTS = {
    **HEADERS,
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "private, no-cache",
}
"""What answers below an address that is a client's key carry: it is to be found in no index, log or cache of others."""


def office_of(request: Request) -> Office:
    """Return the application that this site was made for."""
    office: Office = request.app.state.office
    return office


Desk = Annotated[Office, Depends(office_of)]


class HostGuard:
    """Refuses requests for other hosts and requests that are too large, and puts the headers on every answer."""

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._hosts = doors.hosts
        self._secure = {"Strict-Transport-Security": "max-age=31536000"} if doors.secure else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a stranger's Host here, hand everything else on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        ours = (FOR_CLIENTS if scope["path"].startswith(STATUS) else HEADERS) | self._secure

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ours.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(Headers(scope=scope), scope["path"])
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, headers: Headers, path: str) -> PlainTextResponse | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            return PlainTextResponse("A request names its host once.\n", 400)
        if hosts[0].lower() not in self._hosts:
            text = "This host name is not ours. If it should be, set TIERWATCH_EXTERNAL_ADDRESS to it.\n"
            return PlainTextResponse(text, 421)
        most = next((most for folder, most in LARGER.items() if path.startswith(folder)), None)
        return _too_much(headers, most)


LARGER = {WEBHOOKS: LARGEST_WEBHOOK, BOUNCES: LARGEST_WEBHOOK, REPORTS: LARGEST_REPORT}
"""How many bytes a body may have below some folders, whose routes also count as they read."""


def _too_much(headers: Headers, larger: int | None) -> PlainTextResponse | None:
    """Refuse a body before it is read: a form is read whole, so nobody may send one that fills our memory."""
    if "transfer-encoding" in headers and larger is None:
        return PlainTextResponse("A request with a body says how long it is.\n", 411)
    length, most = headers.get("content-length", "0"), larger or LARGEST_BODY
    if not length.isdecimal() or len(length) > LONGEST_NUMBER or int(length) > most:
        return PlainTextResponse(f"A request has at most {most} bytes.\n", 413)
    return None


def bearer(request: Request) -> str | None:
    """Return the bearer token of a request, None where it has none."""
    scheme, _, offered = request.headers.get("authorization", "").partition(" ")
    return offered.strip() if scheme.lower() == "bearer" else None


async def visitor_of(request: Request, desk: Desk) -> Visitor:
    """Return who a request comes from.

    Raises:
        HTTPException: 401 where a bearer token is shown that is not ours.
    """
    if request.url.path.startswith(KEYED):
        return Visitor()
    offered = bearer(request)
    if offered is not None:
        if not desk.keys.is_token(offered):
            raise HTTPException(401, "this token is not ours", {"WWW-Authenticate": "Bearer"})
        return Visitor(bearer=True)
    cookie = request.cookies.get(desk.doors.cookie, "")
    return Visitor(session=desk.keys.opened(cookie, desk.now()) if cookie else None)


Caller = Annotated[Visitor, Depends(visitor_of)]


async def admit(request: Request, desk: Desk, visitor: Caller) -> None:
    """Let a request through to its route, or raise.

    Raises:
        HTTPException: 401 without a key where one is needed, 403 for a form without its session's token.
        CameFromElsewhere: a link on another site led here without a key.
    """
    if request.url.path.startswith(KEYED):
        return
    if request.method in SAFE:
        if not visitor.known and _from_elsewhere(request):
            raise CameFromElsewhere
        if desk.doors.guarded and not visitor.known and request.url.path not in ALWAYS_OPEN:
            _unknown()
        return
    if visitor.bearer:
        return
    if visitor.session is None:
        _unknown()
    if not desk.keys.is_csrf(visitor.session, await _form_token(request)):
        raise HTTPException(403, "the form does not carry its session's token; load the page again and repeat")


class CameFromElsewhere(Exception):  # noqa: N818 - it says what happened
    """A link on another site led here, so the browser held the session's cookie back (SameSite=Strict).

    The answer is a page of ours that leads to the same place: from there the cookie comes along.
    """


def arrived(request: Request) -> str:
    """Return the address that was asked for, marked so that it is led to once only."""
    return str(request.url.include_query_params(arrived=1).replace(scheme="", netloc=""))


def _from_elsewhere(request: Request) -> bool:
    headers = request.headers
    led = headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-dest") == "document"
    return led and "arrived" not in request.query_params and request.url.path not in ALWAYS_OPEN


def _unknown() -> NoReturn:
    text = "sign in with the link that was printed at the start, or send the bearer token"
    raise HTTPException(401, text, {"WWW-Authenticate": "Bearer"})


async def _form_token(request: Request) -> str:
    header = request.headers.get(CSRF_HEADER)
    if header is not None:
        return header
    field = (await request.form()).get(CSRF_FIELD, "")
    return field if isinstance(field, str) else ""


bearer_scheme = HTTPBearer(auto_error=False, description="The token in the 0600 file beside the database.")
Documented = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer_scheme)]
