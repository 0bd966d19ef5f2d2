"""The tick of contacts' digests: what was gathered for a reader leaves as one message when its time has come.

Should no digest come, each of the messages goes out by itself a while later: the store holds them until then.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.gathered import digests, folded, next_digest, overtaken
from alerts.message import Message
from monitor.changes import Changes
from monitor.desk import Desk
from monitor.situation import Situation
from monitor.store import Store, StoreThread

EVERY = timedelta(minutes=1)


class Digesting:
    """The tick of digests."""

    def __init__(self, desk: Desk, store: Store, thread: StoreThread) -> None:
        """Begin with nothing known to wait."""
        self._desk = desk
        self._store = store
        self._thread = thread
        self._due: datetime | None = None

    async def tick(self, now: datetime) -> datetime | None:
        """Tell what is due; return when more is, or may have come up."""
        if self._due is not None and now < self._due <= now + EVERY:
            return self._due
        waiting = await self._thread.read(self._store.gathering)
        if told(waiting, self._desk.situation, now) != Changes():
            await self._desk.decide(lambda known: (None, told(waiting, known, now)))
        later = [one for one in waiting if one.gathered is not None and one.gathered > now]
        self._due = min(next_digest(later) or now + EVERY, now + EVERY)
        return self._due


def told(waiting: Sequence[Message], situation: Situation, now: datetime) -> Changes:
    """Return the digests whose time has come, without what its reader need not hear any more."""
    gone = overtaken(waiting, situation.incidents)
    left = [one for one in waiting if one.key not in gone]
    found = tuple(digests(left, situation.config.catalog, situation.config.words, now))
    return Changes(messages=found, folded=folded(found), suppressed=tuple(sorted(gone)))
