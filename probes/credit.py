"""What a client gets back for a month in which promises were broken: steps of credits, as a contract lists them.

What the month came to is for the room above.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditStep:
    """A share (0 to 1) of the month's price that is given back from here on. Exactly one of the conditions is set.

    `below` is an availability (0 to 1) that was not reached, `breaches` a count of broken promises, `breach_time` the
    time for which promises were broken.
    """

    credit: float
    below: float | None = None
    breaches: int | None = None
    breach_time: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What a month has come to for a client: its availability (0 to 1), and its broken promises."""

    availability: float
    breaches: int
    breach_time: timedelta


def reached(step: CreditStep, month: Month) -> bool:
    """Return whether a month has come to a step."""
    if step.below is not None:
        return month.availability < step.below
    if step.breaches is not None:
        return month.breaches >= step.breaches
    return step.breach_time is not None and month.breach_time >= step.breach_time


def credit(steps: Iterable[CreditStep], month: Month) -> CreditStep | None:
    """Return the step with the highest credit that a month has come to, None where it has come to none."""
    return max((step for step in steps if reached(step, month)), key=lambda step: step.credit, default=None)
