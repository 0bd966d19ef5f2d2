"""Starts and kills Tierwatch: warm, by fork from a nursery that has imported everything, or cold, as the command."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.real.process import COMMAND, ROOT
from tests.weather.deadly import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a Tierwatch lives: what it is configured with, where it keeps its data, and where it listens."""

    config: Path
    data: Path
    listen: str
    secrets: Mapping[str, str]

    @property
    def database(self) -> Path:
        """The database's file."""
        return self.data / "tierwatch.db"

    @property
    def said(self) -> Path:
        """The file with all that it wrote on its outputs."""
        return self.data.with_name("said.log")

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the process gets."""
        return {"TIERWATCH_LISTEN": self.listen, "TIERWATCH_DATA": str(self.data), **self.secrets}

    def get(self, path: str) -> httpx.Response | None:
        """Return the answer to a GET, None while nobody answers."""
        return self._asked("GET", path, None)

    def post(self, path: str, said: Mapping[str, str] | None = None) -> httpx.Response | None:
        """Return the answer to a POST with the bearer token, None while nobody answers."""
        return self._asked("POST", path, said)

    def _asked(self, method: str, path: str, said: Mapping[str, str] | None) -> httpx.Response | None:
        try:
            token = (self.data / "token").read_text(encoding="ascii").strip()
            headers = {"Authorization": f"Bearer {token}"}
            address = f"http://{self.listen}{path}"
            return httpx.request(method, address, json=said, headers=headers, timeout=5, trust_env=False)
        except (httpx.TransportError, OSError):
            return None


class Nursery:
    """Starts one Tierwatch at a time."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._cold: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._heard(30)

    def start(self, place: Place, moment: Moment | None = None, turn: int = 0) -> None:
        """Start it warm; with a moment it dies when that comes for the `turn`-th time."""
        order: dict[str, object] = {
            "config": str(place.config),
            "said": str(place.said),
            "environment": place.environment,
        }
        order |= {"moment": moment, "turn": turn} if moment else {}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        self._pid = int(self._heard(10)["pid"])

    def start_cold(self, place: Place) -> None:
        """Start it as the command."""
        with place.said.open("ab") as said:
            self._cold = subprocess.Popen(
                (COMMAND, "run", "--config", place.config),
                cwd=ROOT,
                env={**os.environ, **place.environment},
                stdout=said,
                stderr=said,
            )
        self._pid = self._cold.pid

    def kill(self) -> None:
        """Kill it with SIGKILL and wait for its end."""
        os.kill(self._pid, signal.SIGKILL)
        assert self.ended(10) == -signal.SIGKILL

    def ended(self, patience: float = 0) -> int | None:
        """Return the exit status of what was started, None while it runs."""
        if not self._pid:
            return None
        status = self._status(patience)
        if status is not None:
            self._pid, self._cold = 0, None
        return status

    def _status(self, patience: float) -> int | None:
        if self._cold is None:
            told = self._heard(patience, required=False)
            return None if told is None else int(told["status"])
        try:
            return self._cold.wait(patience or 0.001)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> None:
        """Kill what still runs."""
        if self._cold is not None:
            self._cold.kill()
            self._cold.wait(10)

    def _heard(self, patience: float, *, required: bool = True) -> Any:  # noqa: ANN401 - a line of JSON
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], patience)
        assert ready or not required, "the nursery does not answer"
        return json.loads(self._process.stdout.readline()) if ready else None


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Yield a nursery; what it started ends with it."""
    pipe = subprocess.PIPE
    command = (sys.executable, "-m", "tests.weather.nursery")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIERWATCH_")}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, bufsize=0) as process:
        found = Nursery(process)
        try:
            yield found
        finally:
            found.end()
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)
