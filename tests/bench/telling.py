"""Telling 5,000 clients of one incident by mail, through one relay: how soon the first and the last of them know.

The storm of `storm`, with a contact for every client at one mail server out of process; one client in ten is platinum.
Tierwatch has one core. While the mails go out, systems fail one after another, and each page is timed from when it was
written to its arrival. Each run is a fresh process on a fresh database.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.bench.configuration import Source, Written, write
from tests.bench.elsewhere import Elsewhere, elsewhere
from tests.bench.neighbour import cpu_of
from tests.bench.result import Result
from tests.real.process import ROOT, Served, eventually, tierwatch

RUNS = 1
CLIENTS = 5_000
EACH = 3
LINES = tuple(f"line-{number}" for number in range(3))
FIRST, ALL, PAGE = 2.0, 60.0, 1.0
WEIGHTY = frozenset(f"c{number}" for number in range(0, CLIENTS, 10))
WRITTEN = Written(
    systems=(
        Source(id="source", path="/storm/source", every="1s", overlap="1s"),
        Source(id="destination", path="/storm/destination", every="1s"),
    ),
    beside=tuple(Source(id=line, path=f"/line/{line}", every="1s") for line in LINES),
    clients={**{f"c{number}": ("source",) for number in range(CLIENTS)}, **{f"at-{one}": (one,) for one in LINES}},
    within="3s",
    flow=True,
    desks=CLIENTS + len(LINES),
    platinum=WEIGHTY,
)
LATE = "      sync_latency: {within: 3s, target: 99%, over: 5m}\n"


class Office:
    """A running mail server; `came` is what came, by recipient."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert process.stdout is not None
        self.address = process.stdout.readline().strip()
        self.came: dict[str, datetime] = {}
        self.mails = 0

    def look(self) -> int:
        """Return how many recipients have a mail by now."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        for recipient, instant in json.loads(self._process.stdout.readline()):
            self.came.setdefault(recipient, datetime.fromisoformat(instant))
            self.mails += 1
        return len(self.came)


@contextmanager
def office() -> Iterator[Office]:
    """Run a mail server until the end of the block."""
    pipe = subprocess.PIPE
    command = (sys.executable, "-m", "tests.bench.post_office")
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield Office(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one run showed, in seconds; `overtaken` counts platinum clients told after a gold one."""

    first: float
    platinum: float
    all: float
    cpu: float
    page: float
    overtaken: float


def _configured(folder: Path, world: Elsewhere, relay: str) -> Mapping[str, str]:
    secrets = dict(write(folder, world.address, WRITTEN))
    tiers = folder / "tiers.yaml"
    before, platinum, after = tiers.read_text("utf-8").partition("  platinum:\n")
    tiers.write_text(before + platinum + after.replace("    sla:", LATE + "    sla:", 1), "utf-8")
    for desk in range(CLIENTS):
        secrets[f"BENCH_DESK_{desk}"] = f"mailto://{relay}?from=tierwatch@example.com&to=c{desk}@example.com"
    return secrets


def _pages(world: Elsewhere, served: Served, mails: Office) -> float:
    """Break one system after another while mails go out; return the longest way of a page to its receiver."""
    for turn, line in enumerate(LINES):
        eventually(lambda turn=turn: mails.look() >= CLIENTS // 5 * (turn + 1), "mails go out")  # type: ignore[misc]
        world.breaks(line)
    eventually(lambda: all(_box(line) in world.log.arrived for line in LINES), "the pages")
    arrived, pages = world.log.arrived, _told(served, "page")
    return max((min(arrived[_box(line)]) - _written(pages, line)).total_seconds() for line in LINES)


def _box(line: str) -> str:
    return f"pager/{line}"


def _written(pages: list[dict[str, Any]], line: str) -> datetime:
    """When the first page about a line was written."""
    return min(_instant(one["created"]) for one in pages if line in one["subject"])


def _told(served: Served, kind: str) -> list[dict[str, Any]]:
    return [one for one in served.items("/api/v1/deliveries?limit=500") if one["kind"] == kind]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _measured(world: Elsewhere, served: Served, mails: Office) -> Measured:
    os.sched_setaffinity(served.process.pid, {max(os.sched_getaffinity(0))})
    eventually(lambda: len(world.log.looked) > 0, "the destination is looked at")
    world.storms(CLIENTS, EACH)
    eventually(lambda: served.items("/api/v1/incidents"), "the incident")
    begun = cpu_of(served.process.pid)
    opened = _instant(served.items("/api/v1/incidents")[-1]["opened"])
    page = _pages(world, served, mails)
    eventually(lambda: mails.look() >= CLIENTS, "all mails")
    took = {name: (at - opened).total_seconds() for name, at in mails.came.items()}
    gold = min(at for name, at in took.items() if name not in WEIGHTY)
    return Measured(
        first=min(took[name] for name in WEIGHTY),
        platinum=max(took[name] for name in WEIGHTY),
        all=max(took.values()),
        cpu=cpu_of(served.process.pid) - begun,
        page=page,
        overtaken=sum(took[name] > gold for name in WEIGHTY),
    )


def _run() -> Measured:
    with tempfile.TemporaryDirectory() as name, elsewhere() as world, office() as mails:
        folder = Path(name)
        secrets = _configured(folder / "configuration", world, mails.address)
        with tierwatch(folder / "configuration", folder / "data", secrets) as served:
            return _measured(world, served, mails)


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return how long it takes. Each run has a world of its own; the one handed in is not used."""
    del world
    runs = [_run() for _ in range(RUNS)]
    told = f"{CLIENTS:,} clients hurt"
    return (
        Result(name=f"{told}: first platinum notice at its receiver", unit="s", values=_all(runs, "first"), goal=FIRST),
        Result(name="  last platinum notice", unit="s", values=_all(runs, "platinum")),
        Result(name="  platinum notices after a gold one", unit="", values=_all(runs, "overtaken"), digits=0),
        Result(
            name=f"  all {CLIENTS:,} at a local SMTP server, one core", unit="s", values=_all(runs, "all"), goal=ALL
        ),
        Result(name="  CPU of it", unit="s", values=_all(runs, "cpu")),
        Result(name="  a page meanwhile, from written to arrived", unit="s", values=_all(runs, "page"), goal=PAGE),
    )


def _all(runs: list[Measured], name: str) -> tuple[float, ...]:
    return tuple(getattr(one, name) for one in runs)
