"""Sync matching: a million records of a thousand clients, seen at both ends of a flow look by look, to their endings.

Each look is a batch of sightings that goes the way of every look: what it changes, what is decided of it, what is found
missing, different or an orphan, and the book that takes it over. What is measured is that way alone, in the time of one
core; the world that the looks see is made beside it. Each run is a fresh process, so that its memory is its own, and
collects garbage at the thresholds that the product sets for itself. A number of looks as the argument makes it shorter.
"""

import gc
import json
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from time import process_time

from monitor.serve import COLLECTIONS
from probes.batch import Limit
from probes.book import Book
from probes.catalog import ClientId, FlowId
from probes.draft import after
from probes.ending import ended
from probes.sync import at_destination, at_source, decided, forgotten, joined
from probes.tracked import BookChange, Ending, Sighting
from tests.bench.elsewhere import Elsewhere
from tests.bench.result import Result

RUNS = 3
RECORDS = 1_000_000
CLIENTS = 1_000
LOOKS = 1_000
A_LOOK = RECORDS // LOOKS
EVERY = timedelta(seconds=10)
HORIZON = timedelta(hours=1)
START = datetime(2026, 3, 4, 8, 0, tzinfo=UTC)
LONGEST, LARGEST = 10.0, 500.0
TENTHS = 1_000
"""Of so many records one is lost, one altered, and one is at the destination only."""

Arrivals = list[list[Sighting]]


class World:
    """What the looks see: records as they are created, and as they arrive, most within seconds and a few late."""

    def __init__(self, looks: int) -> None:
        """Begin with nothing under way."""
        self._chance = Random(7)
        self._clients = [ClientId(f"client-{number}") for number in range(CLIENTS)]
        self._coming: Arrivals = [[] for _ in range(looks + 1)]
        self._made = 0

    @property
    def within(self) -> dict[ClientId, Limit]:
        """What each client was promised."""
        lengths = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
        return {client: lengths[number % 3] for number, client in enumerate(self._clients)}

    def created(self, look: int) -> list[Sighting]:
        """Return the records of the time before a look."""
        found: list[Sighting] = []
        for number in range(A_LOOK):
            at = START + look * EVERY + EVERY * (number / A_LOOK)
            one = Sighting(
                f"in_{self._made:08}", self._chance.choice(self._clients), at, (f"{self._made % 977}.5", "EUR")
            )
            found.append(one)
            self._send(one, look)
            self._made += 1
        return found

    def arrived(self, look: int) -> list[Sighting]:
        """Return what came before a look at the destination."""
        found, self._coming[look] = self._coming[look], []
        return found

    def _send(self, one: Sighting, look: int) -> None:
        drawn = self._chance.randrange(TENTHS)
        took = min(40, int(self._chance.expovariate(0.8)))
        arrival = min(len(self._coming) - 1, look + took)
        if drawn == 1:
            one = one._replace(facts=("0.01", "EUR"))
        if drawn == 2:
            self._coming[arrival].append(one._replace(key=f"{one.key}-again"))
        if drawn != 0:
            self._coming[arrival].append(one)


class Watch:
    """A book, and the passes that every look at either end makes over it."""

    def __init__(self, within: dict[ClientId, Limit]) -> None:
        """Begin with an empty book."""
        self.book = Book(FlowId("invoices"))
        self.within = within
        self.endings: Counter[Ending] = Counter()

    def source(self, seen: Iterable[Sighting], now: datetime) -> None:
        """Make the pass of a look at the source."""
        self._settle(at_source(self.book, seen, now, HORIZON, now), now)

    def destination(self, seen: Iterable[Sighting], now: datetime) -> None:
        """Make the pass of a look at the destination."""
        self._settle(at_destination(self.book, seen, now, HORIZON, now), now)

    def _settle(self, change: BookChange, now: datetime) -> None:
        draft = after(self.book, change)
        for step in (decided(draft, self.within, now), ended(draft, now), forgotten(draft, self.within, HORIZON, now)):
            draft.apply(step)
            change = joined(change, step)
        self.book.apply(change)
        for (_, ending), count in change.endings.items():
            self.endings[ending] += count


def measure(looks: int) -> dict[str, float]:
    """Return what one run takes: seconds of one core, megabytes, and how many records came to each ending."""
    world, took = World(looks), 0.0
    watch = Watch(world.within)
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)
    for look in range(looks):
        now = START + (look + 1) * EVERY
        created, arrived = world.created(look), world.arrived(look)
        began = process_time()
        watch.source(created, now)
        watch.destination(arrived, now + EVERY / 10)
        took += process_time() - began
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    unsettled = {"unsettled": len(watch.book.tracked), "remembered": len(watch.book.settled)}
    return {
        "seconds": took,
        "megabytes": megabytes,
        **unsettled,
        **{str(ending): count for ending, count in watch.endings.items()},
    }


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return the time of one core and the memory. Each run makes a world of its own; the one handed in is not used."""
    del world
    command = [sys.executable, "-m", "tests.bench.matching"]
    runs = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(RUNS)]
    late = [tuple(float(run[ending]) for run in runs) for ending in Ending]
    return (
        Result(name="matching a million records", unit="s", values=tuple(run["seconds"] for run in runs), goal=LONGEST),
        Result(
            name="matching: memory", unit="MB", values=tuple(run["megabytes"] for run in runs), goal=LARGEST, digits=0
        ),
        *(
            Result(name=f"matching: {ending}", unit="records", values=values, digits=0)
            for ending, values in zip(Ending, late, strict=True)
        ),
    )


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else LOOKS)))
