"""A story: what happens in the world while Tierwatch watches. Values only; whatever no story tells of is in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from alerts.alert import IncidentId
from alerts.clocks import PauseCause
from alerts.maintenance import Window
from alerts.matcher import Matcher
from alerts.orders import Order
from alerts.posting import SwapTurn, Wish
from probes.catalog import ClientId, FlowId, SystemId
from probes.failure import FailureClass
from probes.heartbeat import HeartbeatId

FOREVER = datetime.max.replace(tzinfo=UTC)
"""The end of what does not end within a story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when to when something is so; it begins at `start` and is over at `end`."""

    start: datetime
    end: datetime = FOREVER

    def holds(self, at: datetime) -> bool:
        """Return whether it is so at an instant."""
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A `share` (0 to 1) of the looks at a system fails; what cannot arrive meanwhile does within `catches_up`."""

    system: SystemId
    span: Span
    failure: FailureClass
    share: float = 1.0
    catches_up: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowness:
    """A system takes so long to answer."""

    system: SystemId
    span: Span
    takes: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Nothing travels on a flow; what waits arrives within `catches_up` of the end. Of all clients, or of some."""

    flow: FlowId
    span: Span
    catches_up: timedelta
    clients: frozenset[ClientId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Each of the clients has a record `every` so long, which arrives when it `takes` so long, unless it is stopped."""

    flow: FlowId
    clients: tuple[ClientId, ...]
    span: Span
    every: timedelta
    takes: timedelta


class Saying(StrEnum):
    """What a run tells of itself that does not succeed."""

    NOTHING = "nothing"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The runs of a heartbeat that are to begin in a span do not succeed."""

    heartbeat: HeartbeatId
    span: Span
    says: Saying


class Deed(StrEnum):
    """What a person does at an instant."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    PAUSE = "pause"
    MERGE = "merge"
    SPLIT = "split"
    REASSIGN = "reassign"
    SEVERITY = "severity"
    REOPEN = "reopen"
    PAUSE_CLOCKS = "pause_clocks"
    RESUME_CLOCKS = "resume_clocks"
    MITIGATED = "mitigated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A person does something; about the newest open incident where none is named, or the newest that is over.

    `until` is how long it holds, `since` from when on it is so where not from now on. An `order` is about no incident
    yet. `clients` are those whose clocks are meant, without any all, and `cause` is why those stand still.
    """

    at: datetime
    by: str
    does: Deed
    incident: IncidentId | None = None
    why: str = ""
    until: datetime | None = None
    since: datetime | None = None
    order: Order | None = None
    clients: tuple[ClientId, ...] = ()
    cause: PauseCause = PauseCause.CLIENTS_TURN


@dataclass(frozen=True, slots=True, kw_only=True)
class Overriding:
    """A person posts an override at an instant."""

    at: datetime
    wish: Wish

    @property
    def by(self) -> str:
        """Who posts it."""
        return self.wish.by


@dataclass(frozen=True, slots=True, kw_only=True)
class Swapping:
    """A person has two turns swapped at an instant."""

    at: datetime
    schedule: str
    turns: tuple[SwapTurn, SwapTurn]
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """A person acknowledges so long after a page; None: never by themselves."""

    person: str
    acknowledges: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Silencing:
    """A person silences alerts with these labels, at the beginning of a span and until its end."""

    by: str
    span: Span
    matchers: tuple[Matcher, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """An alert of somebody else's rules, sent to us `every` so long while it goes on, and once more when it is over."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    span: Span
    every: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happens from `start` to `end`. Times are told in `zone`.

    The `windows` of maintenance are set when the story begins.
    """

    title: str
    zone: str
    start: datetime
    end: datetime
    traffic: tuple[Traffic, ...] = ()
    failing: tuple[Trouble, ...] = ()
    slow: tuple[Slowness, ...] = ()
    stopped: tuple[Stop, ...] = ()
    missed: tuple[Missed, ...] = ()
    acts: tuple[Act, ...] = ()
    habits: tuple[Habit, ...] = ()
    silences: tuple[Silencing, ...] = ()
    windows: tuple[Window, ...] = ()
    overrides: tuple[Overriding, ...] = ()
    swaps: tuple[Swapping, ...] = ()
    reported: tuple[Reporting, ...] = ()
