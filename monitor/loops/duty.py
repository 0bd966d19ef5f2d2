"""The tick of on-call: calendars are read, who comes on gets a note, turns are published, gaps are looked for.

What each of them comes to is for the rooms below; this file says when it is done, and sees that it is kept.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from alerts.coverage import all_gaps, months_after
from alerts.handover import Affairs, Handed, handed, notes
from alerts.message import Message
from alerts.oncall import Feed
from alerts.published import Published, published, turns
from alerts.rota import Rota, failed
from alerts.rota_text import RotaError, read_rota
from alerts.wording import Links
from monitor.changes import Changes
from monitor.desk import Desk
from monitor.driver import Driver
from monitor.problem import ConfigError
from monitor.secrets import Secrets
from monitor.situation import Situation
from probes.adapters.http import Call, Transport
from probes.answer import Failure

READ_EVERY = timedelta(minutes=15)
READ_AGAIN = timedelta(minutes=2)
DEADLINE = timedelta(seconds=20)
BACK = timedelta(days=35)
AHEAD = timedelta(days=400)
MONTHS = 12
RECKONED = timedelta(hours=6)
"""How long published turns and gaps hold where nothing has changed: time itself brings new ones into sight."""

OK = 200
MOST = 2_000_000

log = structlog.get_logger("tierwatch.oncall")


class Duty:
    """The tick of on-call, for every schedule."""

    def __init__(self, desk: Desk, driver: Driver, transport: Transport, secrets: Secrets) -> None:
        self._desk = desk
        self._driver = driver
        self._transport = transport
        self._secrets = secrets
        self._reading: set[str] = set()
        self._reckoned: tuple[object, ...] = ()
        self._reckoned_at: datetime | None = None

    async def tick(self, now: datetime) -> datetime | None:
        """Do what is due; the driver asks again within seconds."""
        situation = self._desk.situation
        for name, schedule in situation.config.roster.schedules.items():
            if schedule.feed is not None and name not in self._reading and self._is_due(name, now):
                self._reading.add(name)
                self._driver.spawn(self._read(name, schedule.feed, now))
        await self._desk.decide(lambda known: (None, handovers(known, self._desk.links, now)))
        await self._reckon(now)
        return None

    def _is_due(self, name: str, now: datetime) -> bool:
        rota = self._desk.situation.rotas.get(name)
        if rota is None or rota.tried is None:
            return True
        return now - rota.tried >= (READ_AGAIN if rota.problem else READ_EVERY)

    async def _read(self, name: str, feed: Feed, now: datetime) -> None:
        try:
            before = self._desk.situation.rotas.get(name) or Rota(schedule=name)
            rota = await self._fetched(before, feed, now)
            await self._desk.decide(lambda _: (None, Changes(rotas={name: rota})))
        finally:
            self._reading.discard(name)

    async def _fetched(self, before: Rota, feed: Feed, now: datetime) -> Rota:
        """Return what the calendar says now, or else what it said before with what is wrong."""
        try:
            call = Call(url=self._secrets.resolve(feed.url), headers={"accept": "text/calendar"}, deadline=DEADLINE)
        except ConfigError:
            return failed(before, "its address is a secret that is not there", now)
        answer = await self._transport.send(call, self._driver.clock.now)
        if isinstance(answer, Failure):
            return failed(before, str(answer.failure), now)
        if answer.status != OK or answer.cut or len(answer.body) > MOST:
            return failed(before, f"status {answer.status}" if answer.status != OK else "it is too large", now)
        try:
            reading = await asyncio.to_thread(read_rota, answer.body, feed, now - BACK, now + AHEAD)
        except RotaError as error:
            return failed(before, str(error), now)
        return Rota(
            schedule=before.schedule,
            shifts=reading.shifts,
            unknown=reading.unknown,
            read=now,
            tried=now,
            covers=now + AHEAD,
        )

    async def _reckon(self, now: datetime) -> None:
        """Publish turns and look for gaps, where something has changed that they depend on, or enough time passed."""
        situation = self._desk.situation
        board, roster, catalog = situation.board, situation.config.roster, situation.config.catalog
        seen = (roster, catalog, board.overrides, tuple(board.shifts.items()))
        recent = self._reckoned_at is not None and now - self._reckoned_at < RECKONED
        if recent and len(seen) == len(self._reckoned) and all(map(_same, seen, self._reckoned)):
            return
        self._reckoned, self._reckoned_at = seen, now
        known = {name: situation.published.get(name) or Published(schedule=name) for name in roster.schedules}
        fresh = await asyncio.to_thread(
            lambda: {
                name: published(known[name], turns(schedule, board, now), now)
                for name, schedule in roster.schedules.items()
            }
        )
        changed = {name: one for name, one in fresh.items() if one != situation.published.get(name)}
        situation.gaps = await asyncio.to_thread(all_gaps, catalog, roster, board, now, months_after(now, MONTHS))
        await self._desk.decide(lambda _: (None, Changes(published=changed)))


def _same(one: object, other: object) -> bool:
    return one is other or one == other


def handovers(situation: Situation, links: Links, now: datetime) -> Changes:
    """Return who has come on call since the last pass, and the note to each, as one transaction."""
    kept: dict[str, Handed | None] = {}
    messages: list[Message] = []
    for name, schedule in situation.config.roster.schedules.items():
        before = situation.handed.get(name)
        after = handed(schedule, before, situation.board, now)
        if after is before:
            continue
        kept[name] = after
        if before is not None and schedule.note:
            messages += notes(schedule, before, after, _affairs(situation, links), now)
    return Changes(handed=kept, messages=tuple(messages))


def _affairs(situation: Situation, links: Links) -> Affairs:
    return Affairs(
        incidents=tuple(situation.incidents.values()),
        silences=tuple(situation.silences.values()),
        board=situation.board,
        links=links,
    )
