"""What one pass wants written, as one value: facts, decisions and the messages they cause, in one transaction.

The store writes all of it or nothing. Nothing in memory is changed before it has been written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.alert import Alert, IncidentId
from alerts.message import Message, Settlement
from alerts.timeline import Event
from probes.budget import Balance
from probes.catalog import SystemId
from probes.cursor import Cursor
from probes.heartbeat import HeartbeatId, Runs
from probes.sli import Indicator
from probes.sync import BookChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an incident's timeline; `sequence` counts from 1 and is unique within the incident."""

    incident: IncidentId
    sequence: int
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How the looks of one system in one hour ended, to be added to what the hour already has."""

    system: SystemId
    hour: datetime
    good: int = 0
    bad: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something a person did, for the audit."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that one pass changes. An alert that is inactive is removed; `suppressed` are keys of messages.

    A suppressed message that is still queued is never sent; one under way or already accepted is left as it is. Of
    `runs`, None is forgotten.
    """

    entries: tuple[Entry, ...] = ()
    alerts: tuple[Alert, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    balances: Mapping[SystemId, Balance] = field(default_factory=dict)
    books: tuple[BookChange, ...] = ()
    runs: Mapping[HeartbeatId, Runs | None] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    suppressed: tuple[str, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    looks: tuple[Looks, ...] = ()
    acts: tuple[Act, ...] = ()
