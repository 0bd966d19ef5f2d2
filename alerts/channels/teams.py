"""The adapter for Teams by a workflow's address: one adaptive card per message.

A workflow answers 202 and tells no name of what it posted, so nothing can be changed afterwards: messages of one thread
are known by its title, which stands first on each card. Text is set as runs, which Teams reads no markup in.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from apprise.plugins.workflows import NotifyWorkflows

from alerts.channels import text, verdict
from alerts.channels.errand import ANSWERED, Errand
from alerts.channels.verdict import Verdict
from alerts.channels.web import Answered, Post, Web
from alerts.message import MessageSeverity

ROOM = text.Room(title=250, body=5_000)
"""A card has 28 KB; a character may take four bytes."""

MOST_LINES = 60
COLOURS = {
    MessageSeverity.FAILURE: "attention",
    MessageSeverity.WARNING: "warning",
    MessageSeverity.SUCCESS: "good",
    MessageSeverity.INFO: "default",
}


def speaks(service: NotifyWorkflows) -> bool:
    """Return whether an address is one that is spoken to here; one with a template of its own is not."""
    return not service.template


@dataclass(slots=True, kw_only=True)
class Teams:
    """Posts adaptive cards."""

    web: Web

    async def send(self, errand: Errand) -> Verdict:
        """Return what the workflow's status says."""
        service = errand.service
        if not isinstance(service, NotifyWorkflows):
            return verdict.UNPARSABLE
        answer = await self.web.send(
            Post(
                url=_url(service),
                params={
                    "api-version": str(service.api_version),
                    "sp": "/triggers/manual/run",
                    "sv": "1.0",
                    "sig": str(service.signature),
                },
                headers={"Content-Type": "application/json"},
                content=json.dumps(_message(errand)).encode(),
                trusting=not service.verify_certificate,
                deadline=errand.deadline,
            )
        )
        return answer.verdict if isinstance(answer, Answered) else answer


def _url(service: NotifyWorkflows) -> str:
    path = "/powerautomate/automations/direct" if service.power_automate else ""
    path += f"/cu/{service.routing_id}" if path and service.routing_id else ""
    port = f":{service.port}" if service.port else ""
    return f"https://{service.host}{port}{path}/workflows/{service.workflow}/triggers/manual/paths/invoke"


def _message(errand: Errand) -> Mapping[str, object]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": list(_blocks(errand)),
        "actions": list(_actions(errand)),
        "msteams": {"width": "Full"},
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "summary": errand.subject, "attachments": [content]}


def _blocks(errand: Errand) -> Iterator[Mapping[str, object]]:
    subject, body = text.fitted(errand.subject, errand.body, ROOM)
    yield _block(subject, weight="bolder", size="medium", color=COLOURS[errand.message.severity])
    lines = body.split("\n")
    yield from (_block(line) for line in lines[:MOST_LINES] if line)
    if lines[MOST_LINES:]:
        yield _block("\n".join(lines[MOST_LINES:]))


def _block(line: str, **style: str) -> Mapping[str, object]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": line, **style}]}


def _actions(errand: Errand) -> Iterator[Mapping[str, object]]:
    if errand.answer:
        yield {"type": "Action.OpenUrl", "title": ANSWERED, "url": errand.answer}
    if errand.link:
        yield {"type": "Action.OpenUrl", "title": "Open", "url": errand.link}
