"""What one pass wants written, as one value: facts, decisions and the messages they cause, in one transaction.

The store writes all of it or nothing. Nothing in memory is changed before it has been written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import reduce
from itertools import chain
from typing import Any

from alerts.alert import Alert, IncidentId
from alerts.apart import Undecided
from alerts.canary import Canary
from alerts.contact_mark import ContactMark
from alerts.conversation import Conversation
from alerts.dunning import DunningHold
from alerts.exclusion import Exclusion
from alerts.foretold import Foretold
from alerts.handover import Handed
from alerts.maintenance import Window, WindowId
from alerts.message import Message
from alerts.notice_draft import DraftId, NoticeDraft
from alerts.override import Override, OverrideId
from alerts.page_key import PageKey
from alerts.published import CalendarLink, Published
from alerts.rota import Rota
from alerts.settlement import Settlement
from alerts.silence import Silence, SilenceId
from alerts.timeline import Event
from alerts.uptime import HourCount
from probes.announced import Announcement, Fate, Reception
from probes.budget import Balance
from probes.catalog import FlowId, ProbeId, SecretRef, SystemId
from probes.cursor import Cursor
from probes.feed import Feed, Habit
from probes.heartbeat import HeartbeatId, Runs
from probes.reconcile import Sample
from probes.rhythm import Baseline
from probes.sli import Indicator
from probes.sync import joined
from probes.tracked import BookChange
from probes.upkeep import Upkeep


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an incident's timeline; `sequence` counts from 1 and is unique within the incident."""

    incident: IncidentId
    sequence: int
    event: Event


COUNTS = ("good", "bad", "unknown", "excluded_good", "excluded_bad")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardEvent:
    """An event of a system's webhooks, as it is remembered so that it counts once."""

    system: SystemId
    id: str
    at: datetime


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

    A suppressed message that is still queued is never sent; one under way or already accepted is left as it is. The
    same holds for those that are `folded`, each into a digest by its key. Of what is kept under a key, None is
    forgotten. `fates` are not kept: they tell what `announcements` came to. Nor is `undecided`: the next process finds
    out for itself.
    """

    entries: tuple[Entry, ...] = ()
    alerts: tuple[Alert, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    cursors: tuple[Cursor, ...] = ()
    balances: Mapping[SystemId, Balance] = field(default_factory=dict)
    books: tuple[BookChange, ...] = ()
    runs: Mapping[HeartbeatId, Runs | None] = field(default_factory=dict)
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    samples: Mapping[FlowId, Sample] = field(default_factory=dict)
    upkeep: Mapping[SystemId, Upkeep] = field(default_factory=dict)
    feeds: Mapping[ProbeId, Feed] = field(default_factory=dict)
    habits: Mapping[ProbeId, Habit] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    suppressed: tuple[str, ...] = ()
    folded: Mapping[str, str] = field(default_factory=dict)
    settlements: tuple[Settlement, ...] = ()
    looks: tuple[HourCount, ...] = ()
    acts: tuple[Act, ...] = ()
    events: tuple[HeardEvent, ...] = ()
    receptions: Mapping[SystemId, Reception] = field(default_factory=dict)
    announcements: Mapping[str, Announcement | None] = field(default_factory=dict)
    fates: tuple[Fate, ...] = ()
    silences: Mapping[SilenceId, Silence | None] = field(default_factory=dict)
    windows: Mapping[WindowId, Window | None] = field(default_factory=dict)
    overrides: Mapping[OverrideId, Override | None] = field(default_factory=dict)
    rotas: Mapping[str, Rota | None] = field(default_factory=dict)
    handed: Mapping[str, Handed | None] = field(default_factory=dict)
    published: Mapping[str, Published | None] = field(default_factory=dict)
    calendar_links: Mapping[str, CalendarLink | None] = field(default_factory=dict)
    exclusions: Mapping[str, Exclusion | None] = field(default_factory=dict)
    foretold: Mapping[str, Foretold | None] = field(default_factory=dict)
    dunning: Mapping[str, DunningHold | None] = field(default_factory=dict)
    contact_marks: Mapping[str, ContactMark | None] = field(default_factory=dict)
    conversations: Mapping[str, Conversation | None] = field(default_factory=dict)
    canaries: Mapping[SecretRef, Canary | None] = field(default_factory=dict)
    undecided: Mapping[str, Undecided | None] = field(default_factory=dict)
    page_keys: Mapping[str, PageKey | None] = field(default_factory=dict)
    notice_drafts: Mapping[DraftId, NoticeDraft | None] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not any(getattr(self, name) for name in self.__slots__)


LATEST: Mapping[str, Callable[[Any], Any]] = {
    "alerts": lambda alert: alert.key,
    "indicators": lambda indicator: indicator.key,
    "cursors": lambda cursor: cursor.probe,
}
"""Of what is kept as it now is, by what only the latest counts."""


def together(several: Sequence[Changes]) -> Changes:
    """Return several changes, each made on top of those before it, as one."""
    if len(several) == 1:
        return several[0]
    return Changes(
        **{one.name: _joined(one.name, [getattr(each, one.name) for each in several]) for one in fields(Changes)}
    )


def _joined(name: str, values: Sequence[Any]) -> Any:  # noqa: ANN401 - whatever type the attribute has
    if isinstance(values[0], Mapping):
        return {key: one for value in values for key, one in value.items()}
    listed = chain.from_iterable(values)
    if name in SUMMED:
        return SUMMED[name](listed)
    return tuple({LATEST[name](one): one for one in listed}.values()) if name in LATEST else tuple(listed)


def _books(changes: Iterable[BookChange]) -> tuple[BookChange, ...]:
    of_flow: dict[FlowId, list[BookChange]] = {}
    for change in changes:
        of_flow.setdefault(change.flow, []).append(change)
    return tuple(reduce(joined, one) for one in of_flow.values())


def _looks(several: Iterable[HourCount]) -> tuple[HourCount, ...]:
    of_hour: dict[tuple[SystemId, datetime], HourCount] = {}
    for one in several:
        known = of_hour.get((one.system, one.hour))
        of_hour[one.system, one.hour] = one if known is None else _sum(known, one)
    return tuple(of_hour.values())


def _sum(one: HourCount, other: HourCount) -> HourCount:
    sums = {name: getattr(one, name) + getattr(other, name) for name in COUNTS}
    return HourCount(system=one.system, hour=one.hour, **sums)


SUMMED: Mapping[str, Callable[[Iterable[Any]], tuple[Any, ...]]] = {"books": _books, "looks": _looks}
"""What adds up."""
