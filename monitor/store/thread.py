"""The store for asyncio: one thread serves all writes, another all reads, so the event loop never waits for a disk.

Two threads and a synchronous engine cost a third of an asynchronous one, and writes keep the order they were asked in.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from monitor.store.store import Store

P = ParamSpec("P")
T = TypeVar("T")


class StoreThread:
    """Runs the methods of a store off the event loop: `await thread.write(store.commit, changes)`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-write")
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store-read")

    async def write(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a writing method returns, once every write asked for before it is done.

        Who is cancelled while waiting does not stop a write that has begun.
        """
        return await asyncio.get_running_loop().run_in_executor(self._writer, partial(act, *args, **kwargs))

    async def read(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a reading method returns; it waits for no write."""
        return await asyncio.get_running_loop().run_in_executor(self._reader, partial(ask, *args, **kwargs))

    def close(self) -> None:
        """Finish what was asked for, then let the database go. It blocks for as long as that takes."""
        self._writer.shutdown(wait=True)
        self._reader.shutdown(wait=True)
        self._store.close()


class OneThread(StoreThread):
    """Runs the methods of a store where they are called: for a database in memory, which waits for no disk."""

    async def write(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a writing method returns."""
        return act(*args, **kwargs)

    async def read(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a reading method returns."""
        return ask(*args, **kwargs)
