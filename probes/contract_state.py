"""How a client's contract stands, from which day on: active, or in a state in which less is owed or nothing is.

A state counts from midnight of its day in the client's zone. What follows from a state is for the room above.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache

from whenever import Date, Time


class ContractState(StrEnum):
    """Whether a contract is in force. A client without any state has an active one."""

    ONBOARDING = "onboarding"
    ACTIVE = "active"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedState:
    """A state from a day on; None: it has always been so. `note` says why, for whoever reads it later."""

    state: ContractState
    since: date | None = None
    note: str = ""


ACTIVE = DatedState(state=ContractState.ACTIVE)
ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateNow:
    """How a contract stands at an instant: its state, since when and until when (None: for ever)."""

    dated: DatedState
    since: datetime | None = None
    until: datetime | None = None

    @property
    def state(self) -> ContractState:
        """The state."""
        return self.dated.state


def state_at(states: Iterable[DatedState], zone: str, now: datetime) -> StateNow:
    """Return how a contract stands at an instant; before the first of its states it is as that one."""
    dated = sorted(((_begin(one.since, zone), one) for one in states), key=lambda pair: pair[0])
    if not dated:
        return StateNow(dated=ACTIVE)
    begun = [pair for pair in dated if pair[0] <= now]
    since, state = begun[-1] if begun else dated[0]
    later = (begin for begin, _ in dated if begin > now and begin != since)
    return StateNow(dated=state, since=since if begun and since > ALWAYS else None, until=min(later, default=None))


@lru_cache(maxsize=16384)
def _begin(since: date | None, zone: str) -> datetime:
    """Return the midnight that a day begins with; it is asked for each hurt client in every pass."""
    if since is None:
        return ALWAYS
    day = Date(since.year, since.month, since.day)
    return day.at(Time()).assume_tz(zone, disambiguation="compatible").to_instant().to_stdlib()


def states_between(states: Iterable[DatedState], zone: str, begin: datetime, end: datetime) -> Iterator[StateNow]:
    """Yield how a contract stands from one instant to another, one state after the other."""
    known, at = tuple(states), begin
    while True:
        now = state_at(known, zone, at)
        yield now
        if now.until is None or now.until > end:
            return
        at = now.until
