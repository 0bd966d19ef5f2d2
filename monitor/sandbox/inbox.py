"""What arrived for people and clients: the receiver's own record of pages and notices, whatever the sender believes.

HTTP messages come as Apprise's `json://` posts them; mails come through `smtp`. It answers at once and keeps the last
few thousand in memory.
"""

import json
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from monitor.sandbox.vendor import BadRequestError, count_of, without, written

KEPT = 5_000
LARGEST = 1_000_000


class Carrier(StrEnum):
    """How a message came."""

    HTTP = "http"
    SMTP = "smtp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message that arrived. `key` is the idempotency key that its sender gave it, empty without one."""

    box: str
    kind: Carrier
    subject: str
    body: str
    key: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A message and when it arrived; `number` counts everything that ever arrived, from 1."""

    number: int
    received: datetime
    letter: Letter

    def shown(self) -> dict[str, object]:
        """Return the receipt as JSON has it."""
        return {"number": self.number, "received": written(self.received), **asdict(self.letter)}


class Inbox:
    """The messages that arrived, newest last."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._receipts: deque[Receipt] = deque(maxlen=KEPT)
        self._total = 0

    def take(self, letter: Letter) -> Receipt:
        """Keep a message and return its receipt."""
        self._total += 1
        receipt = Receipt(number=self._total, received=self._now(), letter=letter)
        self._receipts.append(receipt)
        return receipt

    def receipts(self, box: str | None = None) -> list[Receipt]:
        """Return what is kept, newest first; of one box, or of all."""
        return [receipt for receipt in reversed(self._receipts) if box in {None, receipt.letter.box}]

    def summary(self) -> dict[str, object]:
        """Return counts: all that ever arrived; of what is kept, how much per box and kind, and repeated keys."""
        letters = [receipt.letter for receipt in self._receipts]
        keys = [(letter.box, letter.key) for letter in letters if letter.key]
        return {
            "total": self._total,
            "repeated": len(keys) - len(set(keys)),
            "kinds": Counter(letter.kind for letter in letters),
            "boxes": Counter(letter.box for letter in letters),
        }


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise BadRequestError(f"a message has at most {LARGEST} bytes", "body")
    return bytes(body)


async def _letter(request: Request) -> Letter:
    try:
        message = json.loads(await _body(request))
    except ValueError as error:
        raise BadRequestError("the body is JSON: an object with title and message", "body") from error
    if not isinstance(message, dict):
        raise BadRequestError("the body is a JSON object with title and message", "body")
    return Letter(
        box=request.path_params["box"],
        kind=Carrier.HTTP,
        subject=str(message.get("title", "")),
        body=str(message.get("message", "")),
        key=request.headers.get("idempotency-key", ""),
    )


def inbox_routes(inbox: Inbox, token: str = "") -> tuple[Route, ...]:
    """Return the inbox over HTTP. Anybody may post; with a token, only who has it may read."""

    async def post(request: Request) -> Response:
        try:
            receipt = inbox.take(await _letter(request))
        except BadRequestError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse({"received": receipt.number})

    async def show(request: Request) -> Response:
        if refusal := without(token, request):
            return refusal
        try:
            limit = count_of(request, "limit", 200, KEPT)
        except BadRequestError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        receipts = inbox.receipts(request.query_params.get("box"))[:limit]
        return JSONResponse({**inbox.summary(), "items": [receipt.shown() for receipt in receipts]})

    return (Route("/inbox", show), Route("/inbox/{box}", post, methods=["POST"]))
