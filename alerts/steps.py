"""What happens to an incident's escalation besides pages and acknowledgements, as events in the past tense.

They are part of the incident's `timeline`; what they do to how it stands is for `standing` and `fold`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from alerts.concern import Concern
from alerts.escalation import Policy
from alerts.oncall import Person


class StepCause(StrEnum):
    """Why the next step is due at another instant than it was, or is another one."""

    OUT_OF_HOURS = "out_of_hours"
    PASSED_OVER = "passed_over"
    LAPSED = "lapsed"
    HELD_ON = "held_on"
    PAUSE_OVER = "pause_over"
    FORECAST = "forecast"
    UNDELIVERED = "undelivered"
    CLOCK_PUT_BACK = "clock_put_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMoved:
    """The next step is `step`, and due at `next_due`; `why` is for people."""

    at: datetime
    step: int
    next_due: datetime
    cause: StepCause
    why: str
    kind: Literal["step_moved"] = "step_moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTaken:
    """A worse kind of failure than before showed, and another policy pages for it from now on."""

    at: datetime
    concern: Concern
    policy: Policy
    why: str = ""
    kind: Literal["policy_taken"] = "policy_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersPaged:
    """The owners of a kind of failure that is not the worst one were told of it, once."""

    at: datetime
    concern: Concern
    people: tuple[Person, ...]
    kind: Literal["owners_paged"] = "owners_paged"


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPaused:
    """Somebody put the next step off until an instant, and said why."""

    at: datetime
    by: str
    until: datetime
    why: str
    kind: Literal["escalation_paused"] = "escalation_paused"
