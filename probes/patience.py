"""How long a flow may stand still: the limits that the configuration sets to what `stagnation` reckons."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Stagnation:
    """How long nothing may arrive on a flow while records wait: never an alert before, always one after so long."""

    at_least: timedelta = timedelta(minutes=1)
    at_most: timedelta = timedelta(hours=4)
