"""The migrations lead to the tables that the code knows, on either database, and never over a newer one."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from monitor.problem import ConfigError
from monitor.store import Store
from monitor.store.tables import METADATA
from tests.monitor.store.cast import NOON


def test_the_migrated_schema_is_the_one_that_the_code_knows(store: Store) -> None:
    with store._engines.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_opening_again_changes_nothing(url: str) -> None:
    for _ in range(2):
        store = Store(url)
        assert store.writable(NOON) == ""
        store.close()


def test_a_database_of_a_newer_program_is_left_alone(url: str) -> None:
    store = Store(url)
    with store._engines.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(ConfigError, match=r"revision 9999.*a newer one wrote it"):
        Store(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("tierwatch.db", "cannot be read"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://root:hunter2@host/db", "mysql is no database for Tierwatch"),
        ("postgresql+asyncpg://root:hunter2@host/db", "is no database for Tierwatch"),
        ("sqlite:////proc/nowhere/tierwatch.db", "name a writable file"),
    ],
)
def test_a_url_that_cannot_be_used_says_what_can(url: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as refusal:
        Store(url)
    assert "hunter2" not in str(refusal.value)


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path}/state/here/tierwatch.db").close()
    assert (tmp_path / "state/here/tierwatch.db").exists()
