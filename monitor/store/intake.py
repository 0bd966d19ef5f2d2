"""What others report to us: a journal of the bodies as they came, and the alerts that they have come to.

A body is in the journal before it is answered, and leaves it in the transaction that writes what it came to. Who starts
anew reads the alerts and then the journal, in the order in which it was written.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select

from alerts.reported import Reported
from alerts.reports import Due
from monitor.store.rows import execute, upsert
from monitor.store.tables import INTAKE, REPORTED, storable

DONE = delete(INTAKE).where(INTAKE.c.id <= bindparam("upto"))
GONE = delete(REPORTED).where(REPORTED.c.fingerprint == bindparam("gone"))
ENTER = insert(INTAKE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body that was posted, when it came, and the timeout that was in force for alerts without an end."""

    number: int
    at: datetime
    timeout: timedelta
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """All that is known of what was reported: alerts, and bodies that are not in them yet; not what is `unreadable`."""

    alerts: tuple[Reported, ...] = ()
    bodies: tuple[Body, ...] = ()
    unreadable: tuple[str, ...] = ()


class _Row(msgspec.Struct):
    labels: dict[str, str]
    starts: datetime
    ends: datetime
    updated: datetime
    timeout: bool = False
    annotations: dict[str, str] = {}
    source: str = ""


def enter(connection: Connection, bodies: Sequence[Body]) -> None:
    """Enter bodies in the journal, each under its number."""
    rows = [
        {"id": one.number, "at": one.at, "timeout": one.timeout // timedelta(milliseconds=1), "body": one.content}
        for one in bodies
    ]
    connection.execute(ENTER, rows)


def fold(connection: Connection, due: Due, upto: int) -> None:
    """Write what reports have come to, and take the bodies up to a number out of the journal."""
    upsert(connection, REPORTED, ({"fingerprint": one.fingerprint, "value": _text(one)} for one in due.kept))
    execute(connection, GONE, ({"gone": fingerprint} for fingerprint in due.gone))
    connection.execute(DONE, {"upto": upto})


def read(connection: Connection) -> Kept:
    """Return all that is known."""
    lost: list[str] = []
    alerts = tuple(_alerts(connection.execute(select(REPORTED.c.fingerprint, REPORTED.c.value)), lost))
    bodies = tuple(
        Body(number=row.id, at=row.at, timeout=timedelta(milliseconds=row.timeout), content=row.body)
        for row in connection.execute(select(INTAKE).order_by(INTAKE.c.id))
    )
    return Kept(alerts=alerts, bodies=bodies, unreadable=tuple(lost))


def _text(one: Reported) -> str:
    row = _Row(
        labels=dict(one.labels),
        starts=one.starts,
        ends=one.ends,
        updated=one.updated,
        timeout=one.timeout,
        annotations=dict(one.annotations),
        source=one.source,
    )
    return storable(msgspec.json.encode(row).decode())


def _alerts(rows: Iterable[Any], lost: list[str]) -> Iterator[Reported]:
    for row in rows:
        try:
            found = msgspec.json.decode(row.value, type=_Row)
        except msgspec.MsgspecError:
            lost.append(f"reported {row.fingerprint}")
            continue
        labels = tuple(sorted(found.labels.items()))
        rest = {name: getattr(found, name) for name in _Row.__struct_fields__ if name != "labels"}
        yield Reported(labels=labels, **rest)
