"""Debian's Prometheus with a rule sends us its alerts: they fire, resolve, and expire, and live as ours do.

Its rule looks at the number of open incidents' own sign: whether a file that its service discovery reads has a target.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.process import STOP, Served, eventually
from tests.real.reporting import REPORTERS, pager, reported_to
from tests.real_parts import free_port, located

pytestmark = [pytest.mark.real("prometheus", "promtool"), pytest.mark.integration]

RULES = {
    "groups": [
        {
            "name": "ours",
            "rules": [
                {
                    "alert": "TargetMissing",
                    "expr": 'up{job="watched"} == 0',
                    "labels": {"severity": "page", "customer": "acme"},
                    "annotations": {
                        "summary": "nobody answers at {{ $labels.instance }}",
                        "runbook_url": "https://wiki.example.com/missing",
                    },
                }
            ],
        }
    ]
}


@contextmanager
def reporting(folder: Path, served: Served, target: int) -> Iterator[Path]:
    """Run a Prometheus that reports with the intake's token; yield the file that names what it watches."""
    folder.mkdir()
    (folder / "token").write_text(REPORTERS, encoding="ascii")
    watched = folder / "watched.json"
    watched.write_text(json.dumps([{"targets": [f"127.0.0.1:{target}"]}]), encoding="utf-8")
    (folder / "rules.yml").write_text(json.dumps(RULES), encoding="utf-8")
    sent = {
        "static_configs": [{"targets": [served.address.removeprefix("http://")]}],
        "authorization": {"credentials_file": "token"},
    }
    configuration = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": [sent]},
        "scrape_configs": [
            {"job_name": "watched", "file_sd_configs": [{"files": ["watched.json"], "refresh_interval": "1s"}]}
        ],
    }
    (folder / "prometheus.yml").write_text(json.dumps(configuration), encoding="utf-8")
    checked = subprocess.run(
        (str(located("promtool")), "check", "config", "prometheus.yml"),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    options = {
        "config.file": "prometheus.yml",
        "storage.tsdb.path": "data",
        "web.listen-address": f"127.0.0.1:{free_port()}",
        "rules.alert.resend-delay": "1s",
    }
    command = (str(located("prometheus")), *(f"--{name}={value}" for name, value in options.items()))
    with (
        (folder / "log").open("wb") as output,
        subprocess.Popen(command, cwd=folder, stdout=output, stderr=output) as process,
    ):
        try:
            yield watched
        finally:
            process.terminate()
            process.wait(STOP)


def test_prometheus_fires_and_resolves_and_both_are_told_once(tmp_path: Path) -> None:
    with pager() as box, reported_to(tmp_path, box) as served:
        with reporting(tmp_path / "prometheus", served, free_port()) as watched:
            (incident,) = eventually(lambda: served.items("/api/v1/incidents"), "an incident")
            assert incident["headline"] == "Reported to us: TargetMissing: 1 client hurt (1 platinum)"
            (alert,) = served.get("/api/v2/alerts").json()
            assert alert["labels"]["customer"] == "acme"
            assert alert["annotations"]["runbook_url"] == "https://wiki.example.com/missing"
            assert alert["generatorURL"].startswith("http")
            assert alert["receivers"] == [{"name": "first-line"}]
            first = alert["updatedAt"]
            eventually(lambda: served.get("/api/v2/alerts").json()[0]["updatedAt"] > first, "it is sent again")
            eventually(lambda: box.heard, "the page")
            page = str(box.heard[0][1]["message"])
            assert "nobody answers at 127.0.0.1" in page
            assert "https://wiki.example.com/missing" in page
            # It answers again: Tierwatch's own metrics will do.
            watched.write_text(json.dumps([{"targets": [served.address.removeprefix("http://")]}]), encoding="utf-8")
            eventually(lambda: not served.get("/api/v2/alerts").json(), "it is resolved")
            eventually(lambda: len(box.heard) == 2, "word of the end")
        (ended,) = served.items("/api/v1/incidents?state=resolved")
        assert ended["resolved_why"] == "the data caught up: every hurt client's backlog has drained"
        assert len(box.heard) == 2, box.subjects()
