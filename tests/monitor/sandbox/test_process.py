"""The sandbox as a process: it says where it is, serves, and ends when it is told to."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from monitor.sandbox.addresses import Addresses, heard
from tests.monitor.sandbox.settable import BILLING

COMMAND = (sys.executable, "-m", "monitor.sandbox")


@contextmanager
def running(*options: str, token: str = "") -> Iterator[tuple[subprocess.Popen[str], Addresses]]:
    """Start a sandbox and wait until it has said where it is."""
    root, pipe = Path(__file__).parents[3], subprocess.PIPE
    environment = {**os.environ, "TIERWATCH_SANDBOX_TOKEN": token}
    with subprocess.Popen(
        (*COMMAND, *options), cwd=root, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, heard(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_announces_itself_serves_and_ends_on_a_signal(stop: signal.Signals) -> None:
    with running() as (process, addresses):
        assert httpx.get(f"{addresses.http}/billing/v1/invoices", headers=BILLING).status_code == 200
        (spell,) = httpx.get(f"{addresses.http}/control").json()["faults"][0]["spells"]
        assert spell["start"] < spell["end"]
        process.send_signal(stop)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert not process.stderr.read()


def test_its_token_comes_from_the_environment_and_the_fault_can_be_left_out() -> None:
    with running("--no-fault", token="opener") as (_, addresses):
        assert httpx.get(f"{addresses.http}/control").status_code == 401
        state = httpx.get(f"{addresses.http}/control", headers={"Authorization": "Bearer opener"}).json()
        assert [fault["spells"] for fault in state["faults"]] == [[]] * len(state["faults"])


def test_it_ends_with_whoever_started_it_when_asked_to() -> None:
    with running("--until-stdin-closes") as (process, _):
        assert process.stdin is not None
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.mark.parametrize("address", ["0.0.0.0:0", "example.com:80", "127.0.0.1", "127.0.0.1:70000", "[::1]:0"])
def test_it_refuses_to_listen_anywhere_but_on_loopback(address: str) -> None:
    done = subprocess.run((*COMMAND, "--listen", address), capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert "loopback" in done.stderr


@pytest.mark.parametrize("line", ["", "started", "[]", '{"http": "http://127.0.0.1:1"}'])
def test_only_a_sandboxs_own_line_is_taken_for_its_addresses(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        heard(line)
