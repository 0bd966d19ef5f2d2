"""What others report, through the failures that Alertmanager shows: kills, receivers in trouble, restarts, silences.

Each is played against the real process, a few times in the suite and fifty times in full trials. The process is killed
with SIGKILL at any instant after an answer: what was answered is there afterwards, and what was told is not told again.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from monitor.clock import SystemClock
from tests.real.process import eventually
from tests.real.reporting import REPORTERS, Pager, configured, pager, secrets_of
from tests.real_parts import free_port
from tests.weather.remains import Remains, remains
from tests.weather.warm import Nursery, Place, nursery

pytestmark = [pytest.mark.trials, pytest.mark.story]

FULL = os.environ.get("TIERWATCH_TRIALS") == "full"
TRIALS = range(50 if FULL else 2)
SYSTEM = """\
systems:
  erp: {connector: ./connectors/erp.yaml, base_url: "http://BOX", quota: {rate: 10/s}, every: 1h}
"""
CONNECTOR = """\
name: still
resources:
  records: {path: /records, records_path: items, client_paths: [client], created_path: created, time_format: iso8601}
limits: [{rate: 10/s}]
"""
BROKEN = 22
QUIET = 4
"""Seconds without anything new after which nothing more is expected."""

clock, pause = SystemClock(), Event()


@dataclass(slots=True)
class Trial:
    """One process on a database of its own, and the box that it pages."""

    nursery: Nursery
    box: Pager
    place: Place
    chance: random.Random

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.nursery.start(self.place)
        eventually(lambda: self._asked("GET", "/readyz").status_code == httpx.codes.OK, "it is ready")

    def kill(self) -> Remains:
        """Kill it, and return what it leaves behind."""
        self.nursery.kill()
        return remains(self.place.database, clock.now())

    def report(self, *alerts: dict[str, str], ends: datetime | None = None) -> None:
        """Report alerts of these labels with the intake's token; AssertionError unless that is answered with 200."""
        end = {"endsAt": ends.isoformat()} if ends is not None else {}
        said = [{"labels": {"alertname": "SyncLag", **labels}, **end} for labels in alerts]
        answer = self._asked("POST", "/api/v2/alerts", said, REPORTERS)
        assert answer.status_code == httpx.codes.OK, answer.text

    def silence(self, client: str) -> str:
        """Silence a client for an hour; return the silence's id."""
        now = clock.now()
        said = {
            "matchers": [{"name": "client", "value": client, "isRegex": False}],
            "startsAt": now.isoformat(),
            "endsAt": (now + timedelta(hours=1)).isoformat(),
            "createdBy": "ada",
            "comment": "we know",
        }
        token = (self.place.data / "token").read_text(encoding="ascii").strip()
        return str(self._asked("POST", "/api/v2/silences", said, token).json()["silenceID"])

    def clients(self) -> set[str]:
        """Return whose alerts are shown."""
        return {one["labels"].get("client", "") for one in self._asked("GET", "/api/v2/alerts").json()}

    def silences(self) -> set[str]:
        """Return the ids of the silences that are in force."""
        found = self._asked("GET", "/api/v2/silences").json()
        return {one["id"] for one in found if one["status"]["state"] == "active"}

    def told(self) -> list[str]:
        """Return what was told, once nothing new has come for a while."""
        before = -1
        while before != len(self.box.heard):
            before = len(self.box.heard)
            pause.wait(QUIET)
        return self.box.subjects()

    def _asked(self, method: str, path: str, said: Any = None, token: str = "") -> httpx.Response:  # noqa: ANN401 - JSON
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = f"http://{self.place.listen}{path}"
        return httpx.request(method, address, json=said, headers=headers, timeout=20, trust_env=False)


@pytest.fixture(scope="module")
def children() -> Iterator[Nursery]:
    with nursery() as found:
        yield found


@pytest.fixture(params=TRIALS)
def trial(request: pytest.FixtureRequest, children: Nursery, tmp_path: Path) -> Iterator[Trial]:
    with pager() as box:
        folder = configured(tmp_path / "config")
        (folder / "connectors").mkdir()
        (folder / "connectors" / "erp.yaml").write_text(CONNECTOR, encoding="utf-8")
        (folder / "systems.yaml").write_text(SYSTEM.replace("BOX", box.address), encoding="utf-8")
        text = (folder / "tierwatch.yaml").read_text(encoding="utf-8")
        known = text.replace("tier: platinum}", "tier: platinum, identifiers: {erp: ACME}}")
        (folder / "tierwatch.yaml").write_text(known, encoding="utf-8")
        place = Place(config=folder, data=tmp_path / "data", listen=f"127.0.0.1:{free_port()}", secrets=secrets_of(box))
        one = Trial(children, box, place, random.Random(request.param))
        one.start()
        try:
            yield one
        finally:
            if children.ended() is None:
                children.kill()


@pytest.mark.answers(
    "prometheus/alertmanager#1673",
    "prometheus/alertmanager#3457",
    "prometheus/alertmanager#3382",
    "prometheus/alertmanager#2158",
    "OneUptime/oneuptime#1983",
    "OneUptime/oneuptime#2149",
)
def test_killed_after_an_answer_nothing_is_lost_and_nothing_told_is_told_again(trial: Trial) -> None:
    trial.report({"client": "acme"}, {"client": "cobalt"})
    silence = trial.silence("nobody")
    trial.report({"client": "nobody"})
    pause.wait(trial.chance.uniform(0, 1.5))
    left = trial.kill()
    trial.start()
    assert trial.clients() == {"acme", "cobalt", "nobody"}
    assert trial.silences() == {silence}
    trial.report({"client": "acme"}, {"client": "cobalt"}, {"client": "nobody"})
    told = trial.told()
    pages = [one for one in told if "Resolved" not in one]
    assert 1 <= len(pages) <= 1 + len(left.in_flight), (told, left)


@pytest.mark.answers(
    "prometheus/alertmanager#1005",
    "prometheus/alertmanager#2222",
    "prometheus/alertmanager#4108",
    "prometheus/alertmanager#4347",
    "prometheus/alertmanager#1550",
    "prometheus/alertmanager#3865",
    "prometheus/alertmanager#4152",
    "prometheus/alertmanager#1718",
    "prometheus/alertmanager#2486",
)
@pytest.mark.parametrize("trial", TRIALS if FULL else range(1), indirect=True)
def test_a_receiver_that_answers_5xx_for_22_seconds_gets_the_page_once(trial: Trial) -> None:
    trial.box.broken = True
    trial.report({"client": "acme"})
    eventually(lambda: trial.box.refused, "a page that is refused")
    pause.wait(BROKEN)
    trial.box.broken = False
    eventually(lambda: trial.box.heard, "the page")
    assert len(trial.told()) == 1
    assert trial.box.refused >= 2


def test_an_alert_that_another_one_explains_is_not_paged_after_a_restart(trial: Trial) -> None:
    trial.report({"alertname": "ErpDown", "system": "erp"})
    eventually(lambda: trial.box.heard, "the page")
    trial.report({"client": "acme", "system": "erp"})
    pause.wait(trial.chance.uniform(0, 1))
    trial.kill()
    trial.start()
    # What explains it has not been sent again yet; an Alertmanager that has just started knows nothing of it.
    trial.report({"client": "acme", "system": "erp"})
    assert len(trial.told()) == 1


@pytest.mark.answers("prometheus/alertmanager#282")
def test_an_alert_that_ends_under_a_silence_is_closed_for_its_receiver(trial: Trial) -> None:
    trial.report({"client": "acme"})
    eventually(lambda: trial.box.heard, "the page")
    trial.silence("acme")
    if trial.chance.random() < 0.5:
        trial.kill()
        trial.start()
    trial.report({"client": "acme"}, ends=clock.now() - timedelta(seconds=1))
    eventually(lambda: len(trial.box.heard) > 1, "word of the end")
    told = trial.told()
    assert len(told) == 2
    assert "Resolved" in told[1]
