"""Why somebody was not told: one cause that kept a message back, as it stands in a timeline and on the pages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
