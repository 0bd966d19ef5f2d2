"""What a webhook means: events that were not heard before, as changes that are still to be stored.

Its records are folded like those that looks show. It moves no cursor, and its silence is evidence of nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from alerts.announce import Told
from alerts.assess import assess_told
from alerts.weigh import Assessment
from alerts.wording import Links
from monitor.changes import Changes, HeardEvent
from monitor.deciding import before, decided
from monitor.situation import Situation
from probes.adapters.webhook import Event
from probes.announced import reached
from probes.catalog import ProbeId, SystemId
from probes.cursor import version
from probes.failure import Outcome
from probes.observation import Observation, Record


def received(
    situation: Situation, system: SystemId, events: Sequence[Event], links: Links, now: datetime
) -> tuple[Assessment, Changes]:
    """Return what new events of a system's webhooks are judged to be, and what they change."""
    assessment = assess_told(before(situation), told(situation, system, events, now), now)
    changes = replace(
        decided(situation, assessment, links, now),
        events=tuple(HeardEvent(system=system, id=event.id, at=now) for event in events),
        receptions={system: reached(situation.receptions.get(system), system, len(events), now)},
    )
    return assessment, changes


def told(situation: Situation, system: SystemId, events: Sequence[Event], now: datetime) -> Iterator[Told]:
    """Yield what events tell, all of one resource together; of several states of a record the last one."""
    heard = [one for event in events for one in event.heard]
    for resource in dict.fromkeys(one.resource for one in heard):
        here = [one for one in heard if one.resource == resource]
        latest = {one.record.id: one.record for one in here if one.record is not None}
        probe = ProbeId(f"{system}.{resource}")
        yield Told(
            observation=_observation(probe, system, resource, tuple(latest.values()), now),
            fresh=tuple(one for one in latest.values() if _unseen(situation, probe, one)),
            names=tuple(one.id for one in here if one.record is None),
        )


def _unseen(situation: Situation, probe: ProbeId, record: Record) -> bool:
    """Whether no look has shown it in the state that it is in, as far as the cursor remembers."""
    cursor = situation.cursors.get(probe)
    return cursor is None or cursor.seen.get(record.id) != version(record)


def _observation(
    probe: ProbeId, system: SystemId, resource: str, records: tuple[Record, ...], now: datetime
) -> Observation:
    return Observation(
        probe=probe,
        system=system,
        resource=resource,
        outcome=Outcome.GOOD,
        sent=now,
        answered=now,
        records=records,
        requests=0,
    )
