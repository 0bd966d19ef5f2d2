"""Writes one :class:`~monitor.changes.Changes`, inside a transaction that the caller opened. It decides nothing.

Writes only what changes. The timeline is only ever appended to; its primary key is the compare-and-set that tells a
decision on an old state from one on the present.
"""

import re
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from alerts.alert import Alert, AlertState
from alerts.timeline import MergedInto, Opened, Reopened, Resolved
from alerts.uptime import HourCount
from monitor.changes import COUNTS, Changes, Entry
from monitor.store import baselines, codec, kept, outbox, webhooks
from monitor.store.failure import EntryExists
from monitor.store.rows import INSERTS, Insert, Row, execute, insert_into, picked, upsert
from monitor.store.tables import (
    ACTS,
    ALERTS,
    BALANCES,
    BOOKS,
    CURSORS,
    INCIDENTS,
    INDICATORS,
    LOOKS,
    RECORDS,
    TIMELINE,
)
from probes.tracked import BookChange

DONE = ("at", "actor", "action", "subject", "detail")
ENDS = ("source_covered", "destination_covered", "pace")
BEGINNINGS = ("source_began", "destination_began")
END = update(INCIDENTS).where(INCIDENTS.c.id == bindparam("of")).values(resolved=bindparam("at"))
REMOVE = delete(ALERTS).where(ALERTS.c.key == bindparam("gone"))
DROP = delete(RECORDS).where(RECORDS.c.flow == bindparam("of"), RECORDS.c.key == bindparam("gone"))
OUTLIVED = delete(RECORDS).where(RECORDS.c.flow == bindparam("of"), RECORDS.c.settled < bindparam("before"))
ENDING = (Resolved, MergedInto, Reopened)
NUMBER = re.compile(r"\d{1,18}$")


def write(connection: Connection, changes: Changes) -> None:
    """Write everything that a pass changes.

    Raises:
        EntryExists: an incident's timeline already has an entry with one of these numbers.
    """
    _append(connection, changes.entries)
    _write_alerts(connection, changes.alerts)
    _write_states(connection, changes)
    for change in changes.books:
        _write_book(connection, change)
    kept.write(connection, changes)
    webhooks.write(connection, changes)
    baselines.write(connection, changes.baselines)
    outbox.queue(connection, changes.messages)
    outbox.settle(connection, changes.settlements)
    outbox.suppress(connection, changes.suppressed, _latest(changes))
    outbox.fold(connection, changes.folded, changes.messages)
    _count(connection, changes.looks)
    execute(connection, insert(ACTS), (picked(act, DONE) for act in changes.acts))


def _append(connection: Connection, entries: tuple[Entry, ...]) -> None:
    for entry in entries:
        if isinstance(entry.event, Opened):
            _enter(connection, entry, entry.event)
    try:
        execute(connection, insert(TIMELINE), (_entry_row(entry) for entry in entries))
    except IntegrityError:
        named = ", ".join(f"{entry.incident} {entry.sequence}" for entry in entries[:5])
        raise EntryExists(f"among these timeline entries one is already written, or has no opening: {named}") from None
    for entry in entries:
        if isinstance(entry.event, ENDING):
            # One by one: an incident may end and be reopened in one pass.
            over = None if isinstance(entry.event, Reopened) else entry.event.at
            connection.execute(END, {"of": entry.incident, "at": over})


def _enter(connection: Connection, entry: Entry, event: Opened) -> None:
    """Enter a new incident in the index, under a number above all others and not below the one in its name."""
    highest = connection.scalar(select(func.max(INCIDENTS.c.number))) or 0
    named = NUMBER.search(entry.incident)
    number = max(highest + 1, int(named.group()) if named else 0)
    enter = insert_into(connection, INCIDENTS).on_conflict_do_nothing(index_elements=["id"])
    connection.execute(enter, {"id": entry.incident, "number": number, "opened": event.at})


def _entry_row(entry: Entry) -> Row:
    event = entry.event
    keys = {"incident": entry.incident, "sequence": entry.sequence}
    return {**keys, "at": event.at, "kind": event.kind, "value": codec.EVENT.text(event)}


def _write_alerts(connection: Connection, alerts: tuple[Alert, ...]) -> None:
    latest = {str(alert.key): alert for alert in alerts}
    gone = [{"gone": key} for key, alert in latest.items() if alert.state is AlertState.INACTIVE]
    execute(connection, REMOVE, gone)
    kept = {key: alert for key, alert in latest.items() if alert.state is not AlertState.INACTIVE}
    rows = (
        {"key": key, "state": alert.state, "since": alert.since, "value": codec.ALERT.text(alert)}
        for key, alert in kept.items()
    )
    upsert(connection, ALERTS, rows)


def _write_states(connection: Connection, changes: Changes) -> None:
    indicators = ({"key": str(one.key), "value": codec.INDICATOR.text(one)} for one in changes.indicators)
    upsert(connection, INDICATORS, indicators)
    cursors = ({"probe": one.probe, "value": codec.CURSOR.text(one)} for one in changes.cursors)
    upsert(connection, CURSORS, cursors)
    balances = ({"system": system, "value": codec.BALANCE.text(one)} for system, one in changes.balances.items())
    upsert(connection, BALANCES, balances)


def _write_book(connection: Connection, change: BookChange) -> None:
    if change.empty:
        return
    flow, at = change.flow, change.at
    kept = ({"flow": flow, "key": one.key, "value": codec.TRACKED.text(one), "settled": None} for one in change.kept)
    upsert(connection, RECORDS, kept)
    upsert(connection, RECORDS, ({"flow": flow, "key": key, "value": "", "settled": at} for key in change.settled))
    execute(connection, DROP, ({"of": flow, "gone": key} for key in change.dropped))
    if change.forgotten is not None:
        connection.execute(OUTLIVED, {"of": flow, "before": change.forgotten})
    if change.source_covered or change.destination_covered or change.pace:
        _cover(connection, change)


def _cover(connection: Connection, change: BookChange) -> None:
    """Move the coverage and the pace on, and leave them where this change says nothing of them."""
    pace = None if change.pace is None else codec.PACE.text(change.pace)
    began = {"source_began": change.source_covered, "destination_began": change.destination_covered}
    row = {**picked(change, ("flow", "source_covered", "destination_covered")), **began, "pace": pace}
    connection.execute(_covering(connection.dialect.name), row)


@lru_cache
def _covering(dialect: str) -> Insert:
    cover = INSERTS[dialect](BOOKS)
    moved = {end: func.coalesce(cover.excluded[end], BOOKS.c[end]) for end in ENDS}
    moved |= {end: func.coalesce(BOOKS.c[end], cover.excluded[end]) for end in BEGINNINGS}
    return cover.on_conflict_do_update(index_elements=["flow"], set_=moved)


def _count(connection: Connection, looks: tuple[HourCount, ...]) -> None:
    """Add to what each hour already has."""
    rows = (picked(one, ("system", "hour", *COUNTS)) for one in looks)
    execute(connection, _counting(connection.dialect.name), rows)


@lru_cache
def _counting(dialect: str) -> Insert:
    count = INSERTS[dialect](LOOKS)
    sums = {name: LOOKS.c[name] + count.excluded[name] for name in COUNTS}
    return count.on_conflict_do_update(index_elements=["system", "hour"], set_=sums)


def _latest(changes: Changes) -> datetime | None:
    """The instant of what caused this, None where nothing in it has one."""
    instants = [entry.event.at for entry in changes.entries] + [act.at for act in changes.acts]
    return max(instants, default=None)
