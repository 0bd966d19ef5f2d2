"""NetSuite: SuiteQL by POST, each request signed by OAuth 1, rows counted, a 400 where too much runs at once."""

import hmac
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.sandbox.dialects.dialect import Dialect, Json, Member, Show, number_of, posted, since
from monitor.sandbox.vendor import BadRequestError, count_of, credential
from monitor.sandbox.world import Entry

REALM = "1234567_SB1"
SECRETS = {
    "consumer_key": "sandbox-consumer",
    "consumer_secret": credential("netsuite-consumer"),
    "token": "sandbox-token",
    "token_secret": credential("netsuite-token"),
}
QUERY = re.compile(
    r"SELECT .+ FROM (?P<table>transaction|customer) .*lastmodifieddate >= TO_DATE\('(?P<since>[^']+)'.+"
)

SOUGHT = re.compile(r"SELECT .+ FROM transaction WHERE type = 'CustInvc' AND externalid = '(?P<key>[^']*)'")


def _naive(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _invoice(entry: Entry) -> Json:
    told = {"id": entry.id, "externalid": entry.invoice.id, "entity": entry.invoice.client.account}
    return {**told, "created": _naive(entry.created), "modified": _naive(entry.created)}


def _customer(member: Member) -> Json:
    at = _naive(member.created)
    return {"id": member.company.id, "entityid": member.company.account, "created": at, "modified": at}


def _error(status: int, code: str) -> JSONResponse:
    details = [{"detail": "...", "o:errorCode": code}]
    return JSONResponse(
        {"type": "...", "title": "...", "status": status, "o:errorDetails": details}, status_code=status
    )


class NetSuite(Dialect):
    """One account."""

    def paths(self) -> Mapping[str, Callable[[Request], Response]]:
        """Return what is answered at each path."""
        return {
            "/services/rest/query/v1/suiteql": self._query,
            "/services/rest/system/v1/serverTime": lambda _: JSONResponse({"serverTime": "2026-03-02T10:00:00Z"}),
        }

    def admits(self, request: Request) -> bool:
        """Tell whether a request is signed by who has the secrets: RFC 5849, 3.4, with SHA-256."""
        kind, _, rest = request.headers.get("authorization", "").partition(" ")
        pairs = (part.split("=", 1) for part in rest.split(", ") if "=" in part)
        said = {name: unquote(value.strip('"')) for name, value in pairs}
        signature = said.pop("oauth_signature", "")
        named = (said.pop("realm", ""), said.get("oauth_consumer_key"), said.get("oauth_token"))
        if kind != "OAuth" or named != (REALM, SECRETS["consumer_key"], SECRETS["token"]):
            return False
        return hmac.compare_digest(signature, _signature(request, said))

    def refusal(self) -> Response:
        """Return what a request without it is told."""
        return _error(401, "INVALID_LOGIN")

    def slow_down(self, seconds: int) -> Response:  # noqa: ARG002 - the vendor does not tell
        """Return what a request beyond the limit is told."""
        return JSONResponse({"error": {"code": "SSS_REQUEST_LIMIT_EXCEEDED", "message": "..."}}, status_code=400)

    def error_inside(self) -> Response:
        """Return an error that comes with status 200."""
        return _error(200, "UNEXPECTED_ERROR")

    def bad(self, error: BadRequestError) -> Response:
        """Return the refusal of a request that makes no sense."""
        return _error(400, f"INVALID_{error.field.upper()}")

    def _query(self, request: Request) -> Response:
        sought = SOUGHT.fullmatch(str(posted(request).get("q")))
        if sought is not None:
            one = [row for row in map(_invoice, self.booked()) if row["externalid"] == sought["key"]]
            return JSONResponse({"items": one, "hasMore": False, "offset": 0, "totalResults": len(one)})
        query = QUERY.fullmatch(str(posted(request).get("q")))
        if query is None or request.headers.get("prefer") != "transient":
            raise BadRequestError("not a query that the sandbox knows", "content")
        limit, first = count_of(request, "limit", 1000, 1000), number_of(request.query_params.get("offset"), "offset")
        if first % limit:
            raise BadRequestError("offset is a multiple of limit", "offset")
        rows, show = self._table(query["table"])
        found = since(rows, datetime.fromisoformat(query["since"]))
        shown = [show(row) for row in found[first : first + limit]]
        more = len(found) > first + limit
        return JSONResponse({"items": shown, "hasMore": more, "offset": first, "totalResults": len(found)})

    def _table(self, name: str) -> tuple[Sequence[Entry | Member], Show]:
        return (self.members(), _customer) if name == "customer" else (self.booked(), _invoice)


def _signature(request: Request, said: Mapping[str, str]) -> str:
    pairs = [*request.query_params.multi_items(), *said.items()]
    escaped = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in pairs)
    address = f"{request.url.scheme}://{request.url.netloc}{request.url.path}"
    parts = (request.method, address, "&".join(f"{name}={value}" for name, value in escaped))
    text = "&".join(quote(part, safe="~") for part in parts)
    key = "&".join(quote(SECRETS[name], safe="~") for name in ("consumer_secret", "token_secret"))
    return b64encode(hmac.new(key.encode(), text.encode(), sha256).digest()).decode()
