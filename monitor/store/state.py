"""What a process that starts remembers: the world as the last one committed it. Nothing here writes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, Table, func, or_, select

from alerts.alert import Alert, IncidentId
from alerts.canary import Canary
from alerts.contact_mark import ContactMark
from alerts.conversation import Conversation
from alerts.dunning import DunningHold
from alerts.exclusion import Exclusion
from alerts.fold import folded
from alerts.foretold import Foretold
from alerts.handover import Handed
from alerts.incident import BrokenTimeline, Incident
from alerts.maintenance import Window, WindowId
from alerts.notice_draft import DraftId, NoticeDraft
from alerts.override import Override, OverrideId
from alerts.page_key import PageKey
from alerts.published import CalendarLink, Published
from alerts.rota import Rota
from alerts.silence import Silence, SilenceId
from alerts.uptime import HourCount
from monitor.store import baselines, codec, kept
from monitor.store.codec import Codec, Unreadable
from monitor.store.tables import (
    ALERTS,
    BALANCES,
    BOOKS,
    CURSORS,
    INCIDENTS,
    INDICATORS,
    LOOKS,
    PULSE,
    RECORDS,
    TIMELINE,
)
from probes.announced import Announcement, Reception
from probes.book import Book, Coverage
from probes.budget import Balance
from probes.catalog import FlowId, ProbeId, SecretRef, SystemId
from probes.cursor import Cursor
from probes.feed import Feed, Habit
from probes.heartbeat import HeartbeatId, Runs
from probes.reconcile import Sample
from probes.rhythm import Baseline
from probes.sli import Indicator
from probes.tracked import Tracked
from probes.upkeep import Upkeep

RECENT = timedelta(days=32)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """Everything a process starts from. `incidents` holds the open ones and those resolved in the last 32 days.

    `unreadable` names what another version wrote and this one cannot read: it is left out and left in place, for a
    pager starts with what it has. `alive` is when
    :meth:`~monitor.store.Store.writable` last succeeded.
    """

    incidents: dict[IncidentId, Incident]
    alerts: dict[str, Alert]
    indicators: dict[str, Indicator]
    cursors: dict[ProbeId, Cursor]
    balances: dict[SystemId, Balance]
    books: dict[FlowId, Book]
    runs: dict[HeartbeatId, Runs]
    baselines: dict[str, Baseline]
    samples: dict[FlowId, Sample]
    upkeep: dict[SystemId, Upkeep]
    feeds: dict[ProbeId, Feed]
    habits: dict[ProbeId, Habit]
    announcements: dict[str, Announcement]
    receptions: dict[SystemId, Reception]
    silences: dict[SilenceId, Silence]
    windows: dict[WindowId, Window]
    overrides: dict[OverrideId, Override]
    rotas: dict[str, Rota]
    handed: dict[str, Handed]
    published: dict[str, Published]
    calendar_links: dict[str, CalendarLink]
    exclusions: dict[str, Exclusion]
    foretold: dict[str, Foretold]
    dunning: dict[str, DunningHold]
    contact_marks: dict[str, ContactMark]
    conversations: dict[str, Conversation]
    canaries: dict[SecretRef, Canary]
    page_keys: dict[str, PageKey]
    notice_drafts: dict[DraftId, NoticeDraft]
    looks: tuple[HourCount, ...]
    next_number: int
    alive: datetime | None
    unreadable: tuple[str, ...]


def load(connection: Connection, now: datetime) -> Remembered:
    """Return what is stored, as values."""
    lost: list[str] = []
    recent = or_(INCIDENTS.c.resolved.is_(None), INCIDENTS.c.resolved >= now - RECENT)
    return Remembered(
        incidents=folds(connection, select(INCIDENTS.c.id).where(recent), lost),
        alerts=dict(_values(connection, ALERTS, codec.ALERT, lost)),
        indicators=dict(_values(connection, INDICATORS, codec.INDICATOR, lost)),
        cursors={ProbeId(key): one for key, one in _values(connection, CURSORS, codec.CURSOR, lost)},
        balances={SystemId(key): one for key, one in _values(connection, BALANCES, codec.BALANCE, lost)},
        books=_books(connection, lost),
        baselines=baselines.read(connection),
        looks=_looks(connection, now - RECENT),
        next_number=(connection.scalar(select(func.max(INCIDENTS.c.number))) or 0) + 1,
        alive=connection.scalar(select(PULSE.c.at)),
        **_kept(connection, lost),
        unreadable=tuple(lost),
    )


def folds(connection: Connection, which: Select[tuple[str]], lost: list[str]) -> dict[IncidentId, Incident]:
    """Return incidents as the folds of their timelines, the oldest first; `lost` gets the names of broken ones."""
    query = select(TIMELINE.c.incident, TIMELINE.c.value).join(INCIDENTS).where(INCIDENTS.c.id.in_(which))
    rows = connection.execute(query.order_by(INCIDENTS.c.number, TIMELINE.c.sequence)).all()
    found: dict[IncidentId, Incident] = {}
    for name, entries in groupby(rows, key=lambda row: row.incident):
        try:
            events = [codec.EVENT.value(entry.value) for entry in entries]
            found[IncidentId(name)] = folded(IncidentId(name), events)
        except (Unreadable, BrokenTimeline):
            lost.append(f"incidents {name}")
    return found


def _values(connection: Connection, table: Table, kind: Codec[T], lost: list[str]) -> Iterator[tuple[str, T]]:
    (key,) = table.primary_key
    yield from _read(table, kind, connection.execute(select(key, table.c.value)), lost)


def _read(table: Table, kind: Codec[T], rows: Iterable[tuple[str, str]], lost: list[str]) -> Iterator[tuple[str, T]]:
    for key, text in rows:
        try:
            yield key, kind.value(text)
        except Unreadable:
            lost.append(f"{table.name} {key}")


def _kept(connection: Connection, lost: list[str]) -> dict[str, dict[Any, Any]]:
    """What is kept as one value a key, by kind; what webhooks told of in the order in which it was heard."""
    found = kept.read(connection, lost)
    # It is looked through from either end.
    announcements = sorted(found["announcements"].items(), key=lambda item: item[1].latest)
    return {**found, "announcements": dict(announcements)}


def _books(connection: Connection, lost: list[str]) -> dict[FlowId, Book]:
    coverage = {row.flow: row for row in connection.execute(select(BOOKS))}
    tracked: dict[str, list[Tracked]] = {flow: [] for flow in coverage}
    settled: dict[str, dict[str, datetime]] = {}
    for row in connection.execute(select(RECORDS)):
        if row.settled is not None:
            settled.setdefault(row.flow, {})[row.key] = row.settled
            continue
        known = _read(RECORDS, codec.TRACKED, [(f"{row.flow} {row.key}", row.value)], lost)
        tracked.setdefault(row.flow, []).extend(one for _, one in known)
    return {
        FlowId(flow): _book(FlowId(flow), tracked.get(flow, []), settled.get(flow, {}), coverage.get(flow), lost)
        for flow in (tracked | settled)
    }


def _book(
    flow: FlowId,
    records: list[Tracked],
    settled: dict[str, datetime],
    coverage: Row[Any] | None,
    lost: list[str],
) -> Book:
    if coverage is None:
        return Book(flow, records, settled)
    kept = [] if coverage.pace is None else list(_read(BOOKS, codec.PACE, [(flow, coverage.pace)], lost))
    book = Book(flow, records, settled, kept[0][1] if kept else None)
    book.source = Coverage(covered=coverage.source_covered, began=coverage.source_began)
    book.destination = Coverage(covered=coverage.destination_covered, began=coverage.destination_began)
    return book


def _looks(connection: Connection, since: datetime) -> tuple[HourCount, ...]:
    rows = connection.execute(select(LOOKS).where(LOOKS.c.hour >= since).order_by(LOOKS.c.system, LOOKS.c.hour))
    return tuple(HourCount(**row) for row in rows.mappings())
