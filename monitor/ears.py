"""Who wants to know what the desk has decided and stored."""

from typing import Protocol

from alerts.weigh import Assessment
from monitor.changes import Changes
from probes.catalog import SystemId
from probes.observation import Observation


class Ears(Protocol):
    """Who wants to know what was decided: telemetry, the pages, the other ticks."""

    def looked(self, observation: Observation, assessment: Assessment, late: int) -> None:
        """Hear of a look that was stored; `late` of its records a naive cursor would have lost."""

    def told(self, system: SystemId, assessment: Assessment) -> None:
        """Hear of a webhook that was stored."""

    def stored(self, changes: Changes) -> None:
        """Hear of changes that were stored."""

    def unwritable(self, reason: str) -> None:
        """Hear that the store could not be written."""
