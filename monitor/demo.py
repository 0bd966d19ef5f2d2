"""The demo: a sandbox of simulated vendors as a process of its own, and the configuration that watches it.

Every start begins afresh in a folder of its own, so that what is shown is never left over from another sandbox.
"""

import asyncio
import os
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from monitor.problem import ConfigError
from monitor.sandbox.__main__ import TOKEN
from monitor.sandbox.addresses import heard
from monitor.sandbox.config import write
from monitor.settings import DATABASE
from monitor.store.lock import FileLock
from monitor.web.office import Refused

FOLDER = "demo"
PATIENCE = 30.0
"""Seconds in which the sandbox must have told its addresses."""

ANSWER_WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The running sandbox, as its buttons and its inbox."""

    client: httpx.AsyncClient
    process: asyncio.subprocess.Process

    async def _get(self, path: str) -> object:
        try:
            answer = await self.client.get(path)
            answer.raise_for_status()
            return answer.json()
        except (httpx.HTTPError, ValueError):
            raise Refused("the sandbox does not answer") from None

    async def state(self) -> Mapping[str, object]:
        """Return what is wrong at the moment."""
        state = await self._get("/control")
        return state if isinstance(state, dict) else {}

    async def toggle(self, fault: str) -> None:
        """Switch a fault on or off."""
        try:
            answer = await self.client.post(f"/control/faults/{fault}")
        except httpx.HTTPError:
            raise Refused("the sandbox does not answer") from None
        if answer.is_error:
            raise Refused(f"the sandbox has no fault {fault}")

    async def post_to(self, address: str) -> None:
        """Have the billing's webhooks posted to a Tierwatch on this machine; without an answer they do not come."""
        with suppress(httpx.HTTPError):
            await self.client.post("/control/webhooks", params={"to": f"{address}/in/webhook/billing"})

    async def inbox(self) -> Sequence[Mapping[str, object]]:
        """Return what arrived, newest first."""
        found = await self._get("/inbox")
        items = found.get("items", []) if isinstance(found, dict) else []
        return [item for item in items if isinstance(item, dict)]


async def _started(token: str) -> tuple[asyncio.subprocess.Process, str]:
    arguments = [sys.executable, "-m", "monitor.sandbox", "--until-stdin-closes"]
    process = await asyncio.create_subprocess_exec(
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, TOKEN: token},
    )
    if process.stdout is None:
        raise ConfigError("the sandbox cannot be heard")
    try:
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
    except TimeoutError:
        process.kill()
        raise ConfigError(f"the sandbox did not start within {PATIENCE:.0f} s") from None
    return process, line.decode()


@asynccontextmanager
async def sandbox(data: Path) -> AsyncIterator[tuple[Path, Sandbox]]:
    """Start a sandbox and write its configuration; yield the configuration's folder and the sandbox.

    The secrets that the configuration refers to are put into this process's environment.

    Raises:
        ConfigError: the sandbox does not start.
    """
    token = secrets.token_urlsafe(16)
    process, line = await _started(token)
    try:
        addresses = heard(line)
        folder = data / "configuration"
        os.environ.update(write(folder, addresses))
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            base_url=addresses.http, headers=headers, timeout=ANSWER_WITHIN, trust_env=False
        ) as client:
            yield folder, Sandbox(client, process)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def fresh(data: Path) -> Path:
    """Return the demo's own folder below the data folder, empty.

    Raises:
        AlreadyRunning: another demo works in it.
        ConfigError: it cannot be made.
    """
    folder = data / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / DATABASE):
            shutil.rmtree(folder)
        folder.mkdir()
    except OSError as error:
        raise ConfigError(f"{folder} cannot be used ({error.strerror}); set TIERWATCH_DATA to another folder") from None
    return folder
