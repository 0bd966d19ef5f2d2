"""The world's process as a bench sees it: started, told what to do, and asked what happened when."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from tests.real.process import ANSWER, ROOT, STOP


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What happened, by the world's clock: when lines broke, their bad answers, looks at the storm's dead system.

    Arrivals are by box, and once more by `box/line` where a message names a broken line.
    """

    broken: Mapping[str, datetime]
    bad: Mapping[str, Sequence[datetime]]
    looked: Sequence[datetime]
    arrived: Mapping[str, Sequence[datetime]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A running world."""

    address: str

    def breaks(self, line: str) -> None:
        """Let a line fail from now on."""
        self._post(f"/control/break/{line}")

    def storms(self, clients: int, each: int) -> None:
        """Let records of many clients come that will never arrive."""
        self._post("/control/storm", {"clients": clients, "each": each})

    @property
    def log(self) -> Log:
        """What has happened so far."""
        told: dict[str, Any] = httpx.get(f"{self.address}/log", timeout=ANSWER, trust_env=False).json()
        broken = {name: datetime.fromisoformat(at) for name, at in told["broken"].items()}
        return Log(
            broken=broken,
            bad=_by_name(told["bad"]),
            looked=_instants(told["looked"]),
            arrived=_by_name(told["arrived"]),
        )

    def _post(self, path: str, said: Mapping[str, int] | None = None) -> None:
        httpx.post(f"{self.address}{path}", json=said, timeout=ANSWER, trust_env=False).raise_for_status()


def _instants(written: Sequence[str]) -> Sequence[datetime]:
    return [datetime.fromisoformat(one) for one in written]


def _by_name(written: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[datetime]]:
    return {name: _instants(instants) for name, instants in written.items()}


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """Run a world until the end of the block."""
    pipe = subprocess.PIPE
    command = (sys.executable, "-m", "tests.bench.world")
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Elsewhere(address=process.stdout.readline().strip())
        finally:
            process.stdin.close()
            try:
                process.wait(STOP)
            finally:
                process.kill()
