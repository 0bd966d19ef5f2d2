"""The way out for webhooks that are signed; everything else is handed on to the other channels.

`webhook-id` and `Idempotency-Key` are the same in every attempt at one call; what is signed has the attempt's instant.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.channels import Channel, verdict
from alerts.channels.verdict import Verdict
from alerts.channels.web import Answered, Post, Web
from alerts.dunning_calls import call_id
from alerts.message import Claim, Delivery, MessageKind
from alerts.signing import signed_headers, signing_key
from probes.catalog import SecretRef

DEADLINE = timedelta(seconds=10)
AGENT = "Tierwatch"


@dataclass(slots=True, kw_only=True)
class SignedWebhooks:
    """Posts webhooks, each signed with its secrets; `secret` looks one up, "" where there is none."""

    others: Channel
    web: Web
    secret: Callable[[SecretRef], str]
    now: Callable[[], datetime]

    async def send(self, claim: Claim, address: str, started: datetime) -> Delivery:
        """Return how the attempt ended."""
        if claim.message.kind is not MessageKind.WEBHOOK:
            return await self.others.send(claim, address, started)
        try:
            found = await self._post(claim, address)
        except Exception as error:  # noqa: BLE001 - whatever an address holds, a call may not be lost by it
            found = verdict.failed_inside(error)
        return found.delivery(claim, started, self.now())

    async def _post(self, claim: Claim, address: str) -> Verdict:
        keys = [key for one in claim.message.signed_with if (key := signing_key(self.secret(one))) is not None]
        if not keys:
            return verdict.SECRET_NOT_FOUND
        identity = f"msg_{hashlib.sha256(call_id(claim.message.key).encode()).hexdigest()[:32]}"
        body = claim.message.body.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "Idempotency-Key": identity,
            **signed_headers(identity, body, keys, self.now()),
        }
        answer = await self.web.send(Post(url=address, content=body, headers=headers, deadline=DEADLINE))
        return answer.verdict if isinstance(answer, Answered) else answer
