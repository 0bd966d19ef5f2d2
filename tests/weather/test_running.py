"""What an operator does to a running process: end it, copy its database, start a second one by mistake."""

import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from alerts.message import DeliveryState
from monitor.sandbox.faults import Fault
from monitor.store import Store
from tests.real.process import COMMAND, ROOT, STOP, Served, Vendors, eventually, tierwatch, vendors
from tests.real_parts import free_port
from tests.weather.test_hanging import hanging

pytestmark = pytest.mark.story


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A Tierwatch that runs, and what it was started with."""

    served: Served
    sandbox: Vendors
    config: Path
    environment: dict[str, str]

    def command(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Return how another command of the same environment ended."""
        environment = {**os.environ, **self.environment, **changes}
        return subprocess.run(
            (COMMAND, *words), cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Yield a Tierwatch that has looked at every system."""
    folder = tmp_path_factory.mktemp("running")
    with vendors() as sandbox:
        environment = {
            **sandbox.configuration(folder / "config"),
            "TIERWATCH_DATA": str(folder / "data"),
            "TIERWATCH_LISTEN": f"127.0.0.1:{free_port()}",
        }
        with tierwatch(folder / "config", folder / "data", environment, environment) as served:
            eventually(lambda: all(one["looks"][0]["sent"] for one in served.items("/api/v1/systems")), "a first look")
            yield Running(served=served, sandbox=sandbox, config=folder / "config", environment=environment)


def test_a_backup_of_the_running_process_is_a_database_that_opens_and_has_everything(
    running: Running, tmp_path: Path
) -> None:
    copy = tmp_path / "backup.db"
    ended = running.command("backup", str(copy))
    assert (ended.returncode, ended.stdout) == (0, f"wrote {copy}\n")
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        looks = connection.execute("SELECT count(*) FROM looks").fetchone()[0]
        records = connection.execute("SELECT count(*) FROM records").fetchone()[0]
    assert looks
    assert records
    Store(f"sqlite:///{copy}").close()
    assert running.served.get("/readyz").status_code == 200
    again = running.command("backup", str(copy))
    assert again.returncode == 1
    assert "exists" in again.stderr


@pytest.mark.answers("TwiN/gatus#176", "TwiN/gatus#421")
def test_a_second_process_on_the_same_database_is_refused_and_says_who_has_it(running: Running) -> None:
    ended = running.command("run", "--config", str(running.config), TIERWATCH_LISTEN=f"127.0.0.1:{free_port()}")
    assert ended.returncode == 1
    assert f"process {running.served.process.pid}" in ended.stderr
    assert "already uses" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert running.served.get("/readyz").status_code == 200


def test_a_port_that_is_taken_is_a_clear_error(running: Running, tmp_path: Path) -> None:
    ended = running.command("run", "--config", str(running.config), TIERWATCH_DATA=str(tmp_path / "other"))
    assert ended.returncode == 2
    listen = running.environment["TIERWATCH_LISTEN"]
    assert f"cannot listen on {listen}: Address already in use; set TIERWATCH_LISTEN" in ended.stderr
    assert "Traceback" not in ended.stderr


def ended_after(served: Served) -> float:
    """Send SIGTERM and return after how many seconds the process had ended as it should."""
    begun = time.monotonic()  # noqa: TID251 - the very thing that is measured
    assert served.stop() == 0
    return time.monotonic() - begun  # noqa: TID251 - the same


def sending(served: Served) -> list[str]:
    """Return the keys of the messages that are under way."""
    return [one["key"] for one in served.items("/api/v1/attempts") if one["state"] == "sending"]


def test_sigterm_waits_for_a_send_under_way_and_its_end_is_recorded(tmp_path: Path) -> None:
    with vendors() as sandbox, hanging() as hung:
        secrets = dict(sandbox.configuration(tmp_path / "config"))
        secrets |= {name: hung for name in secrets if name.endswith("_PAGER")}
        with tierwatch(tmp_path / "config", tmp_path / "data", secrets) as served:
            sandbox.switch(Fault.BILLING_ERROR_BODY, on=True)
            (key,) = eventually(lambda: [key for key in sending(served) if "/page/" in key], "a page hangs")
            assert ended_after(served) < STOP
        store = Store(f"sqlite:///{tmp_path / 'data' / 'tierwatch.db'}")
        assert [one.state for one in store.deliveries(key)] == [DeliveryState.UNKNOWN]
        store.close()


def test_sigterm_ends_it_within_ten_seconds_when_everything_around_it_hangs(tmp_path: Path) -> None:
    with vendors() as sandbox, hanging() as hung:
        secrets = dict(sandbox.configuration(tmp_path / "config"))
        secrets |= {name: hung for name in secrets if name.endswith(("_PAGER", "_DESK"))}
        with tierwatch(tmp_path / "config", tmp_path / "data", secrets) as served:
            host, _, port = served.address.removeprefix("http://").partition(":")
            with socket.create_connection((host, int(port))) as reader:
                reader.sendall(f"GET /live HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
                assert b"200 OK" in reader.recv(1000)
                sandbox.switch(Fault.BILLING_ERROR_BODY, on=True)
                eventually(lambda: [key for key in sending(served) if "/notice/" in key], "a notice hangs")
                assert ended_after(served) < STOP
