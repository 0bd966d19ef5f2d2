"""The store under asyncio: writes in their order, reads that wait for no write, an event loop that waits for none."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.changes import Act, Changes
from monitor.store import Store, StoreThread
from tests.monitor.store.cast import NOON


@pytest.fixture
def thread(file: Path) -> Iterator[tuple[Store, StoreThread]]:
    """Return a store and its threads, closed in the end."""
    store = Store(f"sqlite:///{file}")
    served = StoreThread(store)
    yield store, served
    served.close()


def act(number: int) -> Changes:
    """Return the change that records one numbered act."""
    return Changes(acts=(Act(at=NOON, actor="madrid-1", action=str(number), subject="INC-1"),))


async def test_writes_happen_in_the_order_they_were_asked_for(thread: tuple[Store, StoreThread]) -> None:
    store, served = thread
    await asyncio.gather(*(served.write(store.commit, act(number)) for number in range(20)))
    assert [int(one.action) for one in await served.read(store.acts)] == list(range(19, -1, -1))


async def test_a_read_does_not_wait_for_a_write(thread: tuple[Store, StoreThread]) -> None:
    store, served = thread
    gate = threading.Event()

    async def read_then_open() -> tuple[Act, ...]:
        found = await asyncio.wait_for(served.read(store.acts), timeout=5)
        gate.set()
        return found

    assert tuple(await asyncio.gather(served.write(gate.wait, timeout=10), read_then_open())) == (True, ())


async def test_what_a_write_raises_is_raised_where_it_is_awaited(thread: tuple[Store, StoreThread]) -> None:
    _, served = thread
    with pytest.raises(ZeroDivisionError):
        await served.write(divmod, 1, 0)


async def test_closing_finishes_what_was_asked_for(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    served = StoreThread(store)

    async def close() -> None:
        await asyncio.get_running_loop().run_in_executor(None, served.close)

    await asyncio.gather(*(served.write(store.commit, act(number)) for number in range(5)), close())
    again = Store(f"sqlite:///{file}")
    assert len(again.acts()) == 5
    again.close()
