"""A rehearsal: the application itself, with all its ticks, on a clock that is set by hand, living through a story.

Only its edges are others: looks are the story's, messages are remembered and go nowhere, the database is in memory. No
socket is opened and no secret is read.
"""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from alerts.alert import IncidentId
from alerts.channels.recording import RecordingChannel
from alerts.incident import Incident
from alerts.message import Claim, Delivery, MessageKind, Stage
from monitor.application import Application
from monitor.changes import Changes, Entry
from monitor.clock import SettableClock
from monitor.holding import MAY_WAIT
from monitor.load import Config, ConfigError, Loaded
from monitor.parts import Parts
from monitor.replay.deeds import Happening, done, planned
from monitor.replay.story import Act, Deed, Story
from monitor.replay.world import Runs, World
from monitor.secrets import Secrets
from monitor.store import Retention, Store
from monitor.store.engine import in_memory
from monitor.store.thread import OneThread
from monitor.virtual import advance
from monitor.web.access import Doors, Keys
from probes.adapters.http import Call
from probes.answer import Answer, Failure
from probes.catalog import SecretRef, System
from probes.failure import FailureClass

STORY = "story"
"""The name of the tick in which the story's people act and its runs tell of themselves."""

HOUSEKEEPING = ("keeping", "reconciling", "auditing")
"""Ticks that a rehearsal does without: nothing grows old in it, no record can be looked up, and no tick is late."""

ALWAYS = timedelta(days=3650)

SINCE_NEVER = "the way out is closed in a rehearsal"


class NoSecrets(Secrets):
    """Nothing is read: what stands for an address is never used."""

    def resolve(self, reference: SecretRef) -> str:
        """Return what stands for a secret."""
        return f"rehearsal://{reference.partition(':')[0]}"

    def of(self, system: System) -> tuple[str | None, Mapping[str, str]]:
        """Return that no system has a credential."""
        del system
        return None, {}


class NoWayOut:
    """A transport over which nothing leaves."""

    async def send(self, call: Call, now: Callable[[], datetime]) -> Answer | Failure:
        """Return that nothing was sent."""
        del call, now
        return Failure(failure=FailureClass.EGRESS, reason=SINCE_NEVER)


class Passing(Store):
    """A database of what is told to whom: what only a start would read again is not written."""

    def commit(self, changes: Changes) -> None:
        """Write what a rehearsal reads again."""
        super().commit(replace(changes, **FORGOTTEN))


FORGOTTEN: Mapping[str, Any] = {name: getattr(Changes(), name) for name in MAY_WAIT}


@dataclass(slots=True, kw_only=True)
class Played:
    """What came of a story: what was written in the order of its writing, and what was handed to which channel."""

    story: Story
    config: Config
    entries: list[Entry] = field(default_factory=list)
    attempts: list[tuple[Claim, Delivery]] = field(default_factory=list)
    incidents: Mapping[IncidentId, Incident] = field(default_factory=dict)
    refused: list[tuple[datetime, str]] = field(default_factory=list)


class Rehearsal(Application):
    """The application, which also remembers what it stored, and has a tick for the story."""

    def __init__(self, parts: Parts, loaded: Loaded, story: Story, played: Played) -> None:
        self._story = story
        self._played = played
        super().__init__(parts, loaded)
        self.desk.clock = parts.clock
        runs = Runs(story, self.situation.config.heartbeats)
        self._signals = sorted(runs.signals(), key=lambda one: one[0])
        self._planned = 0
        self._deeds: list[tuple[datetime, int, Happening]] = []
        for at, deed in planned(story):
            self._plan(at, deed)
        self._habits = {habit.person: habit.acknowledges for habit in story.habits}
        self._known = 0
        self._by_habit: list[Happening] = []
        self.driver.add(STORY, self._live)
        self._take_time_off()

    def _take_time_off(self) -> None:
        """Call ticks only when they want it, and none that keep a process in order: no pulse is needed here."""
        self.desk.noticed = ALWAYS
        for name in HOUSEKEEPING:
            self.driver.beats.pop(name, None)
        for beat in self.driver.beats.values():
            beat.idle = ALWAYS

    def stored(self, changes: Changes) -> None:
        """Hear of changes that were stored."""
        super().stored(changes)
        self._played.entries.extend(changes.entries)
        if changes.settlements and STORY in self.driver.beats:
            self.driver.wake(STORY)

    async def _live(self, now: datetime) -> datetime | None:
        """Let happen what is due; return when more is."""
        self._expect_people()
        while self._signals and self._signals[0][0] <= now:
            _, heartbeat, signal = self._signals.pop(0)
            await self.desk.heard(heartbeat, signal, now)
        while self._deeds and self._deeds[0][0] <= now:
            await self._do(heapq.heappop(self._deeds)[2], now)
        coming = [*(at for at, *_ in self._signals[:1]), *(at for at, *_ in self._deeds[:1])]
        return min(coming, default=None)

    def _plan(self, at: datetime, deed: Happening) -> None:
        self._planned += 1
        heapq.heappush(self._deeds, (at, self._planned, deed))

    async def _do(self, deed: Happening, now: datetime) -> None:
        refusal = await done(self, deed, now)
        if refusal and deed not in self._by_habit:
            self._played.refused.append((now, refusal))

    def _expect_people(self) -> None:
        """Let those who were paged since the last time acknowledge after a while, if it is their habit."""
        fresh, self._known = self._played.attempts[self._known :], len(self._played.attempts)
        for claim, delivery in fresh:
            message, habit = claim.message, self._habits.get(claim.message.recipient)
            if message.kind is MessageKind.PAGE and message.stage is Stage.INVESTIGATING and habit is not None:
                at = delivery.ended + habit
                act = Act(at=at, by=message.recipient, does=Deed.ACKNOWLEDGE, incident=message.incident)
                self._by_habit.append(act)
                self._plan(at, act)


async def played(loaded: Loaded, story: Story) -> Played:
    """Return what comes of a story with a configuration.

    Raises:
        ConfigError: the configuration has errors.
    """
    if loaded.config is None:
        raise ConfigError("a configuration with errors plays nothing", loaded.errors)
    clock = SettableClock(story.start)
    channel = RecordingChannel(now=clock.now, sleep_until=clock.sleep_until)
    result = Played(story=story, config=loaded.config, attempts=channel.attempts)
    rehearsal = Rehearsal(_parts(clock, channel, World(story, loaded.config.catalog)), loaded, story, result)
    try:
        await advance(rehearsal.driver, clock, story.end)
    finally:
        rehearsal.driver.stop()
        rehearsal.driver.cancel()
        rehearsal.thread.close()
    result.incidents = dict(rehearsal.situation.incidents)
    return result


def _parts(clock: SettableClock, channel: RecordingChannel, world: World) -> Parts:
    return Parts(
        clock=clock,
        store=Passing(in_memory()),
        transport=NoWayOut(),
        channel=channel,
        secrets=NoSecrets({}),
        doors=Doors(host="127.0.0.1", port=8080),
        keys=Keys("rehearsal" * 4),
        config_path=Path(),
        retention=Retention(),
        look=world.look,
        thread=OneThread,
    )
