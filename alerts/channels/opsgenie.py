"""The adapter for Opsgenie's Alert API: an incident of ours is an alert of theirs, known by its alias.

https://docs.opsgenie.com/docs/alert-api: requests are taken with 202 and worked on afterwards; 422 is an alert that
will never be, 429 too many. Its EU instance has hosts of its own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from apprise.plugins.opsgenie import NotifyOpsgenie

from alerts.channels import text, verdict
from alerts.channels.errand import Errand, told
from alerts.channels.handover import header_value
from alerts.channels.verdict import Verdict
from alerts.channels.web import Answered, Post, Web

REGIONS = {"us": "https://api.opsgenie.com/v2/alerts", "eu": "https://api.eu.opsgenie.com/v2/alerts"}
MESSAGE, DESCRIPTION, NOTE, LONGEST_KEY = 130, 15_000, 25_000, 512
GONE = 404


@dataclass(slots=True, kw_only=True)
class Opsgenie:
    """Creates, acknowledges and closes alerts. `regions` are where they are taken, by region."""

    web: Web
    regions: Mapping[str, str] = field(default_factory=lambda: REGIONS)

    async def send(self, errand: Errand) -> Verdict:
        """Return how the request fared; what was created is kept under its alias."""
        service = errand.service
        if not isinstance(service, NotifyOpsgenie):
            return verdict.UNPARSABLE
        return await told(errand, _alert(service, errand), lambda key: self._request(service, errand, key))

    async def _request(self, service: NotifyOpsgenie, errand: Errand, key: str) -> Verdict:
        path, content = _request(service, errand, key)
        answer = await self.web.send(
            Post(
                url=f"{self.regions[str(service.region_name)]}{path}",
                headers={"Content-Type": "application/json", "Authorization": f"GenieKey {service.apikey}"},
                content=json.dumps(content).encode(),
                deadline=errand.deadline,
            )
        )
        if not isinstance(answer, Answered):
            return answer
        # What somebody has deleted there is as good as closed.
        return verdict.ACCEPTED if path and answer.status == GONE else answer.verdict


def _alert(service: NotifyOpsgenie, errand: Errand) -> str:
    own = str(service.alias or "") or f"tierwatch-{header_value(errand.thread or errand.message.key)}"
    return own[: LONGEST_KEY - 10]


def _request(service: NotifyOpsgenie, errand: Errand, key: str) -> tuple[str, Mapping[str, object]]:
    """Return the path below the alerts, and what is posted there."""
    closes = errand.ends or errand.message.trial
    if closes or errand.message.acknowledged_by:
        # Closing what is not open shows that the key is right, and wakes nobody.
        action = "close" if closes else "acknowledge"
        subject, note = text.fitted(errand.subject, errand.body, text.Room(title=MESSAGE, body=NOTE))
        told = {"source": "Tierwatch", "user": errand.message.acknowledged_by or "Tierwatch", "note": note or subject}
        return f"/{quote(key, safe='')}/{action}?identifierType=alias", told
    subject, body = text.fitted(errand.subject, errand.body, text.Room(title=MESSAGE, body=DESCRIPTION))
    alert = {
        "message": subject,
        "description": body,
        "alias": key,
        "source": "Tierwatch",
        "entity": service.entity,
        "priority": f"P{service.priority}",
        "responders": list(service.targets),
        "tags": list(getattr(service, "_NotifyOpsgenie__tags", ())),
        "details": {str(name): str(value) for name, value in service.details.items()},
    }
    return "", {name: value for name, value in alert.items() if value}
