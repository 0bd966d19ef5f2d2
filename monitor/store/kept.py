"""What is kept as one value under one key, the latest counting: which kinds there are, how they are read and written.

A new kind is a line in `KINDS`, a table of a key and a value (and its migration), a codec, and a field of the same
name in `Changes`, `Remembered` and `Situation`. Writing it, reading it at a start, taking it over into memory and
judging on a draft then follow by themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Delete, Table, bindparam, delete, select

from monitor.store import codec
from monitor.store.codec import Codec, Unreadable
from monitor.store.rows import execute, upsert
from monitor.store.tables import (
    ANNOUNCEMENTS,
    CALENDAR_LINKS,
    CANARIES,
    CONTACT_MARKS,
    CONVERSATIONS,
    DUNNING,
    DUTY_EVENTS,
    EXCLUSIONS,
    FEEDS,
    FORETOLD,
    HABITS,
    HANDOVERS,
    HEARTBEATS,
    NOTICE_DRAFTS,
    OVERRIDES,
    PAGE_KEYS,
    ROTAS,
    SAMPLES,
    SILENCES,
    UPKEEP,
    WEBHOOKS,
    WINDOWS,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: the name of its fields, its table, how its values are text. None as a value forgets the key."""

    name: str
    table: Table
    codec: Codec[Any]

    @property
    def key(self) -> str:
        """The name of the table's key."""
        (column,) = self.table.primary_key
        return str(column.name)

    @property
    def forget(self) -> Delete:
        """The statement that takes a key away."""
        (column,) = self.table.primary_key
        return delete(self.table).where(column == bindparam("gone"))


KINDS = (
    Kind("samples", SAMPLES, codec.SAMPLE),
    Kind("runs", HEARTBEATS, codec.RUNS),
    Kind("upkeep", UPKEEP, codec.UPKEEP),
    Kind("feeds", FEEDS, codec.FEED),
    Kind("habits", HABITS, codec.HABIT),
    Kind("receptions", WEBHOOKS, codec.RECEPTION),
    Kind("announcements", ANNOUNCEMENTS, codec.ANNOUNCEMENT),
    Kind("silences", SILENCES, codec.SILENCE),
    Kind("windows", WINDOWS, codec.WINDOW),
    Kind("overrides", OVERRIDES, codec.OVERRIDE),
    Kind("rotas", ROTAS, codec.ROTA),
    Kind("handed", HANDOVERS, codec.HANDED),
    Kind("published", DUTY_EVENTS, codec.PUBLISHED),
    Kind("calendar_links", CALENDAR_LINKS, codec.CALENDAR_LINK),
    Kind("exclusions", EXCLUSIONS, codec.EXCLUSION),
    Kind("dunning", DUNNING, codec.DUNNING),
    Kind("foretold", FORETOLD, codec.FORETOLD),
    Kind("contact_marks", CONTACT_MARKS, codec.CONTACT_MARK),
    Kind("conversations", CONVERSATIONS, codec.CONVERSATION),
    Kind("canaries", CANARIES, codec.CANARY),
    Kind("page_keys", PAGE_KEYS, codec.PAGE_KEY),
    Kind("notice_drafts", NOTICE_DRAFTS, codec.NOTICE_DRAFT),
)


def write(connection: Connection, changes: object) -> None:
    """Write what changes of every kind."""
    for kind in KINDS:
        changed: Mapping[str, Any] = getattr(changes, kind.name)
        if changed:
            _write(connection, kind, changed)


def _write(connection: Connection, kind: Kind, changed: Mapping[str, Any]) -> None:
    here = {key: one for key, one in changed.items() if one is not None}
    upsert(connection, kind.table, ({kind.key: key, "value": kind.codec.text(one)} for key, one in here.items()))
    execute(connection, kind.forget, ({"gone": key} for key in changed if key not in here))


def read(connection: Connection, lost: list[str]) -> dict[str, dict[Any, Any]]:
    """Return all values of every kind, by the kind's name; `lost` gets the names of those that cannot be read."""
    return {kind.name: _read(kind, connection.execute(_all(kind.table)), lost) for kind in KINDS}


def _all(table: Table) -> Any:  # noqa: ANN401 - a selection of two columns whose types the table knows
    (key,) = table.primary_key
    return select(key, table.c.value)


def _read(kind: Kind, rows: Iterable[tuple[str, str]], lost: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, text in rows:
        try:
            found[key] = kind.codec.value(text)
        except Unreadable:
            lost.append(f"{kind.table.name} {key}")
    return found
