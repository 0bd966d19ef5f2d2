"""Within what time a problem is certain to be found, and how many looks a promised availability takes to be shown.

Arithmetic on intervals. Which intervals are kept is for `plan`, which promises they must serve for `promise`.
"""

import math
from datetime import timedelta

from probes.cusum import SHORTEST_ROW
from probes.schedule import APART, JITTER

TIMEOUT = timedelta(seconds=10)
"""How long a request may go unanswered before that is a failure."""

LONGEST_GAP = 1 + 2 * JITTER
"""Two looks of one grid are at most so many intervals apart: the first early, the second late."""

CONFIDENCE = 0.95


def confirming(row: int = SHORTEST_ROW) -> timedelta:
    """Return how long it takes from the first look at a failure to the alarm, where every answer keeps us waiting.

    It takes a row of failed looks, 3 of them unless the fleet is so large that chance would give as many too often.
    """
    return row * TIMEOUT + 2 * APART


def detection_bound(interval: timedelta, row: int = SHORTEST_ROW) -> timedelta:
    """Return within what time an outage is certain to be found by looks at an interval, also if every answer hangs.

    It begins just after a good look, is seen at the next one a gap later, and confirmed by looks that each time out.
    """
    return interval * LONGEST_GAP + confirming(row)


def interval_within(bound: timedelta) -> timedelta:
    """Return the interval whose detection bound that is; zero or less where no interval can keep it."""
    return (bound - confirming()) / LONGEST_GAP


def looks_needed(target: float) -> float:
    """Return how many looks in a row must be good to show a share of good looks with 95 % confidence.

    The rule of three in its exact form, ln 0.05 / ln target; infinite for a target of 1, which nothing can show.
    """
    return math.inf if target >= 1 else math.ceil(math.log(1 - CONFIDENCE) / math.log(target))
