"""What people and circumstances do to the clocks of an incident: pauses, starts that were set, warnings, as a fold.

A pause has a cause, and each cause stops some promises: whoever waits for a client is still bound to acknowledge. What
the clocks then show is for `sla`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from probes.catalog import ClientId
from probes.conduct import Tell


class Promise(StrEnum):
    """What is promised to a client in an incident."""

    DETECT = "detect"
    ACKNOWLEDGE = "acknowledge"
    FIRST_NOTICE = "first_notice"
    NEXT_UPDATE = "next_update"
    MITIGATE = "mitigate"
    REPAIR = "repair"


class PauseCause(StrEnum):
    """Why a clock stands still."""

    CLIENTS_TURN = "clients_turn"
    MAINTENANCE = "maintenance"
    VENDOR_CAUSED = "vendor_caused"
    CONTRACT_STATE = "contract_state"


WORK = frozenset({Promise.MITIGATE, Promise.REPAIR})
STOPPED_BY: Mapping[PauseCause, frozenset[Promise]] = {
    PauseCause.CLIENTS_TURN: WORK | {Promise.NEXT_UPDATE},
    PauseCause.MAINTENANCE: frozenset(Promise),
    PauseCause.VENDOR_CAUSED: WORK,
    PauseCause.CONTRACT_STATE: frozenset(Promise),
}
"""Which promises a cause stops. A vendor's fault does not free us from telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksPaused:
    """Clocks of clients stand still since an instant, which may lie before `at`.

    `key` tells apart several pauses with one cause: the name of a maintenance window, for example. `by` is None where
    it follows from what is configured or known.
    """

    at: datetime
    since: datetime
    clients: tuple[ClientId, ...]
    cause: PauseCause
    why: str
    key: str = ""
    by: str | None = None
    kind: Literal["clocks_paused"] = "clocks_paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksResumed:
    """A cause for which clocks of clients stood still ended at `until`; they run unless there is another cause."""

    at: datetime
    until: datetime
    clients: tuple[ClientId, ...]
    cause: PauseCause
    why: str
    key: str = ""
    by: str | None = None
    kind: Literal["clocks_resumed"] = "clocks_resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartSet:
    """Somebody said when it began for clients; without any, for all. What is counted from the onset is counted anew."""

    at: datetime
    start: datetime
    why: str
    by: str
    clients: tuple[ClientId, ...] = ()
    kind: Literal["start_set"] = "start_set"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisesWarned:
    """A share (0 to 1) of a promise's time has passed for clients; `turn` counts how often it was begun anew."""

    at: datetime
    promise: Promise
    share: float
    turn: int
    clients: tuple[ClientId, ...]
    due: datetime
    tell: Tell = Tell.NOBODY
    kind: Literal["promises_warned"] = "promises_warned"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisesCancelled:
    """Somebody said that a promise does not hold for clients in this incident; without a promise, none does."""

    at: datetime
    clients: tuple[ClientId, ...]
    why: str
    by: str
    promise: Promise | None = None
    kind: Literal["promises_cancelled"] = "promises_cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisesReset:
    """Somebody began the time of a promise anew for clients, from `at` on."""

    at: datetime
    clients: tuple[ClientId, ...]
    promise: Promise
    why: str
    by: str
    kind: Literal["promises_reset"] = "promises_reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mitigated:
    """Somebody said since when clients are no longer harmed, although what is wrong is not repaired."""

    at: datetime
    since: datetime
    why: str
    by: str
    kind: Literal["mitigated"] = "mitigated"


ClockEvent = ClocksPaused | ClocksResumed | StartSet | PromisesWarned | PromisesCancelled | PromisesReset


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A time in which clocks stand still for one cause; `until` is None while it goes on."""

    cause: PauseCause
    since: datetime
    why: str
    key: str = ""
    by: str | None = None
    until: datetime | None = None
    ended_by: str | None = None
    ended_why: str = ""

    @property
    def live(self) -> bool:
        """Whether it goes on."""
        return self.until is None

    def stops(self, promise: Promise) -> bool:
        """Return whether a promise stands still meanwhile."""
        return promise in STOPPED_BY[self.cause]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """What was done to the clocks of one client in one incident. `warned` are the warnings that were given."""

    pauses: tuple[Pause, ...] = ()
    start: StartSet | None = None
    warned: frozenset[tuple[Promise, float, int]] = frozenset()
    cancelled: tuple[PromisesCancelled, ...] = ()
    resets: tuple[PromisesReset, ...] = ()

    def holds(self, promise: Promise, at: datetime) -> Pause | None:
        """Return what a promise stands still for at an instant, None where nothing."""
        known = (one for one in self.pauses if one.stops(promise) and one.since <= at)
        return next((one for one in known if one.until is None or at < one.until), None)

    def cancels(self, promise: Promise) -> PromisesCancelled | None:
        """Return by what a promise was cancelled, None where it was not."""
        return next((one for one in self.cancelled if one.promise in (None, promise)), None)

    def reset(self, promise: Promise) -> PromisesReset | None:
        """Return what last began a promise's time anew, None where nothing did."""
        return next((one for one in reversed(self.resets) if one.promise is promise), None)


UNTOUCHED = Clocks()


def clocks_after(clocks: Clocks, event: ClockEvent) -> Clocks:
    """Return a client's clocks after an event. One that ends no pause, or begins one again, changes nothing."""
    match event:
        case ClocksPaused():
            return _paused(clocks, event)
        case ClocksResumed():
            return replace(clocks, pauses=tuple(_resumed(pause, event) for pause in clocks.pauses))
        case StartSet():
            return replace(clocks, start=event)
        case PromisesWarned():
            return replace(clocks, warned=clocks.warned | {(event.promise, event.share, event.turn)})
        case PromisesCancelled():
            return replace(clocks, cancelled=(*clocks.cancelled, event))
        case PromisesReset():
            return replace(clocks, resets=(*clocks.resets, event))


def clocks_of_both(one: Clocks, other: Clocks) -> Clocks:
    """Return what was done to the clocks of one client in two incidents that are one now."""
    if UNTOUCHED in (one, other):
        return other if one == UNTOUCHED else one
    starts = [clocks.start for clocks in (one, other) if clocks.start is not None]
    return Clocks(
        pauses=tuple(dict.fromkeys((*one.pauses, *other.pauses))),
        start=max(starts, key=lambda start: start.at, default=None),
        warned=one.warned | other.warned,
        cancelled=tuple(dict.fromkeys((*one.cancelled, *other.cancelled))),
        resets=tuple(sorted({*one.resets, *other.resets}, key=lambda reset: reset.at)),
    )


def _paused(clocks: Clocks, event: ClocksPaused) -> Clocks:
    if any(pause.live and _same(pause, event) for pause in clocks.pauses):
        return clocks
    fresh = Pause(cause=event.cause, since=event.since, why=event.why, key=event.key, by=event.by)
    return replace(clocks, pauses=(*clocks.pauses, fresh))


def _resumed(pause: Pause, event: ClocksResumed) -> Pause:
    if not pause.live or not _same(pause, event):
        return pause
    return replace(pause, until=max(pause.since, event.until), ended_by=event.by, ended_why=event.why)


def _same(pause: Pause, event: ClocksPaused | ClocksResumed) -> bool:
    return (pause.cause, pause.key) == (event.cause, event.key)
