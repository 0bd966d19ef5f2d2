"""What reports to a Tierwatch and what it tells, for real: Debian's Alertmanager beside it, amtool, and a pager.

with pager() as box, reported_to(folder, box) as served, alertmanager(folder / "theirs", original) as address:
amtool(served.address, "alert", "query")
"""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from monitor.clock import SystemClock
from tests.real.process import ANSWER, STOP, Served, eventually, tierwatch
from tests.real_parts import free_port, located

CONFIGURATION = """\
tiers:
  platinum:
    weight: 100
    objectives: {}
    sla: {acknowledge: 5m, first_notice: 5m, repair: 1h}
    escalation: first-line
    notices: none
  gold:
    weight: 40
    objectives: {}
    sla: {repair: 1d}
    escalation: second-line
    notices: none
clients:
  - {id: acme, name: Acme Corp, tier: platinum}
  - {id: cobalt, name: Cobalt GmbH, tier: gold}
people:
  - {id: ada, timezone: Europe/Madrid, channels: [env:ADA_PAGER]}
  - {id: ben, timezone: Europe/Madrid, channels: [env:BEN_PAGER]}
escalations:
  first-line: [{page: person:ada, wait: 30m}]
  second-line: [{page: person:ben, wait: 30m}]
catch_all: person:ada
settings: {allow_private_destinations: true}
intake: {labels: {client: [client, customer]}, token: env:REPORTERS}
"""
NOTHING = b'{"items": []}'
REPORTERS = "the-token-of-those-who-report"


@dataclass(slots=True)
class Pager:
    """A box that takes pages; while `broken` it answers 503 to all of them."""

    address: str
    broken: bool = False
    heard: list[tuple[datetime, Mapping[str, Any]]] = field(default_factory=list)
    refused: int = 0

    def subjects(self) -> list[str]:
        """Return the subjects of what was taken, in the order of arrival."""
        return [str(told["title"]) for _, told in self.heard]


@contextmanager
def pager() -> Iterator[Pager]:
    """Listen until the end of the block."""
    clock, box = SystemClock(), Pager("")

    class Post(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a message, or refuse it."""
            told = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if box.broken:
                box.refused += 1
            else:
                box.heard.append((clock.now(), told))
            self.send_response(503 if box.broken else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            """Answer as a system does in which there is nothing."""
            self.send_response(200)
            self.send_header("content-length", str(len(NOTHING)))
            self.end_headers()
            self.wfile.write(NOTHING)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Post) as server:
        box.address = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()


def secrets_of(box: Pager) -> Mapping[str, str]:
    """Return the environment variables that the configuration refers to."""
    return {"ADA_PAGER": f"json://{box.address}/ada", "BEN_PAGER": f"json://{box.address}/ben", "REPORTERS": REPORTERS}


def configured(folder: Path) -> Path:
    """Write the configuration into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tierwatch.yaml").write_text(CONFIGURATION, encoding="utf-8")
    return folder


@contextmanager
def reported_to(folder: Path, box: Pager, settings: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Run a Tierwatch that others report to."""
    with tierwatch(configured(folder / "config"), folder / "data", secrets_of(box), settings) as served:
        yield served


@contextmanager
def alertmanager(folder: Path, configuration: str) -> Iterator[str]:
    """Run Debian's Alertmanager with a configuration until the end of the block; yield its address."""
    folder.mkdir(parents=True)
    (folder / "alertmanager.yml").write_text(configuration, encoding="utf-8")
    listen = f"127.0.0.1:{free_port()}"
    options = {
        "config.file": "alertmanager.yml",
        "storage.path": "data",
        "web.listen-address": listen,
        "cluster.listen-address": "",
    }
    command = (str(located("alertmanager")), *(f"--{name}={value}" for name, value in options.items()))
    with (
        (folder / "log").open("wb") as output,
        subprocess.Popen(command, cwd=folder, stdout=output, stderr=output) as process,
    ):
        try:
            ready = f"http://{listen}/-/ready"
            eventually(lambda: httpx.get(ready, timeout=ANSWER, trust_env=False).is_success, "Alertmanager is ready")
            yield f"http://{listen}"
        finally:
            process.terminate()
            process.wait(STOP)


def amtool(address: str, *words: str, token: Path | None = None, given: str = "") -> tuple[int, str]:
    """Run amtool against an address; return its exit status and all that it says."""
    keys = (f"--http.config.file={token}",) if token is not None else ()
    command = (str(located("amtool")), *words, f"--alertmanager.url={address}", *keys)
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, f"{done.stdout}{done.stderr}"


def token_file(folder: Path, token: str) -> Path:
    """Write the file by which amtool sends a bearer token."""
    file = folder / "amtool.yml"
    file.write_text(json.dumps({"authorization": {"credentials": token}}), encoding="utf-8")
    return file
