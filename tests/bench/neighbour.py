"""What one check costs in CPU beside Debian's blackbox_exporter and the Prometheus that scrapes it.

All of it, in processes of their own, one after another: a hundred addresses asked every second for 2 KB of JSON with
one assertion on it. Tierwatch reads every row, judges, stores and counts; its vendor once keeps connections and once
hangs up after each answer. blackbox_exporter searches the text by a regular expression, over a new connection each.
"""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event
from typing import Any

from tests.bench.configuration import Source, Written, write
from tests.bench.elsewhere import Elsewhere
from tests.bench.origin import CLOSING, HOSTS, Origin, origin
from tests.bench.result import Result
from tests.bench.stack import relabelled, running, write_down
from tests.real.process import eventually, tierwatch
from tests.real_parts import free_port

CHECKS = 100
EVERY = "1s"
SETTLED = 5
ROUNDS = 3
ROUND = 4
MICROSECONDS = 1e6
KEPT = "/kept"
ASSERTED = '"status": "approved"'
MODULE = {"prober": "http", "timeout": "5s", "http": {"fail_if_body_not_matches_regexp": [ASSERTED]}}


def cpu_of(process: int) -> float:
    """Return the CPU that a process has used, in seconds: all its threads, and the kernel for them."""
    told = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def _costs(processes: tuple[int, ...], checks: Callable[[], int]) -> tuple[tuple[float, ...], ...]:
    """Return for each process what a check cost it in each round, in microseconds."""
    pause, found = Event(), []
    pause.wait(SETTLED)
    for _ in range(ROUNDS):
        before, asked = [cpu_of(process) for process in processes], checks()
        pause.wait(ROUND)
        used = [cpu_of(process) - cpu for process, cpu in zip(processes, before, strict=True)]
        done = checks() - asked
        assert done > CHECKS, f"only {done} checks were made in {ROUND} s"
        found.append([cpu / done * MICROSECONDS for cpu in used])
    return tuple(zip(*found, strict=True))


def _ours(world: Origin, folder: Path, way: str) -> tuple[float, ...]:
    """Return what a check costs Tierwatch where the vendor deals with connections in this way."""
    systems = tuple(Source(id=f"s{number}", path=f"{way}/ours/{number}", every=EVERY) for number in range(CHECKS))
    written = Written(systems=systems, clients={f"c{number}": (systems[number].id,) for number in range(CHECKS)})
    secrets = write(folder / "configuration", f"http://{HOSTS[0]}:{world.plain}", written)
    with tierwatch(folder / "configuration", folder / "data", secrets) as served:
        return _costs((served.process.pid,), lambda: world.counted(f"{way}/ours/"))[0]


def _theirs(world: Origin, folder: Path) -> tuple[tuple[float, ...], ...]:
    """Return what a check costs blackbox_exporter, and what it costs Prometheus."""
    folder.mkdir()
    blackbox = f"127.0.0.1:{free_port()}"
    exporting = {"config.file": "blackbox.yml", "web.listen-address": blackbox}
    scraping = {"config.file": "prometheus.yml", "web.listen-address": f"127.0.0.1:{free_port()}"}
    write_down(folder / "blackbox.yml", {"modules": {"json": MODULE}})
    write_down(folder / "prometheus.yml", _scraping(world, blackbox))
    with (
        running("blackbox_exporter", exporting, folder) as exporter,
        running("prometheus", {**scraping, "storage.tsdb.path": "data"}, folder) as prometheus,
    ):
        eventually(lambda: world.counted(f"{KEPT}/theirs/"), "blackbox_exporter asks")
        return _costs((exporter, prometheus), lambda: world.counted(f"{KEPT}/theirs/"))


def _scraping(world: Origin, blackbox: str) -> Mapping[str, Any]:
    """Return the configuration by which Prometheus has blackbox_exporter ask each address, as its manual has it."""
    targets = [f"http://{HOSTS[0]}:{world.plain}{KEPT}/theirs/{number}" for number in range(CHECKS)]
    job = {"job_name": "json", "metrics_path": "/probe", "params": {"module": ["json"]}}
    jobs = [{**job, "static_configs": [{"targets": targets}], "relabel_configs": relabelled(blackbox)}]
    return {"global": {"scrape_interval": EVERY, "scrape_timeout": EVERY}, "scrape_configs": jobs}


def _beside(
    how: str, ours: tuple[float, ...], theirs: tuple[tuple[float, ...], ...], *, goals: bool
) -> Iterator[Result]:
    exporter, prometheus = theirs
    alone = tuple(one / other for one, other in zip(ours, exporter, strict=True))
    whole = tuple(one / (other + scrape) for one, other, scrape in zip(ours, exporter, prometheus, strict=True))
    name = f"CPU of a whole check, {how}, of"
    yield Result(name=f"{name} blackbox_exporter's", unit="x", values=alone, goal=0.9 if goals else None)
    yield Result(name=f"{name} it and its scrape's", unit="x", values=whole, goal=0.45 if goals else None)
    yield Result(name="  CPU of a whole check", unit="us", values=ours, digits=0)


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return what a check costs beside them; the world outside is not asked."""
    del world
    with origin() as served, tempfile.TemporaryDirectory() as name:
        theirs = _theirs(served, Path(name) / "theirs")
        kept = _ours(served, Path(name) / "kept", KEPT)
        new = _ours(served, Path(name) / "new", CLOSING)
    return (
        *_beside("connections kept", kept, theirs, goals=True),
        *_beside("a new connection each", new, theirs, goals=False),
        Result(name="  CPU of a check of blackbox_exporter", unit="us", values=theirs[0], digits=0),
        Result(name="  CPU of its scrape by Prometheus", unit="us", values=theirs[1], digits=0),
    )
