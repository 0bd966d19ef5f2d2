"""The channels that Apprise speaks: each send in a thread of its own lane, within our own deadline.

A send that is not over by its deadline is `unknown`: its thread goes on and may still deliver. Such threads are bounded
per channel; while a channel has as many, it is rejected at once, so that a page goes on to the person's next channel.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from apprise import NotificationManager

from alerts.channels import verdict
from alerts.channels.handover import Handover, hand_over
from alerts.channels.threads import Threads
from alerts.channels.verdict import Verdict
from alerts.channels.witness import close_the_logs
from alerts.message import Claim, Delivery, Lane, MessageKind

DEADLINES: Mapping[MessageKind, timedelta] = {
    MessageKind.PAGE: timedelta(seconds=5),
    MessageKind.NOTICE: timedelta(seconds=10),
    MessageKind.NOTE: timedelta(seconds=10),
    MessageKind.WEBHOOK: timedelta(seconds=10),
}

SCHEMES = frozenset(
    {
        "discord",
        "gotify",
        "gotifys",
        "json",
        "jsons",
        "mailto",
        "mailtos",
        "matrix",
        "matrixs",
        "mmost",
        "mmosts",
        "ntfy",
        "ntfys",
        "opsgenie",
        "pagerduty",
        "pover",
        "signal",
        "signals",
        "slack",
        "tgram",
        "twilio",
        "workflow",
        "workflows",
    }
)


@dataclass(slots=True, kw_only=True)
class AppriseChannels:
    """Sends through Apprise. `now` reads the clock; `allow_private` may change while it is in use."""

    now: Callable[[], datetime]
    allow_private: bool = False
    schemes: frozenset[str] = SCHEMES
    deadlines: Mapping[MessageKind, timedelta] = field(default_factory=lambda: DEADLINES)
    _threads: Mapping[Lane, Threads] = field(init=False)

    def __post_init__(self) -> None:
        self._threads = {lane: Threads(f"tierwatch-{lane}") for lane in Lane}
        close_the_logs()

    def warm_up(self) -> None:
        """Load the services that are allowed and switch the others off. Blocks for about a second: off the loop."""
        services = NotificationManager()  # type: ignore[no-untyped-call]
        services.enable_only(*self.schemes)  # type: ignore[no-untyped-call]

    async def send(self, claim: Claim, address: str, started: datetime) -> Delivery:
        """Return how the attempt ended, within its kind's deadline."""
        found = await self._verdict(claim, address)
        return found.delivery(claim, started, self.now())

    async def _verdict(self, claim: Claim, address: str) -> Verdict:
        threads = self._threads[claim.message.lane]
        if threads.full(claim.channel):
            return verdict.BUSY
        handover = Handover(
            message=claim.message,
            address=address,
            deadline=self.deadlines[claim.message.kind],
            schemes=self.schemes,
            allow_private=self.allow_private,
        )
        return await _within(handover.deadline, threads.start(claim.channel, partial(hand_over, handover)))


async def _within(deadline: timedelta, under_way: Future[Verdict]) -> Verdict:
    waiting = asyncio.wrap_future(under_way)
    done, _ = await asyncio.wait([waiting], timeout=deadline.total_seconds())
    if done:
        return waiting.result()
    # The thread goes on; nobody listens to how it ends.
    waiting.cancel()
    return verdict.no_answer(deadline)
