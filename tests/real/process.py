"""Tierwatch and its sandbox as processes of their own, for tests that judge them from outside only.

    with vendors() as sandbox:
        secrets = sandbox.configuration(folder / "config")
        with tierwatch(folder / "config", folder / "data", secrets) as served:
            served.items("/api/v1/incidents")

Everything is on loopback, at free ports. Nothing here knows what is right; that is for the tests.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import httpx

from monitor.clock import SystemClock
from monitor.demo import FOLDER
from monitor.sandbox.__main__ import TOKEN
from monitor.sandbox.addresses import Addresses, heard
from monitor.sandbox.config import environment, write
from monitor.sandbox.faults import Fault
from tests.real_parts import free_port

COMMAND = Path(sys.executable).parent / "tierwatch"
ROOT = Path(__file__).resolve().parents[2]
START = timedelta(seconds=180)
STOP = 10
PAUSE = 0.1
ANSWER = 10

Found = TypeVar("Found")


def eventually(found: Callable[[], Found], what: str, within: timedelta = START) -> Found:
    """Ask until the answer is true in a truth test, and return it; AssertionError naming `what` when it never is.

    An answer that cannot be had yet, because a connection is refused or broken, counts as untrue.
    """
    clock, pause = SystemClock(), Event()
    deadline = clock.now() + within
    while clock.now() < deadline:
        try:
            if answer := found():
                return answer
        except httpx.TransportError:
            pass
        pause.wait(PAUSE)
    raise AssertionError(f"not within {within.total_seconds():.0f} s: {what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running Tierwatch. `data` is its data folder, `said` the file with all that it wrote on its outputs."""

    process: subprocess.Popen[bytes]
    address: str
    data: Path
    said: Path

    @property
    def token(self) -> str:
        """The bearer token, as its owner reads it from the file."""
        return (self.data / "token").read_text(encoding="ascii").strip()

    @property
    def link(self) -> str:
        """The sign-in link that was printed last."""
        words = self.said.read_text(encoding="utf-8").split()
        return [word for word in words if word.startswith(f"{self.address}/sign-in?")][-1]

    def get(self, path: str) -> httpx.Response:
        """Return the answer to a GET."""
        return httpx.get(f"{self.address}{path}", timeout=ANSWER, trust_env=False)

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the items of a listing of the API; AssertionError where there is none."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def post(self, path: str, said: Mapping[str, str] | None = None) -> httpx.Response:
        """Return the answer to a POST with the bearer token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.post(f"{self.address}{path}", json=said, headers=headers, timeout=ANSWER, trust_env=False)

    def stop(self) -> int:
        """Send SIGTERM and return the exit status; AssertionError when it takes too long."""
        return _stopped(self.process)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendors:
    """A running sandbox."""

    process: subprocess.Popen[str]
    addresses: Addresses

    @property
    def secrets(self) -> Mapping[str, str]:
        """The credentials of the vendors and the addresses of the inbox, by the names that the demo gives them."""
        return environment(self.addresses)

    def configuration(self, folder: Path) -> Mapping[str, str]:
        """Write the demo's configuration for this sandbox into a folder; return the secrets that it refers to."""
        return write(folder, self.addresses)

    def switch(self, fault: Fault, *, on: bool) -> None:
        """Press a button until the fault is on, or off."""
        path = f"{self.addresses.http}/control/faults/{fault}?to={'on' if on else 'off'}"
        httpx.post(path, timeout=ANSWER, trust_env=False).raise_for_status()

    def inbox(self) -> dict[str, Any]:
        """Return what has arrived: counts, and items, newest first."""
        found: dict[str, Any] = httpx.get(
            f"{self.addresses.http}/inbox?limit=5000", timeout=ANSWER, trust_env=False
        ).json()
        return found


def _stopped(process: subprocess.Popen[Any]) -> int:
    process.terminate()
    try:
        return process.wait(STOP)
    except subprocess.TimeoutExpired:
        raise AssertionError(f"still running {STOP} s after SIGTERM") from None
    finally:
        process.kill()


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without the settings in it, and with what is given."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith("TIERWATCH_")}, **given}


def _ready(served: Served) -> bool:
    assert served.process.poll() is None, f"it ended:\n{served.said.read_text(encoding='utf-8')}"
    return served.get("/readyz").status_code == httpx.codes.OK


@contextmanager
def tierwatch(
    config: Path, data: Path, secrets: Mapping[str, str], settings: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Run `tierwatch run --config` until the end of the block; yield once it says that it is ready.

    `settings` are further variables; with TIERWATCH_LISTEN and the same data folder it comes up again where it was.
    A process that still runs at the end is sent SIGTERM.
    """
    given = {"TIERWATCH_DATA": str(data), **secrets, **(settings or {})}
    with _running(("run", "--config", str(config)), data, given) as served:
        yield served


@contextmanager
def demo(data: Path) -> Iterator[Served]:
    """Run `tierwatch demo`, whose sandbox comes with a fault of its own; otherwise like `tierwatch`."""
    with _running(("demo",), data / FOLDER, {"TIERWATCH_DATA": str(data)}) as served:
        yield served


@contextmanager
def _running(command: tuple[str, ...], data: Path, given: Mapping[str, str]) -> Iterator[Served]:
    listen = given.get("TIERWATCH_LISTEN", f"127.0.0.1:{free_port()}")
    environment = _environment({"TIERWATCH_LISTEN": listen, **given})
    data.parent.mkdir(parents=True, exist_ok=True)
    said = data.with_name(f"{data.name}.log")
    with (
        said.open("ab") as output,
        subprocess.Popen((COMMAND, *command), cwd=ROOT, env=environment, stdout=output, stderr=output) as process,
    ):
        served = Served(process=process, address=f"http://{listen}", data=data, said=said)
        try:
            eventually(lambda: _ready(served), "ready")
            yield served
        finally:
            if process.poll() is None:
                served.stop()


@contextmanager
def vendors(*options: str) -> Iterator[Vendors]:
    """Run the sandbox, without a fault that comes by itself, until the end of the block."""
    command = (sys.executable, "-m", "monitor.sandbox", "--no-fault", "--until-stdin-closes", *options)
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=_environment({TOKEN: ""}), stdin=pipe, stdout=pipe, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Vendors(process=process, addresses=heard(process.stdout.readline()))
        finally:
            _stopped(process)
