"""Brings a database to the schema of this program; the revisions themselves stand in `migrations`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from monitor.problem import ConfigError

REVISIONS = Path(__file__).parent / "migrations"


def migrate(connection: Connection) -> None:
    """Apply what is missing, inside the connection's transaction: all of it or nothing.

    Raises:
        ConfigError: the database was written by a newer program, whose revisions this one does not know.
    """
    config = Config()
    config.set_main_option("script_location", str(REVISIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    present = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(config)
    if present == scripts.get_current_head():
        return
    if present is not None:
        _must_know(scripts, present)
    command.upgrade(config, "head")


def _must_know(scripts: ScriptDirectory, revision: str) -> None:
    try:
        scripts.get_revision(revision)
    except CommandError:
        raise ConfigError(
            f"the database has revision {revision}, which this Tierwatch does not know: a newer one wrote it;"
            " run that one, or restore a backup"
        ) from None
