"""The way out: hands one claimed message to one channel and says how that ended.

Whom to tell, when to try again and by which channel next is decided elsewhere; a channel neither retries nor stores.
"""

from datetime import datetime
from typing import Protocol

from alerts.message import Claim, Delivery


class Channel(Protocol):
    """What the outbox needs of a way out."""

    async def send(self, claim: Claim, address: str, started: datetime) -> Delivery:
        """Return how the attempt ended; it ends within the channel's own deadline and raises nothing.

        `address` is a secret: it stands neither in the delivery nor in any log.
        """
