"""Threads for sends that may hang: one of its own for each, so that none waits behind another.

No pool, whose workers a few hung sends would use up and whose end would wait for them: these threads are daemons and
never delay an exit. How many may hang at once is bounded, for one channel and over all.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import TypeVar

from probes.catalog import SecretRef

MOST_PER_CHANNEL = 2
MOST_OF_A_LANE = 256

T = TypeVar("T")


class Threads:
    """The threads of one lane, counted by channel."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = Lock()
        self._under_way: Counter[SecretRef] = Counter()

    def full(self, channel: SecretRef) -> bool:
        """Return whether a channel has as many sends under way as it may, hung ones included."""
        with self._lock:
            return self._under_way[channel] >= MOST_PER_CHANNEL or self._under_way.total() >= MOST_OF_A_LANE

    def start(self, channel: SecretRef, work: Callable[[], T]) -> Future[T]:
        """Start work in a thread of its own and return its future."""
        future: Future[T] = Future()
        # A running future cannot be cancelled: whoever stops waiting for it does not stop it.
        future.set_running_or_notify_cancel()
        thread = Thread(target=self._run, args=(channel, work, future), name=self._name, daemon=True)
        with self._lock:
            thread.start()
            self._under_way[channel] += 1
        return future

    def _run(self, channel: SecretRef, work: Callable[[], T], future: Future[T]) -> None:
        try:
            outcome = work()
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it
            self._finish(channel)
            future.set_exception(error)
        else:
            self._finish(channel)
            future.set_result(outcome)

    def _finish(self, channel: SecretRef) -> None:
        with self._lock:
            self._under_way[channel] -= 1
            if not self._under_way[channel]:
                del self._under_way[channel]
