"""Puts the outbox together: over the desk that records what was sent, the store that keeps it, and the channels."""

from collections.abc import Awaitable, Callable, Sequence

from alerts.channel_kind import kind_of
from alerts.endpoint import Limits, usual
from alerts.message import Message
from monitor.changes import Changes
from monitor.desk import Desk
from monitor.driver import Driver
from monitor.outbox import Outbox, claiming, reading
from monitor.parts import Parts
from monitor.store import Store, StoreThread
from monitor.storms import Storms

TICK = "delivery"


def outbox(parts: Parts, desk: Desk, driver: Driver, thread: StoreThread) -> Outbox:
    """Return the outbox, whose tick is not yet added to the driver."""
    storms = Storms(read=_bodies(parts.store, thread), commit=_committing(desk))
    return Outbox(
        read=reading(parts.store, thread),
        claim=claiming(parts.store, thread),
        record=desk.delivered,
        channel=parts.channel,
        resolve=parts.secrets.resolve,
        now=parts.clock.now,
        spawn=driver.spawn,
        wake=lambda: driver.wake(TICK),
        calm=storms.calm,
        gather=parts.clock.sleep_until,
        began=storms.began,
        limits=lambda kind: _limits(desk, kind),
        weights=lambda: [tier.weight for tier in desk.situation.config.catalog.tiers.values()],
    )


def _bodies(store: Store, thread: StoreThread) -> Callable[[Sequence[str]], Awaitable[Sequence[Message]]]:
    async def read(keys: Sequence[str]) -> Sequence[Message]:
        return await thread.read(store.bodies, keys)

    return read


def _committing(desk: Desk) -> Callable[[Changes], Awaitable[None]]:
    async def commit(changes: Changes) -> None:
        await desk.decide(lambda _: (None, changes))

    return commit


def _limits(desk: Desk, kind: str) -> Limits:
    return (desk.situation.config.limits.get(kind_of(kind)) if kind else None) or usual(kind)
