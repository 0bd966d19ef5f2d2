"""The adapter for webhooks: a message as the JSON that Apprise's `json://` posts, so that receivers need not change.

`Idempotency-Key` is the same for each attempt: whoever remembers it takes a message once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from apprise.plugins.custom_json import NotifyJSON

from alerts.channels import verdict
from alerts.channels.errand import Errand
from alerts.channels.handover import header_value, words
from alerts.channels.verdict import Verdict
from alerts.channels.web import Answered, Post, Web
from alerts.message import Message

VERSION = "1.0"
AGENT = "Tierwatch"


@dataclass(slots=True, kw_only=True)
class Webhook:
    """Posts messages as JSON."""

    web: Web

    async def send(self, errand: Errand) -> Verdict:
        """Return what the receiver's status says."""
        service = errand.service
        if not isinstance(service, NotifyJSON):
            return verdict.UNPARSABLE
        message = errand.with_answer()
        answer = await self.web.send(
            Post(
                url=_url(service),
                method=str(service.method),
                headers={
                    "User-Agent": AGENT,
                    "Content-Type": "application/json",
                    **{str(name): str(value) for name, value in service.headers.items()},
                    "Idempotency-Key": header_value(message.key),
                },
                params={str(name): str(value) for name, value in service.params.items()},
                auth=(str(service.user), str(service.password or "")) if service.user else None,
                content=json.dumps(_payload(service, message)).encode(),
                trusting=not service.verify_certificate,
                deadline=errand.deadline,
            )
        )
        return answer.verdict if isinstance(answer, Answered) else answer


def _url(service: NotifyJSON) -> str:
    scheme, port = "https" if service.secure else "http", f":{service.port}" if isinstance(service.port, int) else ""
    return f"{scheme}://{service.host}{port}{service.fullpath}"


def _payload(service: NotifyJSON, message: Message) -> Mapping[str, object]:
    """The body; an address may rename its parts, leave them out, or add its own."""
    subject, body = words(service, message)
    payload: dict[str, object] = {
        "version": VERSION,
        "title": subject,
        "message": body,
        "attachments": [],
        "type": message.severity.value,
    }
    for name, value in service.payload_extras.items():
        if name not in payload:
            payload[str(name)] = value
            continue
        part = payload.pop(str(name))
        if value:
            payload[str(value)] = part
    return payload
