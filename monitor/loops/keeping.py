"""House-keeping: what keeps the process itself honest. Old rows go, the store's pulse is felt, the heartbeat is sent.

The heartbeat leaves only after every tick has come to its end since the last one: whoever listens at the other side
then knows that we really work, not only that we run.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from monitor.driver import Driver
from monitor.problem import reported_again
from monitor.record import forget_before
from monitor.situation import Situation
from monitor.store import Retention, Store, StoreThread

PULSE_EVERY = timedelta(seconds=5)
PRUNE_EVERY = timedelta(hours=1)
HEARTBEAT_EVERY = timedelta(minutes=1)
RECENT = timedelta(days=32)

log = structlog.get_logger("tierwatch")


def all_passed(passes: Mapping[str, datetime | None], since: datetime | None) -> bool:
    """Return whether every tick has come to its end after an instant (None: ever)."""
    return all(at is not None and (since is None or at > since) for at in passes.values())


class Keeping:
    """The tick of house-keeping. `reason` says why the store takes no write, "" while it does."""

    def __init__(self, driver: Driver, situation: Situation, store: Store, thread: StoreThread) -> None:
        self._driver = driver
        self._situation = situation
        self._store = store
        self._thread = thread
        self._pruned: datetime | None = None
        self._beat: datetime | None = None
        self.retention = Retention()
        self.heartbeat: Callable[[], Awaitable[None]] | None = None
        self.unwritable: Callable[[str], None] | None = None
        self.outbox_age = timedelta()
        self.reason = ""

    async def tick(self, now: datetime) -> datetime | None:
        """Feel the store's pulse; prune, look again at what was accepted, and send the heartbeat when they are due."""
        self._report_again(now)
        self.reason = await self._thread.write(self._store.writable, now)
        if self.reason and self.unwritable is not None:
            self.unwritable(self.reason)
        if not self.reason:
            self.outbox_age = await self._thread.read(self._store.outbox_age, now)
            await self._prune(now)
            await self._send_heartbeat(now)
        return now + PULSE_EVERY

    def _report_again(self, now: datetime) -> None:
        before = self._situation.findings
        self._situation.findings = reported_again(before, now)
        for finding in set(self._situation.findings) - set(before):
            log.warning("an acceptance has ended", finding=str(finding))

    async def _prune(self, now: datetime) -> None:
        if self._pruned is None or now - self._pruned >= PRUNE_EVERY:
            self._pruned = now
            await self._thread.write(self._store.prune, now, self.retention)
            forget_before(self._situation, now - RECENT)

    async def _send_heartbeat(self, now: datetime) -> None:
        if self.heartbeat is None or (self._beat is not None and now - self._beat < HEARTBEAT_EVERY):
            return
        others = {name: beat.passed for name, beat in self._driver.beats.items() if name != "keeping"}
        if all_passed(others, self._beat):
            self._beat = now
            await self.heartbeat()
