"""Alerts taken in and shown, beside Debian's Alertmanager: the same client, the same requests, turn about.

Ours are on disk before they are answered; Alertmanager's are in memory only. Each batch holds alerts that are new.
Reads are at 10,000 alerts: by filters, of all of them, and of all of them right after 500 silences that are new. Times
are Tierwatch's as a share of Alertmanager's, in the same round.
"""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.elsewhere import Elsewhere
from tests.bench.neighbour import cpu_of
from tests.bench.result import Result
from tests.real.process import Served
from tests.real.reporting import alertmanager, pager, reported_to

ALERTS, SILENCES = "/api/v2/alerts", "/api/v2/silences"
ROUNDS = 3
REQUESTS = {1: 100, 64: 30, 1_000: 4}
CONNECTIONS = 8
KNOWN = 10_000
READS = 3
FRESH = 500
FASTER_IN = 1 / 1.5
FASTER_OUT = 1 / 5
MILLISECONDS = 1_000


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: where it listens, and the token that it wants."""

    address: str
    token: str = ""

    def connection(self) -> HTTPConnection:
        """Return a connection that is kept."""
        return HTTPConnection(self.address.removeprefix("http://"), timeout=60)

    def ask(self, connection: HTTPConnection, method: str, path: str, body: bytes | None = None) -> bytes:
        """Return an answer's body; AssertionError where it is not 200."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, (answer.status, content[:200])
        return content


def alert(number: int, ends: str) -> Mapping[str, Any]:
    """Return an alert as Prometheus sends one."""
    client = f"c{number}"
    labels = {"alertname": "SyncLag", "client": client, "integration": "stripe", "severity": "info", "tier": "gold"}
    notes = {"summary": f"sync of {client} is late", "runbook_url": "https://wiki.example.com/sync"}
    source = "http://prometheus.example.com:9090/graph?g0.expr=up&g0.tab=1"
    starts = "2026-11-29T00:00:00.123Z"
    return {"labels": labels, "annotations": notes, "startsAt": starts, "endsAt": ends, "generatorURL": source}


def ends(hours: int = 1) -> str:
    """Return an end to come, as Prometheus names one."""
    return f"{(datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec='milliseconds')[:-6]}Z"


def batches(size: int, requests: int, numbers: Iterator[int]) -> list[bytes]:
    """Return bodies of alerts that nobody has had yet."""
    until = ends()
    return [json.dumps([alert(next(numbers), until) for _ in range(size)]).encode() for _ in range(requests)]


def posted(side: Side, bodies: Sequence[bytes]) -> float:
    """Return the seconds that it takes to post bodies one after another."""
    connection = side.connection()
    side.ask(connection, "GET", "/-/healthy")
    begin = time.perf_counter()
    for body in bodies:
        side.ask(connection, "POST", ALERTS, body)
    took = time.perf_counter() - begin
    connection.close()
    return took


def posted_beside(side: Side, bodies: Sequence[bytes]) -> float:
    """Return the seconds that it takes to post bodies over several connections at once."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        begin = time.perf_counter()
        list(pool.map(lambda part: posted(side, part), [bodies[n::CONNECTIONS] for n in range(CONNECTIONS)]))
        return time.perf_counter() - begin


def read(side: Side, path: str) -> float:
    """Return the seconds that a read takes in the middle of several."""
    connection, found = side.connection(), []
    for _ in range(READS):
        begin = time.perf_counter()
        side.ask(connection, "GET", path)
        found.append(time.perf_counter() - begin)
    connection.close()
    return median(found)


def silenced(side: Side, turn: int) -> float:
    """Return the seconds that a read of all alerts takes that is the first after so many new silences."""
    connection, until = side.connection(), ends(2)
    begins = datetime.now(UTC).isoformat()
    for number in range(FRESH):
        matchers = [{"name": "client", "value": f"c{number * 7 + turn}", "isRegex": False}]
        said = {"matchers": matchers, "startsAt": begins, "endsAt": until, "createdBy": "bench", "comment": "bench"}
        side.ask(connection, "POST", SILENCES, json.dumps(said).encode())
    begin = time.perf_counter()
    side.ask(connection, "GET", ALERTS)
    took = time.perf_counter() - begin
    connection.close()
    return took


@contextmanager
def both() -> Iterator[tuple[Side, Side, Served]]:
    """Run both, with the same routes."""
    with tempfile.TemporaryDirectory() as name, pager() as box, reported_to(Path(name), box) as served:
        original = served.get("/api/v2/status").json()["config"]["original"]
        with alertmanager(Path(name) / "theirs", original) as theirs:
            yield Side(served.address, served.token), Side(theirs), served


Measure = Callable[[Side], float]


def _turn_about(ours: Side, theirs: Side, measure: Measure) -> tuple[float, float]:
    """Return what ours and theirs take, one right after the other."""
    return measure(ours), measure(theirs)


def _rounds(what: str, goal: float | None, found: Sequence[tuple[float, float]], each: float) -> Iterator[Result]:
    shares = tuple(mine / other for mine, other in found)
    yield Result(name=f"{what}, of Alertmanager's time", unit="x", values=shares, goal=goal)
    yield Result(name="  Tierwatch", unit="ms", values=tuple(mine / each * MILLISECONDS for mine, _ in found), digits=2)
    yield Result(
        name="  Alertmanager", unit="ms", values=tuple(other / each * MILLISECONDS for _, other in found), digits=2
    )


def _taken_in(ours: Side, theirs: Side, numbers: Iterator[int], served: Served) -> Iterator[Result]:
    for size, requests in REQUESTS.items():
        found = []
        for _ in range(ROUNDS + 1):
            bodies = batches(size, requests, numbers)
            found.append(_turn_about(ours, theirs, lambda side, bodies=bodies: posted(side, bodies)))  # type: ignore[misc]
        goal = FASTER_IN if size > 1 else None
        yield from _rounds(f"a batch of {size:,} taken in durably", goal, found[1:], requests)
    found = []
    for _ in range(ROUNDS + 1):
        bodies = batches(64, 8 * CONNECTIONS, numbers)
        found.append(_turn_about(ours, theirs, lambda side, bodies=bodies: posted_beside(side, bodies)))  # type: ignore[misc]
    yield from _rounds(f"a batch of 64 over {CONNECTIONS} connections", FASTER_IN, found[1:], 8 * CONNECTIONS)
    before, sent = cpu_of(served.process.pid), 0
    for _ in range(ROUNDS):
        posted(ours, batches(1_000, 4, numbers))
        sent += 4_000
    used = (cpu_of(served.process.pid) - before) / sent * 1e6
    yield Result(name="  CPU of an alert taken in by Tierwatch", unit="us", values=(used,), digits=1)


def _shown(ours: Side, theirs: Side) -> Iterator[Result]:
    bodies = batches(1_000, KNOWN // 1_000, count())
    for side in (ours, theirs):
        posted(side, bodies)
        assert len(json.loads(side.ask(side.connection(), "GET", ALERTS))) == KNOWN
    few = f"{ALERTS}?filter=client%3D~c(1%7C22%7C333%7C4444)"
    for name, path, goal in (
        ("a read filtered to 4 of 10,000", few, FASTER_OUT),
        ("a read filtered by one value", f"{ALERTS}?filter=client%3Dc77", FASTER_OUT),
        ("a read of all 10,000", ALERTS, None),
        ("a read of all groups", f"{ALERTS}/groups", None),
    ):
        found = [_turn_about(ours, theirs, lambda side, path=path: read(side, path)) for _ in range(ROUNDS)]  # type: ignore[misc]
        yield from _rounds(name, goal, found, 1)
    found = [_turn_about(ours, theirs, lambda side, turn=turn: silenced(side, turn)) for turn in range(3)]  # type: ignore[misc]
    yield from _rounds("a read of all with 500 fresh silences", FASTER_OUT, found, 1)


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return what it takes to take alerts in and to show them; the world outside is not asked."""
    del world
    with both() as (ours, theirs, served):
        shown = tuple(_shown(ours, theirs))
        taken = tuple(_taken_in(ours, theirs, count(KNOWN), served))
    return (*taken, *shown)
