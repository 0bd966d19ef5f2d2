"""What a database remembers of a time, read beside the process that writes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from alerts.alert import Alert, IncidentId
from alerts.override import Override
from alerts.uptime import HourCount
from monitor.changes import Entry
from monitor.problem import ConfigError
from monitor.store import codec, engine
from monitor.store.codec import Unreadable
from monitor.store.failure import StoreUnreadable, failing_as
from monitor.store.tables import ALERTS, INCIDENTS, LOOKS, OVERRIDES, TIMELINE
from probes.catalog import SystemId


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Timelines of the incidents that were open at some time, the alerts as they last stood, and looks by the hour.

    `overrides` are all that are kept, of whatever time. `lost` names what another version wrote, and cannot be read.
    """

    entries: tuple[Entry, ...]
    alerts: tuple[Alert, ...] = ()
    looks: tuple[HourCount, ...] = ()
    lost: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()


def history(url: str, since: datetime, until: datetime) -> History:
    """Return what a database remembers from an instant until another; nothing is written, and no lock is taken.

    Raises:
        ConfigError: the URL names no database that is there.
        StoreUnreadable: it cannot be read.
    """
    lost: list[str] = []
    with _reading(url) as connection:
        return History(
            entries=tuple(_entries(connection, since, until, lost)),
            alerts=tuple(_alerts(connection, lost)),
            looks=tuple(_looks(connection, since, until)),
            overrides=tuple(_overrides(connection, lost)),
            lost=tuple(lost),
        )


@contextmanager
def _reading(url: str) -> Iterator[Connection]:
    reader = engine.reader(engine.parsed(url))
    if reader is None:
        raise ConfigError(
            "there is no database at this place; set TIERWATCH_DATA or TIERWATCH_DATABASE_URL to its place"
        )
    try:
        with failing_as(StoreUnreadable), reader.begin() as connection:
            yield connection
    finally:
        reader.dispose()


def _entries(connection: Connection, since: datetime, until: datetime, lost: list[str]) -> Iterator[Entry]:
    open_then = (INCIDENTS.c.opened < until, or_(INCIDENTS.c.resolved.is_(None), INCIDENTS.c.resolved > since))
    query = select(TIMELINE.c.incident, TIMELINE.c.sequence, TIMELINE.c.value).join(INCIDENTS).where(*open_then)
    for row in connection.execute(query.order_by(INCIDENTS.c.number, TIMELINE.c.sequence)):
        try:
            event = codec.EVENT.value(row.value)
        except Unreadable:
            lost.append(f"{row.incident}, event {row.sequence}")
        else:
            yield Entry(incident=IncidentId(row.incident), sequence=row.sequence, event=event)


def _alerts(connection: Connection, lost: list[str]) -> Iterator[Alert]:
    for row in connection.execute(select(ALERTS.c.key, ALERTS.c.value)):
        try:
            yield codec.ALERT.value(row.value)
        except Unreadable:
            lost.append(f"alert {row.key}")


def _overrides(connection: Connection, lost: list[str]) -> Iterator[Override]:
    for row in connection.execute(select(OVERRIDES.c.value)):
        try:
            yield codec.OVERRIDE.value(row.value)
        except Unreadable:
            lost.append("an override")


def _looks(connection: Connection, since: datetime, until: datetime) -> Iterator[HourCount]:
    query = select(LOOKS).where(LOOKS.c.hour >= since, LOOKS.c.hour < until).order_by(LOOKS.c.hour, LOOKS.c.system)
    for row in connection.execute(query):
        yield HourCount(system=SystemId(row.system), hour=row.hour, good=row.good, bad=row.bad, unknown=row.unknown)
