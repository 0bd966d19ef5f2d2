"""A backup is whole while the database is being written, replaces nothing, and opens like the original."""

import stat
from pathlib import Path

import pytest

from monitor.changes import Changes
from monitor.store import BackupFailed, Store, backup
from tests.monitor.store.cast import FIRST, NOON, STORY, entries, message
from tests.monitor.store.test_unwritable import ALERTS, writing_process


def test_a_backup_opens_like_the_original(file: Path, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{file}")
    store.commit(Changes(entries=entries(*STORY), messages=(message(),)))
    copy = tmp_path / "copy.db"
    backup(f"sqlite:///{file}", copy)
    store.close()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    restored = Store(f"sqlite:///{copy}")
    assert restored.timeline(FIRST) == entries(*STORY)
    restored.close()


def test_a_backup_taken_while_another_process_writes_is_one_whole_state(file: Path, tmp_path: Path) -> None:
    copies = [tmp_path / f"copy-{number}.db" for number in range(3)]
    with writing_process(f"sqlite:///{file}") as process:
        assert process.stdout is not None
        for copy in copies:
            process.stdout.readline()
            backup(f"sqlite:///{file}", copy)
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy-0.db", "copy-1.db", "copy-2.db"]
    for copy in copies:
        store = Store(f"sqlite:///{copy}")
        remembered = store.load(NOON)
        assert {one.explanation for one in remembered.alerts.values()} == {f"round {len(store.timeline(FIRST))}"}
        assert len(remembered.alerts) == ALERTS
        store.close()


def test_a_backup_replaces_nothing_not_even_the_database(file: Path) -> None:
    Store(f"sqlite:///{file}").close()
    before = file.read_bytes()
    with pytest.raises(BackupFailed, match="name a new file"):
        backup(f"sqlite:///{file}", file)
    assert file.read_bytes() == before


def test_a_backup_that_cannot_be_finished_leaves_nothing(file: Path, tmp_path: Path) -> None:
    file.write_bytes(b"this is a letter to my aunt" * 100)
    with pytest.raises(BackupFailed, match="nothing is left of it"):
        backup(f"sqlite:///{file}", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == [file]


def test_a_backup_names_what_it_misses(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="there is no database at"):
        backup(f"sqlite:///{tmp_path}/nowhere.db", tmp_path / "copy.db")
    with pytest.raises(BackupFailed, match="use pg_dump"):
        backup("postgresql+psycopg://host/tierwatch", tmp_path / "copy.db")
