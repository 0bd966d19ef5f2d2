"""An outbox in a process of its own, on a real store and by the real channels, that may be killed at any instant.

It is forked from a server that has imported everything, so that a start costs little. `tell` runs until everything that
can be told is; what it is asked to tell lies in the store already.
"""

import asyncio
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from alerts.channels.dispatch import Channels
from alerts.message import MessageKind, MessageState
from monitor.clock import SystemClock
from tests.monitor.post import Post

DEADLINES = {kind: timedelta(seconds=1) for kind in MessageKind}
PAUSE = 0.02


def tell(folder: str, addresses: Mapping[str, str]) -> None:
    """Recover what a process before left, and tell what waits until nothing does; give up after a minute."""
    os.environ.pop("TIERWATCH_DATA", None)
    asyncio.run(_tell(Path(folder), addresses))


async def _tell(folder: Path, addresses: Mapping[str, str]) -> None:
    clock: Any = SystemClock()
    channels = Channels(now=clock.now, allow_private=True, deadlines=DEADLINES)
    post = Post(folder, clock, channels)
    post.environment.update(addresses)
    post.store.recover(clock.now())
    post.driver.add("delivery", post.outbox.tick)
    post.outbox.wake = lambda: post.driver.wake("delivery")
    async with asyncio.TaskGroup() as group:  # noqa: TID251 - the driver itself is run here
        group.create_task(post.driver.run())
        async with asyncio.timeout(60):
            while any(state is MessageState.QUEUED for _, state in post.store.counts()):  # noqa: ASYNC110 - a real receiver tells no event
                await asyncio.sleep(PAUSE)  # noqa: TID251 - it waits for what a real receiver does
        post.driver.stop()
    await post.close()
