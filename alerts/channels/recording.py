"""A channel that tells nobody and remembers everything: for stories, replays and trying out a configuration.

It answers as scripted, channel by channel, and accepts whatever no script is left for.
"""

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.channels import verdict
from alerts.channels.verdict import Verdict
from alerts.message import Claim, Delivery, DeliveryState, Message
from probes.catalog import SecretRef

PATIENCE = timedelta(seconds=5)


class Answer(StrEnum):
    """How a channel may answer; one that hangs is waited for as long as a real one would be."""

    ACCEPT = "accept"
    REJECT = "reject"
    HANG = "hang"


VERDICTS: dict[Answer, Verdict] = {
    Answer.ACCEPT: verdict.ACCEPTED,
    Answer.REJECT: verdict.of_status(503),
    Answer.HANG: verdict.no_answer(PATIENCE),
}


@dataclass(slots=True, kw_only=True)
class RecordingChannel:
    """Remembers each attempt and how it ended, in order, without its address."""

    now: Callable[[], datetime]
    sleep_until: Callable[[datetime], Awaitable[None]]
    attempts: list[tuple[Claim, Delivery]] = field(default_factory=list)
    _script: defaultdict[SecretRef, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))

    def script(self, channel: SecretRef, answer: Answer, times: int = 1) -> None:
        """Let a channel give an answer to its next attempts, after those it has been told already."""
        self._script[channel].extend([answer] * times)

    def accepted(self, channel: SecretRef | None = None) -> list[Message]:
        """Return the messages that were accepted, by one channel or by any, in the order of their acceptance."""
        return [
            claim.message
            for claim, delivery in self.attempts
            if delivery.state is DeliveryState.ACCEPTED and channel in (None, claim.channel)
        ]

    async def send(self, claim: Claim, address: str, started: datetime) -> Delivery:
        """Return the next answer of the claim's channel."""
        del address
        answers = self._script[claim.channel]
        answer = answers.popleft() if answers else Answer.ACCEPT
        if answer is Answer.HANG:
            await self.sleep_until(started + PATIENCE)
        delivery = VERDICTS[answer].delivery(claim, started, self.now())
        self.attempts.append((claim, delivery))
        return delivery
