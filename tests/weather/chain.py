"""The chain from fault to all-clear, played for real again and again while Tierwatch is killed and started anew.

Here stand the vendors, the person on call and whoever restarts the process. What must hold at every death and at the
end is judged here too, by what arrived at the receivers.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile
from threading import Event

from alerts.clocks import Promise
from alerts.incident import Incident
from alerts.sla import timers
from monitor.clock import SystemClock
from monitor.sandbox.faults import Fault
from tests.real.process import Vendors, vendors
from tests.real_parts import free_port
from tests.weather.deadly import Moment
from tests.weather.remains import Remains, remains
from tests.weather.warm import Nursery, Place, nursery

PAUSE = 0.1
LONGEST_LIFE = timedelta(seconds=12)
LONGEST_ROUND = timedelta(seconds=150)
FAULTS = (Fault.ERP_STOPPED, Fault.BILLING_ERROR_BODY)
SHORT = Path(__file__).with_name("short_tiers.yaml")
LASTING = (Promise.ACKNOWLEDGE, Promise.FIRST_NOTICE, Promise.REPAIR)

clock = SystemClock()


def seconds(count: float) -> timedelta:
    """Return a length of so many seconds."""
    return timedelta(seconds=count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """How a process is to die: at a moment's `turn`, or, without one, `after` some time; then it stays `away`.

    A cold start's time counts from when it is ready.
    """

    moment: Moment | None = None
    turn: int = 0
    after: timedelta = timedelta()
    away: timedelta = timedelta()
    cold: bool = False

    def __str__(self) -> str:
        """Return it in words."""
        how = f"{self.moment}, turn {self.turn}" if self.moment else f"{self.after.total_seconds():.2f} s after a start"
        return f"{how}{' (cold)' if self.cold else ''}, away {self.away.total_seconds():.1f} s"


def deaths(seed: int, count: int) -> list[Death]:
    """Return as many deaths: each moment of the chain, and any instant between; one long absence, one cold start."""
    chance = random.Random(seed)
    moments: list[Moment | None] = [*Moment, None, None, None, None]
    drawn = [moments[place % len(moments)] for place in range(count)]
    chance.shuffle(drawn)
    found = [
        Death(moment=moment, turn=chance.randint(1, 8), away=seconds(chance.uniform(0, 1)))
        if moment
        else Death(after=seconds(chance.uniform(0.3, 6)), away=seconds(chance.uniform(0, 1)))
        for moment in drawn
    ]
    found[chance.randrange(count)] = Death(after=seconds(chance.uniform(3, 5)), away=seconds(9))
    found[0] = Death(after=seconds(chance.uniform(0, 2)), cold=True)
    return found


@dataclass(slots=True, kw_only=True)
class Chain:
    """The story while it runs. `planned` are the deaths still to come, `died` what each death left."""

    vendors: Vendors
    nursery: Nursery
    place: Place
    chance: random.Random
    planned: list[Death]
    died: list[tuple[Death, Remains, Counter[str]]] = field(default_factory=list)
    mended: list[datetime] = field(default_factory=list)
    present: Death | None = None
    begun: datetime = field(default_factory=clock.now)
    up: bool = False
    said: Callable[[str], None] = print

    def begin(self) -> None:
        """Start the process with the next death, or, when there is none left, to live."""
        self.present, self.begun = (self.planned.pop(0), clock.now()) if self.planned else (None, clock.now())
        death, self.up = self.present, False
        if death is not None and death.cold:
            self.nursery.start_cold(self.place)
        elif death is not None and death.moment is not None:
            self.nursery.start(self.place, death.moment, death.turn)
        else:
            self.nursery.start(self.place)

    def arrived(self) -> Counter[str]:
        """Return how often each key arrived at a receiver."""
        return Counter(item["key"] for item in self.vendors.inbox()["items"])

    def _mourn(self, death: Death) -> None:
        left = remains(self.place.database, clock.now())
        self.died.append((death, left, self.arrived()))
        self.said(
            f"  {len(self.died):2}. {death}: {len(left.incidents)} incidents, {len(left.told)} told,"
            f" {len(left.queued)} queued, {len(left.in_flight)} in flight"
        )
        Event().wait(death.away.total_seconds())

    def live(self) -> None:
        """Let a little time pass; whoever died is put on record and started anew."""
        Event().wait(PAUSE)
        status = self.nursery.ended()
        assert status in (None, -9), f"it ended with status {status}:\n{self.place.said.read_text()[-4000:]}"
        death, age = self.present, clock.now() - self.begun
        if death is None or self._still_starting(death):
            return
        if status is None and (age > LONGEST_LIFE or (death.moment is None and age > death.after)):
            self.nursery.kill()
            status = -9
        if status is not None:
            self._mourn(death)
            self.begin()

    def _still_starting(self, death: Death) -> bool:
        """Return whether a cold start, which takes as long as the machine is busy, has not come to its end."""
        if death.cold and not self.up:
            answer = self.place.get("/readyz")
            self.up, self.begun = answer is not None and answer.status_code == 200, clock.now()
        return death.cold and not self.up

    def until(self, found: Callable[[], object], what: str) -> None:
        """Live until something is true."""
        deadline = clock.now() + LONGEST_ROUND
        while not found():
            assert clock.now() < deadline, f"not within {LONGEST_ROUND}: {what}\n{self.place.said.read_text()[-4000:]}"
            self.live()

    def linger(self, time: timedelta) -> None:
        """Live for some time."""
        until = clock.now() + time
        while clock.now() < until:
            self.live()

    def record(self) -> Remains:
        """Return what is on record now."""
        return remains(self.place.database, clock.now())

    def round(self, fault: Fault) -> None:
        """Play one fault from its beginning to its all-clear."""
        number = len(self.mended) + 1
        self.vendors.switch(fault, on=True)
        self.until(lambda: len(self.record().incidents) >= number, f"{fault} opens an incident")
        incident = self.record().incidents[-1]
        self.until(lambda: self.arrived()[f"{incident.id}/page/1/{self._paged(incident)}"], "the page arrives")
        self.linger(seconds(self.chance.uniform(0, 3)))
        self.until(lambda: self._acknowledged(incident), "the acknowledgement is recorded")
        self.linger(seconds(self.chance.uniform(3, 6)))
        assert all(one.open for one in self.record().incidents[number - 1 :]), "resolved while the fault was on"
        self.mended.append(clock.now())
        self.vendors.switch(fault, on=False)
        self.until(lambda: self.record().settled, "it is over and everybody has been told")

    def _paged(self, incident: Incident) -> str:
        return next(iter({one.id: one for one in self.record().incidents}[incident.id].paged), "nobody yet")

    def _acknowledged(self, incident: Incident) -> bool:
        answer = self.place.post(f"/api/v1/incidents/{incident.id}/acknowledge", {"by": "whoever was paged"})
        return answer is not None and answer.status_code == 200

    def timers_are_kept(self) -> None:
        """Judge that every promise that ran at some death is due at the same instant in the end."""
        now = {incident.id: incident for incident in self.record().incidents}
        for _, left, _ in self.died:
            for incident in left.incidents:
                assert due(now[incident.id]) >= due(incident)

    def nothing_is_lost(self) -> None:
        """Judge by the receivers that everything that was written has arrived."""
        record, arrived = self.record(), self.arrived()
        assert not record.failed
        assert record.owed
        # A page that had not left when somebody acknowledged is taken back; nothing else ever is.
        for key in record.owed - record.told:
            assert "/page/" in key, f"{key} was never told"
        assert not [key for key in record.told if not arrived[key]], "recorded as told, and never arrived"

    def nothing_is_told_again(self) -> None:
        """Judge by the receivers that only what was in flight at a death arrived more than once."""
        record, arrived = self.record(), self.arrived()
        allowed = record.unanswered + Counter(key for _, left, _ in self.died for key in left.in_flight)
        assert {key: count for key, count in arrived.items() if count > 1 + allowed[key]} == {}
        for _, left, then in self.died:
            assert {key: arrived[key] for key in left.told} == {key: then[key] for key in left.told}

    def one_incident_for_each_fault(self) -> None:
        """Judge that no restart opened another one, and that none was resolved before its fault was over."""
        incidents = self.record().incidents
        assert len(incidents) == len(self.mended)
        for incident, mended in zip(incidents, self.mended, strict=True):
            assert incident.resolved is not None
            assert incident.resolved > mended
            drained = [impact.recovered for impact in incident.impacts.values()]
            assert all(at is not None and at > mended - seconds(2) for at in drained)


def due(incident: Incident) -> set[tuple[str, Promise, datetime, datetime]]:
    """Return the promises of an incident that have one due instant for good."""
    found = timers(incident, clock.now())
    return {(one.client, one.promise, one.start, one.due) for one in found if one.promise in LASTING}


@contextmanager
def chain(folder: Path, seed: int, count: int, said: Callable[[str], None]) -> Iterator[Chain]:
    """Yield a story in which Tierwatch runs and will die `count` times."""
    with vendors() as sandbox, nursery() as started:
        secrets = sandbox.configuration(folder / "config")
        copyfile(SHORT, folder / "config" / "tiers.yaml")
        systems = folder / "config" / "systems.yaml"
        systems.write_text(systems.read_text().replace("every: 3s", "every: 1s").replace("every: 2s", "every: 1s"))
        listen = f"127.0.0.1:{free_port()}"
        place = Place(config=folder / "config", data=folder / "data", listen=listen, secrets=secrets)
        story = Chain(
            vendors=sandbox,
            nursery=started,
            place=place,
            chance=random.Random(seed),
            planned=deaths(seed, count),
            said=said,
        )
        story.begin()
        story.until(lambda: place.get("/readyz"), "ready")
        yield story
