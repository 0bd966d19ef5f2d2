"""Takes in what others report: durable before it is answered, seen by whoever asks right after it, judged in chunks.

Bodies that come while one is being written share the next transaction. What a body comes to is in memory as soon as it
is in the journal; our own alerts follow in passes of the desk, and the journal is folded into the table of alerts now
and then. So a resend that says nothing new costs a line in the journal and no more.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from alerts.alert import AlertKey, AlertKind
from alerts.intake import Intake, OnTimeout, assess_reported
from alerts.reported import Labels, Reported
from alerts.reports import Received, Reports
from alerts.weigh import Assessment, Before
from monitor.desk import Desk
from monitor.secrets import Secrets
from monitor.situation import Situation
from monitor.store import Store, StoreThread, StoreUnwritable
from monitor.store.intake import Body
from monitor.wire import Reader, Reply, Taken

AT_ONCE = 250
"""So many reports share a pass at first, and while reports keep coming: judging them keeps everything else waiting."""

MOST = 4_000
"""So many share a pass at most: one on an incident of thousands of alerts costs as much as judging thousands."""

REST = 8
"""After a pass judging rests this many times as long as it took: whoever reports meanwhile waits for an answer."""

LONGEST_REST = 1.0
"""Seconds that judging rests at most where nothing was left over."""

FOLDED = timedelta(seconds=30)
"""After so long the journal is folded into the table."""

MOST_JOURNAL = 16_000_000
"""A journal of so many bytes is folded at once."""

SOON = timedelta(seconds=1)

log = structlog.get_logger("tierwatch.intake")


@dataclass(slots=True, eq=False)
class _Waiting:
    """A body that is to be stored, with what it reports."""

    content: bytes
    at: datetime
    reports: list[Reported]
    stored: bool = False
    error: StoreUnwritable | None = None


class AlertIntake:
    """The place where reports come in. One that is stored calls `wake`, or `expect` with the instant that will do."""

    def __init__(self, desk: Desk, store: Store, thread: StoreThread, secrets: Secrets) -> None:
        self.wake: Callable[[], None] = lambda: None
        self.expect: Callable[[datetime], None] = lambda _: None
        self._desk = desk
        self._store = store
        self._thread = thread
        self._secrets = secrets
        self._reader = Reader()
        self._turn = asyncio.Lock()
        self._waiting: list[_Waiting] = []
        self._number = 0
        self._journal = 0
        self._folded: datetime | None = None
        self._called = False
        self._rested = 0.0
        self._at_once = AT_ONCE

    @property
    def _situation(self) -> Situation:
        return self._desk.situation

    @property
    def _reports(self) -> Reports:
        return self._situation.reports

    @property
    def _intake(self) -> Intake:
        return self._situation.config.intake

    def begin(self, now: datetime) -> None:
        """Begin with what the process before this one had taken in, however it ended. It reads the store.

        What would have ended while nobody could be reached lasts for one more timeout: our absence ends nothing.
        """
        kept, situation, intake = self._store.reported(), self._situation, self._intake
        reports = situation.reports = Reports(kept.alerts, keeps=intake.on_timeout is OnTimeout.KEEP)
        for body in kept.bodies:
            reports.take(self._reader.read(body.content, body.at, body.timeout).reports)
            self._number, self._journal = body.number, self._journal + len(body.content)
        if kept.unreadable:
            log.error("reports could not be read and are left out", number=len(kept.unreadable))
        if situation.alive is not None:
            reports.outlast(situation.alive, now + intake.resolve_timeout)
        ours = (one for one in situation.alerts.values() if one.active and one.key.kind is AlertKind.REPORTED)
        reports.compare((one.key for one in ours), now)

    def configured(self) -> None:
        """Follow the configuration that is in force from now on."""
        self._reports.keeps = self._intake.on_timeout is OnTimeout.KEEP

    def is_sender(self, offered: str) -> bool:
        """Return whether a token is the one that opens the intake of alerts, and nothing else."""
        return self._intake.token is not None and self._secrets.matches(self._intake.token, offered)

    async def take(self, body: bytes, now: datetime) -> Reply | None:
        """Take a body in; return what is answered where it is not as it should be.

        Raises:
            StoreUnwritable: it could not be stored, and nothing of it counts.
        """
        taken = self._reader.read(body, now, self._intake.resolve_timeout)
        if taken.reports:
            await self._stored(_Waiting(body, now, taken.reports))
            self._call(now)
        self._count(taken)
        return taken.answer

    def _call(self, now: datetime) -> None:
        """Have what came judged: at once, or once judging has rested; not twice."""
        if self._called:
            return
        self._called, rest = True, self._rested - _elapsed()
        if rest > 0:
            self.expect(now + timedelta(seconds=rest))
        else:
            self.wake()

    def _count(self, taken: Taken) -> None:
        over, received = sum(one.told_over for one in taken.reports), self._reports.received
        received[Received.RESOLVED] += over
        received[Received.FIRING] += len(taken.reports) - over
        received[Received.INVALID] += taken.invalid

    async def _stored(self, waiting: _Waiting) -> None:
        self._waiting.append(waiting)
        async with self._turn:
            if waiting in self._waiting:
                together, self._waiting = self._waiting, []
                await self._enter(together)
        if not waiting.stored:
            raise waiting.error or StoreUnwritable("nobody knows whether it was stored; send it again")

    async def _enter(self, together: list[_Waiting]) -> None:
        timeout, first = self._intake.resolve_timeout, self._number + 1
        bodies = [
            Body(number=number, at=one.at, timeout=timeout, content=one.content)
            for number, one in enumerate(together, first)
        ]
        try:
            await self._thread.write(self._store.enter, bodies)
        except StoreUnwritable as error:
            for one in together:
                one.error = error
            return
        self._number = bodies[-1].number
        for one in together:
            self._reports.take(one.reports)
            self._journal += len(one.content)
            one.stored = True

    async def tick(self, now: datetime) -> datetime | None:
        """Let some of our own alerts follow what was reported, and fold the journal; return when more is due."""
        self._reports.expire(now)
        chunk, begun, came = self._reports.to_follow(self._at_once), _elapsed(), self._number
        if chunk and not await self._follow(chunk, now):
            return now + SOON
        await self._fold(now)
        took, self._called, self._at_once = _elapsed() - begun, False, min(MOST, 4 * self._at_once)
        if self._reports.unfollowed:
            return self._next_chunk(took, now, busy=came != self._number)
        self._rested, self._at_once = _elapsed() + min(took * REST, LONGEST_REST), AT_ONCE
        upcoming = (self._reports.next_end, None if self._folded is None else self._folded + FOLDED)
        return min((at for at in upcoming if at is not None), default=None)

    def _next_chunk(self, took: float, now: datetime, *, busy: bool) -> datetime | None:
        """Return when the next chunk is judged: at once, or after a rest while reports keep coming."""
        if busy:
            self._called, self._at_once = True, AT_ONCE
            return now + timedelta(seconds=took * (1 + REST))
        self.wake()
        return None

    async def _follow(self, chunk: tuple[Reported, ...], now: datetime) -> bool:
        keys: Mapping[Labels, AlertKey] = {}

        def assess(before: Before) -> Assessment:
            nonlocal keys
            assessment, keys = assess_reported(before, chunk, self._intake, now)
            return assessment

        if not await self._desk.judged(assess, now):
            return False
        self._reports.follow(chunk, keys, now)
        return True

    async def _fold(self, now: datetime) -> None:
        if self._folded is not None and now - self._folded < FOLDED and self._journal < MOST_JOURNAL:
            return
        async with self._turn:
            due, upto, size = self._reports.due(now), self._number, self._journal
            try:
                if due.kept or due.gone or size:
                    await self._thread.write(self._store.fold, due, upto)
            except StoreUnwritable:
                self._reports.rewrite(due)
                return
            self._journal -= size
            self._folded = now


def _elapsed() -> float:
    """Return seconds by the loop's own clock, from anywhere."""
    return asyncio.get_running_loop().time()
