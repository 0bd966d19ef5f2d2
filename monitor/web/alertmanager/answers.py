"""The forms in which Alertmanager answers: JSON, a coded error, or nothing at all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

JSON = "application/json"
PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. Where there is no body there is no content type either."""

    status: int = 200
    body: bytes = b""
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def start(self) -> dict[str, object]:
        """Return the message that begins the answer for an ASGI server."""
        headers = [(b"content-length", str(len(self.body)).encode())]
        if self.body:
            headers.append((b"content-type", self.kind.encode()))
        headers += [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        return {"type": "http.response.start", "status": self.status, "headers": headers}


def given(value: object, status: int = 200) -> Answer:
    """Return a value as JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Answer(status=status, body=f"{text}\n".encode(errors="replace"))


def coded(status: int, message: str, code: int | None = None) -> Answer:
    """Return an error as the generated part of Alertmanager words it; its `code` is the status where it has none."""
    return given({"code": status if code is None else code, "message": message}, status)


class Wrong(Exception):  # noqa: N818 - it names what the request is
    """A request that cannot be answered as it is; it carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer
