"""A store and channels that kill the process with SIGKILL at a chosen point of the chain.

They stand where the product's own would, and do what those do; the product knows nothing of them.
"""

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import event

from alerts.channels.dispatch import Channels
from alerts.message import Claim, Delivery
from monitor import app
from monitor.changes import Changes
from monitor.store import Store


class Moment(StrEnum):
    """Where in the chain the process dies. Within a commit means: all written, and not yet committed."""

    BEFORE_COMMIT = "before a commit"
    WITHIN_COMMIT = "within a commit"
    AFTER_COMMIT = "after a commit"
    AFTER_CLAIM = "after a claim"
    BEFORE_SEND = "before a send"
    AFTER_SEND = "after a send"


@dataclass(slots=True)
class Doom:
    """Kills the process when a moment comes for the `turn`-th time."""

    moment: Moment
    turn: int

    def comes(self, moment: Moment) -> None:
        """Count a moment, and die where it is the one."""
        self.turn -= moment is self.moment
        if self.turn <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def belongs_to_the_chain(changes: Changes) -> bool:
    """Return whether a commit holds more than what looks leave behind."""
    return bool(changes.entries or changes.messages or changes.settlements)


def arm(moment: Moment, turn: int) -> None:
    """Let the application that is made next in this process die so."""
    doom = Doom(moment, turn)

    class DeadlyStore(Store):
        def __init__(self, url: str) -> None:
            super().__init__(url)
            self._in_chain = False
            event.listen(self._engines.writer, "begin", lambda _: self._comes(Moment.BEFORE_COMMIT))
            event.listen(self._engines.writer, "commit", lambda _: self._comes(Moment.WITHIN_COMMIT))

        def _comes(self, moment: Moment) -> None:
            if self._in_chain:
                doom.comes(moment)

        def commit(self, changes: Changes) -> None:
            self._in_chain = belongs_to_the_chain(changes)
            super().commit(changes)
            self._comes(Moment.AFTER_COMMIT)
            self._in_chain = False

        def claim(self, kinds: Mapping[str, str], now: datetime) -> tuple[Claim, ...]:
            claims = super().claim(kinds, now)
            for _ in claims:
                doom.comes(Moment.AFTER_CLAIM)
            return claims

    class DeadlyChannels(Channels):
        async def send(self, claim: Claim, address: str, started: datetime) -> Delivery:
            doom.comes(Moment.BEFORE_SEND)
            delivery = await super().send(claim, address, started)
            doom.comes(Moment.AFTER_SEND)
            return delivery

    vars(app).update(Store=DeadlyStore, Channels=DeadlyChannels)
