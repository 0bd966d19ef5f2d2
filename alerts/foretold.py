"""What each client has been told of each span of maintenance: when it was to be, and what has become of that.

It stands beside the windows, not in them: a window that vanishes leaves behind who was told of it, so that they can be
told that it does not take place. What is due to be told is for `forewarn`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from alerts.maintenance import WindowId
from alerts.message import Stage
from probes.catalog import ClientId

KEPT = timedelta(days=62)
"""How long it is remembered what was told of a maintenance that is over: two months, for what is reported of one."""


class PlanState(StrEnum):
    """How a maintenance stands that a client was told of."""

    PLANNED = "planned"
    ON = "on"
    OVER = "over"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What one client has been told of one span of a window, and in what order it was.

    `first` is when it was first said to begin, `begins` and `ends` are what was said last. `sequence` grows with each
    new time and with the cancellation, as in a calendar. `begun` is when it was told that it has begun, `overran` that
    it was not over in time. `work` is what was said of what is done. `told` lists the stages, each with its instant.
    """

    window: WindowId
    client: ClientId
    first: datetime
    begins: datetime
    ends: datetime
    work: str = ""
    sequence: int = 0
    told: tuple[tuple[Stage, datetime], ...] = ()
    former: tuple[datetime, datetime] | None = None
    reminded: bool = False
    begun: datetime | None = None
    overran: datetime | None = None

    @property
    def key(self) -> str:
        """By which it is kept."""
        return told_key(self.window, self.first, self.client)

    @property
    def number(self) -> str:
        """What its reader may refer to; made from the window's name, which is not for clients, and not telling it."""
        return number_of(self.window, self.first)

    @property
    def stage(self) -> Stage:
        """What was told last."""
        return self.told[-1][0]

    @property
    def open(self) -> bool:
        """Whether more is to be told."""
        return not self.stage.closes

    @property
    def state(self) -> PlanState:
        """How it stands."""
        if self.stage is Stage.CANCELLED:
            return PlanState.CANCELLED
        if self.stage is Stage.COMPLETED:
            return PlanState.OVER
        return PlanState.ON if self.begun is not None else PlanState.PLANNED


def told_key(window: WindowId, first: datetime, client: ClientId) -> str:
    """Return the key of what a client was told of the span of a window that was first said to begin at an instant."""
    return f"{window}@{first:%Y%m%dT%H%M%SZ}/{client}"


def number_of(window: WindowId, first: datetime) -> str:
    """Return the number of a span of a window, the same for every client."""
    return f"M-{sha256(f'{window}@{first:%Y%m%dT%H%M%SZ}'.encode()).hexdigest()[:8].upper()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A span of maintenance as a calendar shows it to the one client that was told of it.

    `uid` and `sequence` are those of RFC 5545: the same `uid` whatever becomes of it, a higher `sequence` when its
    times change or it is cancelled. `work` is what was said of what is done. `changed` is when it was last told of.
    """

    uid: str
    number: str
    sequence: int
    state: PlanState
    begins: datetime
    ends: datetime
    work: str
    announced: datetime
    changed: datetime
    told: tuple[tuple[Stage, datetime], ...]
    overran: bool


def appointments(foretold: Iterable[Foretold], client: ClientId) -> tuple[Appointment, ...]:
    """Return what a client was told of maintenance, what was cancelled too, in the order of its beginnings."""
    own = sorted((one for one in foretold if one.client == client), key=lambda one: (one.begins, one.key))
    return tuple(
        Appointment(
            uid=f"maint-{one.number.removeprefix('M-').lower()}",
            number=one.number,
            sequence=one.sequence,
            state=one.state,
            begins=one.begins,
            ends=one.ends,
            work=one.work,
            announced=one.told[0][1],
            changed=one.told[-1][1],
            told=one.told,
            overran=one.overran is not None,
        )
        for one in own
    )


def outlived(foretold: Mapping[str, Foretold], now: datetime) -> Iterator[str]:
    """Yield the keys of what need not be remembered any more."""
    for key, one in foretold.items():
        if not one.open and max(one.ends, one.told[-1][1]) < now - KEPT:
            yield key
