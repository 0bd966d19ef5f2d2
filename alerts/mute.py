"""Why somebody was not told, as it stands in a timeline: what kept a message back, or who waived it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from probes.catalog import ClientId


class MuteCause(StrEnum):
    """What keeps messages back."""

    SILENCE = "silence"
    MAINTENANCE = "maintenance"
    CONTRACT = "contract"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """One cause. `by` names the silence, the window or the client's state, `until` is when it ends (None: open)."""

    cause: MuteCause
    by: str
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBack:
    """A page was due, or notices to clients were, and something keeps them back until it no longer does."""

    at: datetime
    mutes: tuple[Mute, ...]
    pages: bool = False
    clients: tuple[ClientId, ...] = ()
    kind: Literal["kept_back"] = "kept_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtsWaived:
    """Somebody said that who was told of the beginning and could not be told the end need not be told any more."""

    at: datetime
    by: str
    why: str
    kind: Literal["debts_waived"] = "debts_waived"
