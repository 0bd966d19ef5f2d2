"""A real PostgreSQL for the tests, as fixtures; not the store's contract suite, which uses them.

One cluster for the whole run, on a free loopback port and without fsync, stopped at its end; a fresh database per test.
PostgreSQL refuses to run as root, so for root it runs as an account without rights.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.real_parts import free_port, located

SUPERUSER = "tierwatch"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return the URL of a running cluster's maintenance database, for SQLAlchemy."""
    folder = Path(tempfile.mkdtemp(prefix="tierwatch-postgres-"))
    account = unprivileged_account()
    if account:
        shutil.chown(folder, account)
    try:
        yield from running_cluster(folder, account)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """Return the URL of an empty database of this test's own, for SQLAlchemy."""
    name = f"test_{uuid4().hex}"
    _execute(postgres_url, f"CREATE DATABASE {name}")
    yield postgres_url.removesuffix("postgres") + name
    _execute(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


def running_cluster(folder: Path, account: str | None) -> Iterator[str]:
    """Yield the URL of a cluster in `folder` that runs as `account`, and stop it afterwards."""
    programs, port = located("postgres").parent, free_port()
    control = (f"{programs}/pg_ctl", "--pgdata", f"{folder}/data", "--silent", "--wait")
    options = f"-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200"
    initdb = (f"{programs}/initdb", "--pgdata", f"{folder}/data", "--username", SUPERUSER, "--auth", "trust")
    _run_as(account, *initdb, "--encoding", "UTF8", "--no-locale", "--no-sync", folder=folder)
    _run_as(account, *control, "--log", f"{folder}/log", "--options", options, "start", folder=folder)
    try:
        yield f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{port}/postgres"
    finally:
        _run_as(account, *control, "--mode", "immediate", "stop", folder=folder)


def unprivileged_account() -> str | None:
    """Return the account to run PostgreSQL as: None (ourselves), unless we are root."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


def _run_as(account: str | None, *command: str, folder: Path) -> None:
    """Run a command in `folder`; what it said goes to a file, as a server that it leaves behind keeps a pipe open."""
    group = pwd.getpwnam(account).pw_gid if account else None
    said = folder / "said"
    with said.open("w") as output:
        done = subprocess.run(
            command,
            cwd=folder,
            user=account,
            group=group,
            extra_groups=[] if account else None,
            stdout=output,
            stderr=output,
            check=False,
        )
    if done.returncode != 0:
        pytest.fail(f"{command[0]} failed: {said.read_text()}")


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(statement.encode())
