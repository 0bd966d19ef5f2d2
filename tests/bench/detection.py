"""From a fault to the page's arrival, beside Debian's Prometheus, blackbox_exporter and Alertmanager.

Both stacks run at the same time and ask as often while all is well: each its own lines of the same vendor, which break
together. First as the neighbours are usually set up (15 s, 15 s, for 30 s, group_wait 30 s) at four calls a minute,
then as fast as they go (1 s, 1 s, 0 s, 0 s) at sixty. The world's clock is the judge of both.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from threading import Event
from typing import Any

from tests.bench.configuration import Source, Written, write
from tests.bench.elsewhere import Elsewhere
from tests.bench.result import Result
from tests.bench.stack import relabelled, running, write_down
from tests.real.process import eventually, tierwatch
from tests.real_parts import free_port

LINES = 5
WARM = timedelta(seconds=20)
APART = timedelta(seconds=4)
"""Lines break so long after one another, so that they meet the grids of both stacks at different places."""

LONGEST = timedelta(minutes=3)
MODULE = {"prober": "http", "timeout": "5s"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often is asked, and how the neighbours judge; all in Prometheus' way of writing a duration."""

    name: str
    every: str
    hold: str
    group: str
    goal: float

    def lines(self, whose: str) -> tuple[str, ...]:
        """Return the lines of one of the stacks."""
        return tuple(f"{whose}-{self.every}-line{number}" for number in range(LINES))


USUAL = Pace(name="4 calls a minute", every="15s", hold="30s", group="30s", goal=0.2)
FASTEST = Pace(name="60 calls a minute", every="1s", hold="0s", group="0s", goal=1.0)


def _rules(pace: Pace) -> Mapping[str, Any]:
    rule = {"alert": "Down", "expr": "probe_success == 0", "for": pace.hold}
    return {"groups": [{"name": "all", "interval": pace.every, "rules": [rule]}]}


def _scraping(world: Elsewhere, pace: Pace, blackbox: str, alertmanager: str) -> Mapping[str, Any]:
    targets = [f"{world.address}/line/{line}" for line in pace.lines("theirs")]
    job = {"job_name": "lines", "metrics_path": "/probe", "params": {"module": ["up"]}}
    return {
        "global": {"scrape_interval": pace.every, "scrape_timeout": "1s", "evaluation_interval": pace.every},
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [{**job, "static_configs": [{"targets": targets}], "relabel_configs": relabelled(blackbox)}],
    }


def _routing(world: Elsewhere, pace: Pace) -> Mapping[str, Any]:
    hook = {"url": f"{world.address}/inbox/theirs", "send_resolved": False}
    timers = {"group_wait": pace.group, "group_interval": "5m", "repeat_interval": "4h"}
    return {
        "route": {"receiver": "pager", "group_by": ["instance"], **timers},
        "receivers": [{"name": "pager", "webhook_configs": [hook]}],
    }


@contextmanager
def _theirs(world: Elsewhere, pace: Pace, folder: Path) -> Iterator[None]:
    """Run the neighbours' stack until the end of the block."""
    folder.mkdir()
    blackbox, alertmanager = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    write_down(folder / "blackbox.yml", {"modules": {"up": MODULE}})
    write_down(folder / "rules.yml", _rules(pace))
    write_down(folder / "prometheus.yml", _scraping(world, pace, blackbox, alertmanager))
    write_down(folder / "alertmanager.yml", _routing(world, pace))
    alone = {"cluster.listen-address": "", "storage.path": "alerts"}
    scraping = {"web.listen-address": f"127.0.0.1:{free_port()}", "storage.tsdb.path": "data"}
    routing = {"config.file": "alertmanager.yml", "web.listen-address": alertmanager, **alone}
    with (
        running("blackbox_exporter", {"config.file": "blackbox.yml", "web.listen-address": blackbox}, folder),
        running("alertmanager", routing, folder),
        running("prometheus", {"config.file": "prometheus.yml", **scraping}, folder),
    ):
        yield


def _took(world: Elsewhere, box: str, lines: tuple[str, ...]) -> tuple[float, ...]:
    """Wait for a page about each line; return how many seconds after its fault each arrived."""

    def arrivals() -> list[datetime] | None:
        arrived = world.log.arrived
        first = [arrived[f"{box}/{line}"][0] for line in lines if f"{box}/{line}" in arrived]
        return first if len(first) == len(lines) else None

    found = eventually(arrivals, f"a page about each of {', '.join(lines)}", LONGEST)
    assert found is not None
    broken = world.log.broken
    return tuple((at - broken[line]).total_seconds() for line, at in zip(lines, found, strict=True))


def _beside(world: Elsewhere, pace: Pace, folder: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Let lines of both stacks break, and return how long each took to page for each of its own."""
    ours, theirs = pace.lines("ours"), pace.lines("theirs")
    written = Written(
        systems=tuple(Source(id=line, path=f"/line/{line}", every=pace.every) for line in ours),
        clients={f"c-{line}": (line,) for line in ours},
    )
    secrets = write(folder / "configuration", world.address, written)
    with tierwatch(folder / "configuration", folder / "data", secrets), _theirs(world, pace, folder / "theirs"):
        Event().wait(WARM.total_seconds())
        for pair in zip(ours, theirs, strict=True):
            for line in pair:
                world.breaks(line)
            Event().wait(APART.total_seconds())
        return _took(world, "pager", ours), _took(world, "theirs", theirs)


def _results(pace: Pace, ours: tuple[float, ...], theirs: tuple[float, ...]) -> Iterator[Result]:
    ratios = tuple(one / median(theirs) for one in ours)
    yield Result(
        name=f"fault to page at {pace.name}, of the Prometheus stack's", unit="x", values=ratios, goal=pace.goal
    )
    yield Result(name="  fault to page, ours", unit="s", values=ours, digits=1)
    yield Result(name="  fault to page, theirs", unit="s", values=theirs, digits=1)


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return how soon a fault is told, beside the neighbours."""
    found: list[Result] = []
    for pace in (USUAL, FASTEST):
        with tempfile.TemporaryDirectory() as name:
            found += _results(pace, *_beside(world, pace, Path(name)))
    return tuple(found)
