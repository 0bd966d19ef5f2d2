"""The vendors of a story: what each look would have seen, and what runs tell of themselves. No request is ever sent."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.replay.records import Lists
from monitor.replay.story import Missed, Saying, Story, Trouble
from probes.adapters.look import Instruments, Look
from probes.catalog import Catalog, SystemId
from probes.failure import FailureClass, Outcome, outcome_of
from probes.heartbeat import Heartbeat, HeartbeatId, Signal
from probes.observation import Observation, Record
from probes.timetable import Interval, next_turn

PATIENCE = timedelta(seconds=10)
"""How long a look waits for an answer that does not come."""

NO_FILTER = timedelta(hours=1)
"""How far back a list shows its records that cannot be asked for those since an instant."""

WORDS: Mapping[FailureClass, str] = {
    FailureClass.TIMEOUT: "no answer within 10 s",
    FailureClass.DNS: "the name is not known",
    FailureClass.CONNECT: "the connection is refused",
    FailureClass.TLS: "the certificate is not trusted",
    FailureClass.AUTH: "answered 401",
    FailureClass.THROTTLED: "answered 429",
    FailureClass.SERVER: "answered 503",
    FailureClass.SCHEMA: "the answer is no JSON",
    FailureClass.BUSINESS: "answered 200 with an error inside",
    FailureClass.QUOTA: "the quota does not allow this request yet",
}


class World:
    """Answers looks as the story tells it."""

    def __init__(self, story: Story, catalog: Catalog) -> None:
        self._story = story
        self._lists = Lists(story, catalog)
        self._asked: Counter[SystemId] = Counter()

    async def look(self, request: Look, instruments: Instruments) -> Observation:
        """Return what a look sees, once the time has passed that an answer takes."""
        sent = instruments.now()
        grant = instruments.take(request.purpose, sent)
        if not grant.granted:
            return replace(_failed(_seen(request, sent, sent), FailureClass.QUOTA), requests=0)
        trouble = self._trouble(request.system.id, sent)
        takes = self._takes(request.system.id, trouble, sent)
        if takes and instruments.sleep_until is not None:
            await instruments.sleep_until(sent + takes)
        seen = _seen(request, sent, instruments.now())
        if trouble is not None:
            return _failed(seen, trouble.failure)
        return replace(seen, records=self._list(request, sent))

    def _trouble(self, system: SystemId, at: datetime) -> Trouble | None:
        """What befalls a look now: of a share of them, always the same ones."""
        self._asked[system] += 1
        drawn = hashlib.sha256(f"{system} {self._asked[system]}".encode()).digest()
        chance = int.from_bytes(drawn[:4]) / 2**32
        found = (one for one in self._story.failing if one.system == system and one.span.holds(at))
        return next((one for one in found if chance < one.share), None)

    def _takes(self, system: SystemId, trouble: Trouble | None, at: datetime) -> timedelta:
        if trouble is not None and trouble.failure is FailureClass.TIMEOUT:
            return PATIENCE
        slow = (one.takes for one in self._story.slow if one.system == system and one.span.holds(at))
        return max(slow, default=timedelta())

    def _list(self, request: Look, sent: datetime) -> tuple[Record, ...]:
        if request.resource is None:
            return ()
        return self._lists.shown(request.system.id, request.probe.resource, request.since or sent - NO_FILTER, sent)


def _seen(request: Look, sent: datetime, answered: datetime) -> Observation:
    """A good look that read everything and saw nothing."""
    resource = request.resource
    return Observation(
        probe=request.probe.id,
        system=request.system.id,
        resource=request.probe.resource,
        outcome=Outcome.GOOD,
        sent=sent,
        answered=answered,
        whole=True,
        confirming=request.confirming,
        lag=resource.since.lag if resource is not None and resource.since is not None else timedelta(),
        since=request.since,
    )


def _failed(seen: Observation, failure: FailureClass) -> Observation:
    outcome, reason = outcome_of(failure), WORDS.get(failure, f"failed ({failure})")
    return replace(seen, outcome=outcome, failure=failure, reason=reason, whole=False)


class Runs:
    """The heartbeats of a story: each run tells of its success, except where the story says otherwise."""

    def __init__(self, story: Story, heartbeats: Mapping[HeartbeatId, Heartbeat]) -> None:
        self._story = story
        self._heartbeats = heartbeats

    def signals(self) -> Iterator[tuple[datetime, Heartbeat, Signal]]:
        """Yield every signal of the story's time."""
        for heartbeat in self._heartbeats.values():
            yield from self._of(heartbeat)

    def _of(self, heartbeat: Heartbeat) -> Iterator[tuple[datetime, Heartbeat, Signal]]:
        last = self._story.start
        while (at := _told(heartbeat, last)) < self._story.end:
            missed = self._missed(heartbeat, at)
            if missed is None:
                yield at, heartbeat, Signal.SUCCESS
            elif missed.says is Saying.FAIL:
                yield at, heartbeat, Signal.FAIL
            last = at

    def _missed(self, heartbeat: Heartbeat, at: datetime) -> Missed | None:
        known = (one for one in self._story.missed if one.heartbeat == heartbeat.id)
        return next((one for one in known if one.span.holds(at)), None)


def _told(heartbeat: Heartbeat, last: datetime) -> datetime:
    """When a run tells of its success that follows the last one: a little sooner than it must."""
    turn = next_turn(heartbeat.timetable, last)
    if isinstance(heartbeat.timetable, Interval):
        return last + heartbeat.timetable.every * 0.8
    return turn.begins + min(timedelta(minutes=1), (turn.due + heartbeat.grace - turn.begins) / 2)
