"""Writing many rows at once, in the words that both databases share. What the rows mean is not known here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, Table
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, Any]
Insert = sqlite.Insert | postgresql.Insert
INSERTS: dict[str, Callable[[Table], Insert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_into(connection: Connection, table: Table) -> Insert:
    """Return an insert that can say what to do on a conflict."""
    return INSERTS[connection.dialect.name](table)


def execute(connection: Connection, statement: Executable, rows: Iterable[Row]) -> None:
    """Run a statement once for each row, in one go; nothing is run where there is none."""
    listed = list(rows)
    if listed:
        connection.execute(statement, listed)


def upsert(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Insert rows, or replace those with the same primary key; of several with one key the last one counts."""
    keys = _keys(table)
    latest = {tuple(row[key] for key in keys): row for row in rows}
    execute(connection, _upsertion(connection.dialect.name, table), latest.values())


@lru_cache
def _keys(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.primary_key)


@lru_cache
def _upsertion(dialect: str, table: Table) -> Insert:
    # Building a statement costs more than running it, and every look writes half a dozen.
    insert, keys = INSERTS[dialect](table), _keys(table)
    others = {column.name: insert.excluded[column.name] for column in table.c if column.name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=others)


def picked(value: object, names: Sequence[str]) -> Row:
    """Return attributes of a value as a row."""
    return {name: getattr(value, name) for name in names}
