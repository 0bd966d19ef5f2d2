"""One process per database: the second is refused with the first one's name, and let in once it is gone."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.store import AlreadyRunning, Store
from tests.monitor.store.test_unwritable import writing_process


def test_a_second_process_is_refused_and_told_which_is_the_first(url: str) -> None:
    with writing_process(url) as process, pytest.raises(AlreadyRunning) as refusal:
        Store(url)
    assert f"process {process.pid}" in str(refusal.value)
    assert "stop it, or give this one a database of its own" in str(refusal.value)
    Store(url).close()


def test_a_second_store_in_the_same_process_is_refused_too(url: str) -> None:
    store = Store(url)
    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"):
        Store(url)
    store.close()
    Store(url).close()


def test_a_lock_file_that_a_dead_process_left_behind_keeps_nobody_out(file: Path) -> None:
    file.with_name("tierwatch.db.lock").write_text("4194304\n")
    Store(f"sqlite:///{file}").close()


def test_a_child_process_does_not_inherit_the_lock(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False) as child:
        store.close()
        Store(f"sqlite:///{file}").close()
        child.communicate(b"\n")


def test_nobody_else_on_the_machine_may_read_what_clients_were_told(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    store.close()
    assert set(modes) >= {"tierwatch.db", "tierwatch.db-wal", "tierwatch.db.lock"}
    assert set(modes.values()) == {0o600}
