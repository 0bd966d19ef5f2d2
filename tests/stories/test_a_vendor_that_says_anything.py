"""A vendor that answers anything at all, and counts: whatever it says, no limit of its is ever exceeded."""

import json
import random
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.clock import SettableClock
from probes.catalog import FlowId
from probes.tracked import RecordState, Tracked
from tests.stories.day import MORNING, Day, a_day

pytestmark = pytest.mark.story

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WINDOWS = {
    "east.test": {SECOND: 10, MINUTE: 150, HOUR: 3000},
    "west.test": {SECOND: 10, MINUTE: 150, HOUR: 3000},
    "north.test": {MINUTE: 100, DAY: 2000},
}
SHARE, CONCURRENT, PRODUCTION = 0.2, 10, 0.5

CONNECTOR = """\
auth: {{kind: oauth2_client_credentials, token_url: /token, client_auth: basic}}
resources:
  postings:
    path: /postings
    records_path: items
    created_path: at
    time_format: iso8601
    client_paths: [customer]
    since: {{param: since, format: iso8601, overlap: 10m, oldest_first: true}}
    pagination: {{kind: next_url, next_path: next}}
    lookup: {{by: id, path: "/postings/{{key}}"}}
whoami: /me
error_inside: [{{path: error, op: exists}}]
quota_headers: {{limit: X-Limit, remaining: X-Left, reset: X-Reset, reset_format: delta_s, window: 1m}}
limits: [{limits}]
concurrent: 10
"""

CONFIGURATION = """\
tiers:
  gold:
    weight: 50
    objectives:
      availability: {target: 99%, window: 30d}
      sync_latency: {within: 20s, target: 99%, over: 2m}
    sla: {acknowledge: 10m, first_notice: 10m, update_every: 2h, repair: 2h}
    escalation: integrations
clients:
  - id: acme
    name: Acme Corp
    tier: gold
    identifiers: {east: c-1, west: c-1, north: c-1}
    contacts: [{name: Desk, channel: file:desk}]
systems:
  east: {connector: ./connectors/whim.yaml, base_url: "http://east.test", every: 1s, credential: CREDENTIAL, QUOTA}
  west: {connector: ./connectors/whim.yaml, base_url: "http://west.test", every: 2s, credential: CREDENTIAL, QUOTA}
  north: {connector: ./connectors/daily.yaml, base_url: "http://north.test", every: 2s, credential: CREDENTIAL, QUOTA}
flows: {postings: {source: east.postings, destination: west.postings, match: {id: id}, mode: realtime}}
people: [{id: ana, channels: [file:pager]}]
escalations: {integrations: [{page: person:ana}]}
catch_all: person:ana
"""
QUOTAS = (
    "quota: {share: 20%, production: 50%}",
    "quota: {share: 10%, production: 50%}",
    "quota: {rates: [30/min, 2/s], concurrent: 2, production: 50%}",
)
"""What reloads change it to: never more than the first allows, in another order, and with a window less."""


def configured(folder: Path, quota: str) -> None:
    text = CONFIGURATION.replace("CREDENTIAL", "{client_id: file:desk, client_secret: file:pager}")
    (folder / "whim.yaml").write_text(text.replace("QUOTA", quota))


def configure(folder: Path) -> None:
    shutil.rmtree(folder)
    (folder / "connectors").mkdir(parents=True)
    for name, limits in (("whim", "10/s, 150/min, 3000/h"), ("daily", "100/min, 2000/day")):
        rates = ", ".join(f"{{rate: {limit}}}" for limit in limits.split(", "))
        (folder / "connectors" / f"{name}.yaml").write_text(CONNECTOR.format(limits=rates))
    configured(folder, QUOTAS[0])
    for box in ("desk", "pager"):
        (folder / box).write_text(f"json://receiver.example.com/{box}")


JUNK = ("soon", "-3", "1e999", "", "9" * 40, "Thu, 99 Foo 2026 99:99:99 GMT", "0")


def answer(status: int, headers: Mapping[str, str], content: bytes) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))


@dataclass
class Whim(httpx.AsyncBaseTransport):
    """The way to three vendors, who answer as they please; what came is noted by host, with its instant."""

    clock: SettableClock
    dice: random.Random
    came: dict[str, list[datetime]] = field(default_factory=lambda: {host: [] for host in WINDOWS})
    flying: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    barred: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=lambda: {host: [] for host in WINDOWS})
    kinds: Counter[str] = field(default_factory=Counter)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Count the request, and answer it."""
        host, path = request.url.host, request.url.path
        self.came[host].append(self.clock.now())
        self.kinds["token" if path == "/token" else "lookup" if path.count("/") > 1 else path] += 1
        self.flying[host] += 1
        self.most[host] = max(self.most[host], self.flying[host])
        try:
            return await self._answer(host, request)
        finally:
            self.flying[host] -= 1

    async def _answer(self, host: str, request: httpx.Request) -> httpx.Response:
        # Who waits for a lock is not asleep, and time passes only when everybody is: so tokens come at once.
        if request.url.path != "/token" and self.dice.random() < 0.15:
            await self.clock.sleep_until(self.clock.now() + self.dice.choice((1, 5, 25)) * SECOND)
        kind = self.dice.choices(
            ("well", "throttled", "broken", "refused", "inside", "cut", "page"), (70, 6, 6, 3, 5, 4, 6)
        )[0]
        # Retry-After wins over what is left; a token's answer and one that was cut say nothing of it.
        headers = self._said(host, counts=kind not in ("cut", "throttled") and request.url.path != "/token")
        if kind == "cut":
            raise httpx.ReadError("the connection was cut")
        if kind == "throttled":
            return answer(429, headers | self._retry(host), b"no")
        if kind == "broken":
            return answer(500, headers, b"<html>")
        if kind == "refused":
            return answer(401, headers, b"{}")
        body = {"error": "what?"} if kind == "inside" else self._body(request, more=kind == "page")
        return answer(200, headers, json.dumps(body).encode())

    def _body(self, request: httpx.Request, *, more: bool) -> dict[str, Any]:
        if request.url.path == "/token":
            return {"access_token": f"token-{self.dice.random()}", "expires_in": 30}
        now, number = self.clock.now(), self.dice.randrange(10**6)
        rows = [
            {"id": f"{number}-{n}", "customer": "c-1", "at": (now - n * SECOND).isoformat()}
            for n in range(1, self.dice.choice((1, 3, 40)))
        ]
        return {"items": rows, "next": f"/postings?page={number}" if more else None}

    def _retry(self, host: str) -> dict[str, str]:
        if self.dice.random() < 0.5:
            return {"Retry-After": self.dice.choice(JUNK)}
        seconds = self.dice.choice((2, 7, 40))
        now = self.clock.now()
        self.barred[host].append((now, now + seconds * SECOND))
        at = (now + seconds * SECOND).astimezone(UTC)
        # A date has whole seconds only: what is asked for is the one that is written.
        self.barred[host][-1] = (now, at.replace(microsecond=0))
        return {"Retry-After": at.strftime("%a, %d %b %Y %H:%M:%S GMT")}

    def _said(self, host: str, *, counts: bool) -> dict[str, str]:
        """What the headers say: nothing, something that makes sense, or anything."""
        draw = self.dice.random()
        if draw < 0.5:
            return {}
        if draw < 0.6:
            left, reset, now = self.dice.choice((0, 20, 70)), self.dice.choice((3, 20)), self.clock.now()
            limit = WINDOWS[host][MINUTE]
            if counts and left <= limit * PRODUCTION:
                self.barred[host].append((now, now + reset * SECOND))
            return {"X-Limit": str(limit), "X-Left": str(left), "X-Reset": str(reset)}
        if draw < 0.8:
            return {"X-Limit": "999999999", "X-Left": "999999999", "X-Reset": self.dice.choice(JUNK)}
        names = ("RateLimit", "RateLimit-Policy", "RateLimit-Remaining", "X-Limit", "X-Reset")
        return {name: self.dice.choice((*JUNK, '"a";r=1000000;t=1', '"a";q=900000;w=60')) for name in names}


def most_within(period: timedelta, came: list[datetime]) -> int:
    """Return the most requests in any half-open stretch of that length."""
    most, first = 0, 0
    for last, at in enumerate(came):
        while at - came[first] >= period:
            first += 1
        most = max(most, last - first + 1)
    return most


def never_exceeded(whim: Whim, forgotten: Mapping[str, int]) -> None:
    """Assert that every limit was kept; a killed process may have forgotten so many requests of its last looks."""
    for host, windows in WINDOWS.items():
        came = whim.came[host]
        for period, limit in windows.items():
            assert most_within(period, came) <= limit * SHARE + forgotten.get(host, 0), (host, period)
        assert whim.most[host] <= CONCURRENT * SHARE + forgotten.get(host, 0), host
        assert came == sorted(came)
        for said, until in whim.barred[host]:
            assert not [at for at in came if said < at < until], (host, said, until)


async def searched(day: Day) -> None:
    """Have both ends compared, as after records that went missing."""
    situation = day.application.situation
    situation.samples.clear()
    lost = Tracked("lost", RecordState.OPEN, day.clock.now() - 5 * MINUTE)
    day.application.reconciling.searching.suspect(situation.config.catalog.flows[FlowId("postings")], [lost])


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_a_vendor_answers_no_limit_of_its_is_exceeded_and_its_word_is_obeyed(
    tmp_path: Path, seed: int
) -> None:
    clock = SettableClock(MORNING)
    whim = Whim(clock, random.Random(seed))
    async with a_day(tmp_path, clock=clock, configure=configure) as day:
        day.network.beyond = whim
        for quota in (*QUOTAS, QUOTAS[0], QUOTAS[2]):
            await day.advance(seconds=25)
            await searched(day)
            await day.advance(seconds=25)
            configured(day.folder / "configuration", quota)
            assert not await day.application.reload()
        assert sum(beat.failures for beat in day.application.driver.beats.values()) == 0
    assert min(whim.kinds[kind] for kind in ("token", "/postings")) > 5, whim.kinds
    assert sum(map(len, whim.barred.values())) > 2
    never_exceeded(whim, {})


def unstored(day: Day, whim: Whim) -> dict[str, int]:
    """Return how many requests came to each host since a look at it was last on record."""
    sights = day.application.situation.sights.values()
    found = {}
    for host, came in whim.came.items():
        ends = [one.last.answered for one in sights if one.last and host.startswith(one.probe.system)]
        found[host] = sum(at >= max(ends) for at in came) if ends else len(came)
    return found


async def test_a_process_that_is_killed_forgets_no_more_than_what_its_last_looks_asked(tmp_path: Path) -> None:
    clock, forgotten = SettableClock(MORNING), Counter[str]()
    whim = Whim(clock, random.Random(7))
    for _ in range(3):
        async with a_day(tmp_path, clock=clock, configure=configure) as day:
            day.network.beyond = whim
            await day.advance(seconds=30)
            forgotten.update(unstored(day, whim))
        whim.flying.clear()
    never_exceeded(whim, forgotten)
    assert sum(forgotten.values()) < 3 * 12, forgotten
