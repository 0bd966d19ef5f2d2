"""The tick that looks for messages that nobody took in time, and has that judged like anything else."""

from datetime import datetime, timedelta

from alerts.alert import AlertKind
from alerts.undelivered import SHORTEST, judge_undelivered, watched_over
from monitor.desk import Desk
from monitor.store import Store, StoreThread

EVERY = timedelta(seconds=15)
BACK = timedelta(days=1)
"""How far back messages are looked at: what nobody took for longer has had its incident."""


class Unreached:
    """Asks the ledger who took nothing, and who does again."""

    def __init__(self, desk: Desk, store: Store, thread: StoreThread) -> None:
        self._desk = desk
        self._store = store
        self._thread = thread

    async def tick(self, now: datetime) -> datetime | None:
        """Judge what is late or was; return when to look again."""
        known = self._desk.situation
        untaken = await self._thread.read(self._store.untaken, now - BACK, now - SHORTEST)
        late = [one for one in untaken if watched_over(known.incidents, one.incident)]
        alerts = any(alert.key.kind is AlertKind.UNDELIVERED for alert in known.alerts.values())
        if late or alerts:
            reached = await self._thread.read(self._store.reached, now - BACK) if alerts else ()
            await self._desk.judged(lambda before: judge_undelivered(before, late, reached, now), now)
        return now + EVERY
