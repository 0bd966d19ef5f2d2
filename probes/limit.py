"""A limit on failures: what a tier allows of one way in which records fail. Which ways there are is for `failing`."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLimit:
    """Of the records seen within `over`, no more than `at_most` and less than `below` (0 to 1) failed in one way.

    None limits nothing; one of the two is given.
    """

    over: timedelta
    at_most: int | None = None
    below: float | None = None
