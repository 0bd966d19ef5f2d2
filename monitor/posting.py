"""Puts the outbox together: over the desk that records what was sent, the store that keeps it, and the channels."""

from monitor.desk import Desk
from monitor.driver import Driver
from monitor.outbox import Outbox, claiming, reading
from monitor.parts import Parts
from monitor.store import StoreThread

TICK = "delivery"


def outbox(parts: Parts, desk: Desk, driver: Driver, thread: StoreThread) -> Outbox:
    """Return the outbox, whose tick is not yet added to the driver."""
    return Outbox(
        read=reading(parts.store, thread),
        claim=claiming(parts.store, thread),
        record=desk.delivered,
        channel=parts.channel,
        resolve=parts.secrets.resolve,
        now=parts.clock.now,
        spawn=driver.spawn,
        wake=lambda: driver.wake(TICK),
        weights=lambda: [tier.weight for tier in desk.situation.config.catalog.tiers.values()],
    )
