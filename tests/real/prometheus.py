"""Debian's Prometheus as a process that scrapes one Tierwatch every second, and how a test asks it and its promtool."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.real.process import ANSWER, STOP, eventually
from tests.real_parts import free_port, located

SCRAPING = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One series of an answer with its value at the instant of the question."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prometheus:
    """A running Prometheus."""

    address: str

    def query(self, expression: str) -> list[Sample]:
        """Return what an expression gives now; AssertionError where Prometheus cannot evaluate it."""
        answer = self._asked("query", query=expression)["result"]
        return [Sample(labels=one["metric"], value=float(one["value"][1])) for one in answer]

    def label_values(self, label: str, selector: str) -> set[str]:
        """Return the values of a label in the series that a selector finds."""
        found: list[dict[str, str]] = self._asked("series", **{"match[]": selector})
        return {series[label] for series in found if label in series}

    def up(self) -> bool:
        """Whether the last scrape succeeded."""
        return [sample.value for sample in self.query("up")] == [1]

    def _asked(self, path: str, **parameters: str) -> Any:  # noqa: ANN401 - whatever the API answers
        heard = httpx.get(f"{self.address}/api/v1/{path}", params=parameters, timeout=ANSWER, trust_env=False)
        if heard.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise httpx.ConnectError("Prometheus answers in words while it starts")
        answer = heard.json()
        assert answer["status"] == "success", f"{parameters}: {answer.get('error')}"
        return answer["data"]


@contextmanager
def prometheus(folder: Path, scraped: str) -> Iterator[Prometheus]:
    """Scrape the Tierwatch at an address until the end of the block; yield once a scrape has succeeded."""
    folder.mkdir()
    jobs = [{"job_name": "tierwatch", "static_configs": [{"targets": [urlsplit(scraped).netloc]}]}]
    # JSON is YAML too.
    (folder / "prometheus.yml").write_text(json.dumps({"global": SCRAPING, "scrape_configs": jobs}), encoding="utf-8")
    listen = f"127.0.0.1:{free_port()}"
    options = {"config.file": "prometheus.yml", "storage.tsdb.path": "data", "web.listen-address": listen}
    command = (str(located("prometheus")), *(f"--{name}={value}" for name, value in options.items()))
    with (
        (folder / "log").open("wb") as output,
        subprocess.Popen(command, cwd=folder, stdout=output, stderr=output) as process,
    ):
        try:
            running = Prometheus(address=f"http://{listen}")
            eventually(running.up, "a scrape has succeeded")
            yield running
        finally:
            process.terminate()
            process.wait(STOP)


def complaints(exposition: str) -> str:
    """Return what `promtool check metrics` says against an exposition, "" where it is clean."""
    command = (str(located("promtool")), "check", "metrics")
    done = subprocess.run(command, input=exposition, capture_output=True, text=True, timeout=30, check=False)
    said = f"{done.stdout}{done.stderr}".strip()
    return said or (f"exit status {done.returncode}" if done.returncode else "")
