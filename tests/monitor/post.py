"""An outbox on a real store, with a clock set by hand: for tests that look at what is sent, when, and by which way."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from alerts.channels import Channel
from alerts.delivery_order import Waiting
from alerts.message import Claim, Lane, Message
from alerts.settlement import settlement
from monitor.changes import Changes
from monitor.clock import SettableClock
from monitor.driver import Driver
from monitor.outbox import Ended, Outbox
from monitor.secrets import Secrets
from monitor.store import Store, StoreThread
from monitor.storms import Storms


class Post:
    """An outbox and what stands around it. The environment holds the addresses and may be changed."""

    def __init__(self, folder: Path, clock: SettableClock, channel: Channel) -> None:
        self._folder = folder
        self.clock = clock
        self.environment: dict[str, str] = {}
        self.wakes = 0
        self.ended = 0
        self._ended = asyncio.Condition()
        self.store = Store(f"sqlite:///{folder}/post.db")
        self.thread = StoreThread(self.store)
        self.driver = Driver(clock)
        self.storms = Storms(read=self._bodies, commit=self._commit)
        self.outbox = Outbox(
            calm=self.storms.calm,
            began=self.storms.began,
            read=self._read,
            claim=self._claim,
            record=self._record,
            channel=channel,
            resolve=Secrets(self.environment).resolve,
            now=clock.now,
            spawn=self.driver.spawn,
            wake=self._wake,
        )

    async def close(self) -> None:
        """Stop what is under way and let the store go."""
        self.driver.cancel()
        await self.driver.idle()
        self.thread.close()

    def queue(self, *messages: Message) -> None:
        """Write messages to be told."""
        changes = Changes(messages=messages)
        self.store.commit(changes)
        self.outbox.heard(changes)

    async def tick(self) -> datetime | None:
        """Call the tick once."""
        return await self.outbox.tick(self.clock.now())

    async def run(self) -> None:
        """Call the tick, and again after every send that it started, until nothing more goes out at this instant."""
        seen = -1
        while seen < self.wakes:
            seen = self.wakes
            await self.tick()
            await self.driver.idle()

    async def run_until(self, end: datetime) -> None:
        """Let time pass, calling the tick whenever it wants."""
        await self.run()
        while (at := await self.tick()) is not None and at <= end:
            await self.clock.set(max(at, self.clock.now()))
            await self.run()
        await self.clock.set(end)

    async def until_ended(self, sends: int) -> None:
        """Wait until so many sends have ended, while others hang."""
        async with asyncio.timeout(10), self._ended:
            await self._ended.wait_for(lambda: self.ended >= sends)

    def ends(self, key: str) -> list[tuple[str, str]]:
        """Return by which channels a message was tried and how, in the order of the attempts."""
        deliveries = sorted(self.store.deliveries(key), key=lambda one: one.attempt)
        return [(one.channel, one.reason) for one in deliveries]

    def written(self) -> bytes:
        """Return every byte that the store has written."""
        return b"".join(file.read_bytes() for file in self._folder.glob("post.db*"))

    async def _read(self, lane: Lane) -> tuple[Waiting, ...]:
        return await self.thread.read(self.store.waiting, lane)

    async def _claim(self, kinds: Mapping[str, str], now: datetime) -> tuple[Claim, ...]:
        return await self.thread.write(self.store.claim, kinds, now)

    async def _bodies(self, keys: Sequence[str]) -> Sequence[Message]:
        return await self.thread.read(self.store.bodies, keys)

    async def _commit(self, changes: Changes) -> None:
        await self.thread.write(self.store.commit, changes)
        self.outbox.heard(changes)

    async def _record(self, ended: Sequence[Ended]) -> None:
        changes = Changes(settlements=tuple(settlement(message, delivery) for message, delivery in ended))
        await self.thread.write(self.store.commit, changes)
        self.ended += len(ended)
        self.outbox.heard(changes)

    def _wake(self) -> None:
        self.wakes += 1
        self.driver.spawn(self._tell())

    async def _tell(self) -> None:
        async with self._ended:
            self._ended.notify_all()
