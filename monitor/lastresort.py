"""The last resort: when nothing can be recorded, one fixed message goes to the catch-all without the store.

It says nothing of incidents, since none is decided meanwhile. How often it was sent is kept in memory only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.channels import Channel
from alerts.message import Claim, DeliveryState, Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.oncall import Person
from monitor.problem import ConfigError
from probes.catalog import SecretRef

EVERY = timedelta(minutes=15)
AGAIN = timedelta(seconds=30)
"""After how long it is tried again when every channel has surely refused it."""

SUBJECT = "Tierwatch cannot record; look now"
BODY = (
    "Tierwatch cannot write its database. Until it can, nothing is decided and nobody else is told.\n"
    "Look at the process, its disk and its database. It goes on by itself as soon as it can write."
)


def is_due(not_before: datetime | None, now: datetime) -> bool:
    """Return whether the message may be sent."""
    return not_before is None or now >= not_before


@dataclass(slots=True, kw_only=True)
class LastResort:
    """Sends the message, at most every 15 minutes."""

    channel: Channel
    resolve: Callable[[SecretRef], str]
    _not_before: datetime | None = None

    async def send(self, person: Person, now: datetime) -> bool:
        """Send the message by the person's channels until one accepts it; return whether it has left or may have."""
        if not is_due(self._not_before, now):
            return False
        # Before the first wait, so that who calls meanwhile sends no second one.
        self._not_before = now + EVERY
        sent = await self._tell(_message(person, now), now)
        self._not_before = now + (EVERY if sent else AGAIN)
        return sent

    async def _tell(self, message: Message, now: datetime) -> bool:
        sent = False
        for attempt, channel in enumerate(message.channels, start=1):
            state = await self._attempt(Claim(message=message, attempt=attempt, channel=channel), now)
            sent = sent or state is not DeliveryState.REJECTED
            if state is DeliveryState.ACCEPTED:
                break
        return sent

    async def _attempt(self, claim: Claim, now: datetime) -> DeliveryState:
        try:
            address = self.resolve(claim.channel)
        except ConfigError:
            return DeliveryState.REJECTED
        return (await self.channel.send(claim, address, now)).state


def _message(person: Person, now: datetime) -> Message:
    return Message(
        key=f"last-resort/{person.id}/{now:%Y%m%dT%H%M%SZ}",
        kind=MessageKind.PAGE,
        lane=Lane.URGENT,
        stage=Stage.INVESTIGATING,
        recipient=person.id,
        channels=person.channels,
        subject=SUBJECT,
        body=BODY,
        created=now,
        severity=MessageSeverity.FAILURE,
    )
