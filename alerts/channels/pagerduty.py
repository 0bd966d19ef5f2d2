"""The adapter for PagerDuty's Events API v2: an incident of ours is one of theirs, triggered, acknowledged, resolved.

https://developer.pagerduty.com/docs/events-api-v2-overview: 202 is accepted, 400 an event that will never be, 429 too
many; a resolve or an acknowledge of a key that is not open does nothing there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from apprise.plugins.pagerduty import NotifyPagerDuty

from alerts.channels import text, verdict
from alerts.channels.errand import ANSWERED, Errand, told
from alerts.channels.handover import header_value
from alerts.channels.verdict import Verdict
from alerts.channels.web import Answered, Post, Web
from alerts.message import MessageSeverity

REGIONS = {"us": "https://events.pagerduty.com/v2/enqueue", "eu": "https://events.eu.pagerduty.com/v2/enqueue"}
SEVERITIES = {
    MessageSeverity.FAILURE: "critical",
    MessageSeverity.WARNING: "warning",
    MessageSeverity.INFO: "info",
    MessageSeverity.SUCCESS: "info",
}
SUMMARY, DETAILS, LONGEST_KEY = 1024, 50_000, 255


@dataclass(slots=True, kw_only=True)
class PagerDuty:
    """Sends events. `regions` are where they are taken, by region."""

    web: Web
    regions: Mapping[str, str] = field(default_factory=lambda: REGIONS)

    async def send(self, errand: Errand) -> Verdict:
        """Return how the event fared; what was triggered is kept under its key."""
        service = errand.service
        if not isinstance(service, NotifyPagerDuty):
            return verdict.UNPARSABLE
        return await told(errand, _alert(service, errand), lambda key: self._event(service, errand, key))

    async def _event(self, service: NotifyPagerDuty, errand: Errand, key: str) -> Verdict:
        answer = await self.web.send(
            Post(
                url=self.regions[str(service.region_name)],
                headers={"Content-Type": "application/json"},
                content=json.dumps(_event(service, errand, key)).encode(),
                deadline=errand.deadline,
            )
        )
        return answer.verdict if isinstance(answer, Answered) else answer


def _alert(service: NotifyPagerDuty, errand: Errand) -> str:
    """The key of the alert there: the address's own, or the incident's, so that all that is told of it meets."""
    own = str(service.dedup or "") or f"tierwatch-{header_value(errand.thread or errand.message.key)}"
    return own[: LONGEST_KEY - 10]


def _event(service: NotifyPagerDuty, errand: Errand, key: str) -> Mapping[str, object]:
    event = {"routing_key": str(service.integration_key), "dedup_key": key}
    if errand.ends or errand.message.trial:
        # Of an alert that is not open: it shows that the key is right, and wakes nobody.
        return {**event, "event_action": "resolve"}
    if errand.message.acknowledged_by:
        return {**event, "event_action": "acknowledge"}
    links = [{"href": errand.link, "text": "The incident"}] if errand.link else []
    links += [{"href": errand.answer, "text": ANSWERED}] if errand.answer else []
    subject, body = text.fitted(errand.subject, errand.body, text.Room(title=SUMMARY, body=DETAILS))
    payload = {
        "summary": subject,
        "source": str(service.source),
        "component": str(service.component),
        "group": service.group,
        "class": service.class_id,
        "severity": service.severity or SEVERITIES[errand.message.severity],
        "custom_details": {**{str(name): str(value) for name, value in service.details.items()}, "message": body},
    }
    shown = {name: value for name, value in payload.items() if value}
    return {**event, "event_action": "trigger", "client": "Tierwatch", "links": links, "payload": shown}
