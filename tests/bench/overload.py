"""More targets than a core can look at: what is still looked at, and how often those that matter most.

Tierwatch runs on one core beside its vendor, which costs next to nothing. Its throughput is measured with more and more
targets wanted each second: looks in a second of its CPU, so that it does not matter what else the core has to do. With
a thousand targets it must keep nine tenths of its best, and look at each of the platinum clients' targets within the
interval that their contract allows.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from monitor.clock import SystemClock
from monitor.load import load
from probes.plan import wants_of
from tests.bench.configuration import Source, Written, write
from tests.bench.elsewhere import Elsewhere
from tests.bench.neighbour import cpu_of
from tests.bench.origin import HOSTS, Origin, origin
from tests.bench.result import Result
from tests.real.process import tierwatch

STEPS = (150, 300, 600)
OVERLOAD = 1000
PLATINUM = 20
SETTLED = 30
"""Seconds until a process knows what it can bear."""

ROUNDS = 3
ROUND = 5
LEAST_KEPT = 0.9
JITTER = 1.2
"""The longest of a probe's intervals, in its mean one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What each round gave: looks in a second, and in a second of CPU.

    `gap` is the longest at a platinum target, `allowed` the longest that may be, both in seconds.
    """

    looks: tuple[float, ...]
    throughput: tuple[float, ...]
    gap: float
    allowed: float


@contextmanager
def _one_core() -> Iterator[None]:
    """Let what is started in the block run on one core."""
    all_of_them = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(all_of_them)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_of_them)


def _path(number: int) -> str:
    kind = "platinum" if number < PLATINUM else "gold"
    return f"/kept/{kind}/{number}"


def _measured(world: Origin, folder: Path, targets: int) -> Measured:
    systems = tuple(Source(id=f"s{number}", path=_path(number), every="1s") for number in range(targets))
    clients = {f"c{number}": (systems[number].id,) for number in range(targets)}
    written = Written(systems=systems, clients=clients, platinum=frozenset(f"c{n}" for n in range(PLATINUM)))
    secrets = write(folder / "configuration", f"http://{HOSTS[0]}:{world.plain}", written)
    allowed = _allowed(folder / "configuration")
    with _one_core(), tierwatch(folder / "configuration", folder / "data", secrets) as served:
        Event().wait(SETTLED)
        world.longest_gaps("/kept/platinum/")
        looks, throughput = zip(*(_round(world, served.process.pid) for _ in range(ROUNDS)), strict=True)
        gaps = world.longest_gaps("/kept/platinum/")
    assert len(gaps) == PLATINUM, f"only {len(gaps)} of {PLATINUM} platinum targets were looked at"
    return Measured(looks=looks, throughput=throughput, gap=max(gaps), allowed=allowed)


def _round(world: Origin, process: int) -> tuple[float, float]:
    before, cpu = world.counted("/kept/"), cpu_of(process)
    Event().wait(ROUND)
    looks = world.counted("/kept/") - before
    return looks / ROUND, looks / (cpu_of(process) - cpu)


def _allowed(configuration: Path) -> float:
    """Return the longest gap in seconds that the platinum contract allows."""
    loaded = load(configuration, secrets=False, now=SystemClock().now())
    assert loaded.config is not None
    (want,) = wants_of(loaded.config.catalog)[next(iter(loaded.config.catalog.systems))]
    assert want.longest is not None
    return want.longest.total_seconds() * JITTER


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return what is kept under overload; the world outside is not asked."""
    del world
    with tempfile.TemporaryDirectory() as name:
        found = {}
        for targets in (*STEPS, OVERLOAD):
            with origin() as served:
                found[targets] = _measured(served, Path(name) / str(targets), targets)
    over = found[OVERLOAD]
    best = max(sum(one.throughput) / ROUNDS for one in found.values())
    lost = tuple(1 - rate / best for rate in over.throughput)
    steps = (
        result
        for targets, one in found.items()
        for result in (
            Result(name=f"  looks a second of CPU, {targets} wanted", unit="/s", values=one.throughput, digits=0),
            Result(name="    looks a second", unit="/s", values=one.looks, digits=0),
        )
    )
    return (
        Result(name="overload: part of its best throughput that is lost", unit="", values=lost, goal=1 - LEAST_KEPT),
        Result(
            name="overload: platinum's longest gap, of its bound", unit="x", values=(over.gap / over.allowed,), goal=1
        ),
        Result(name="  platinum's longest gap", unit="s", values=(over.gap,)),
        *steps,
    )
