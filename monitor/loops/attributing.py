"""Tells our own network's trouble from a vendor's before anybody is paged, and asks a vendor's other accounts.

What the comparison means is `probes.attribution`'s to say; here the hosts are tried, and the looks brought forward.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from alerts.alert import AlertKey, AlertKind
from monitor.situation import Sight, Situation
from probes.adapters.reach import Reach
from probes.attribution import MOST, UNANSWERED, Host, hosts_beside, ours, siblings
from probes.catalog import SystemId
from probes.failure import FailureClass, outcome_of
from probes.observation import Observation


class Attributing:
    """Looks beside a failed look: at other hosts, by `reach` where there is one, and at other accounts."""

    def __init__(self, situation: Callable[[], Situation]) -> None:
        self._situation = situation
        self.reach: Reach | None = None

    async def attributed(self, observation: Observation) -> Observation:
        """Return a look that had no answer as our own failure where no other host can be reached either."""
        if self.reach is None or observation.failure not in UNANSWERED or self._known(observation.system):
            return observation
        tried: dict[Host, bool] = {}
        for host in hosts_beside(self._situation().config.catalog, observation.system):
            tried[host] = await self.reach(host)
            if tried[host]:
                return observation
        return _our_own(observation, tried) if ours(tried) else observation

    def ask_beside(self, system: SystemId, now: datetime) -> None:
        """Bring looks at the vendor's other accounts forward, one for each: they tell whose trouble it is."""
        situation = self._situation()
        for other in siblings(situation.config.catalog, system)[:MOST]:
            sight = next((one for one in situation.sights.values() if one.probe.system == other), None)
            if sight is not None and _may_come_forward(sight):
                sight.next_due = min(sight.next_due, now)

    def _known(self, system: SystemId) -> bool:
        """Whether a failure of the system is on record already, and no longer a question."""
        known = self._situation().alerts.get(str(AlertKey(kind=AlertKind.AVAILABILITY, subject=system)))
        return known is not None and known.active


def _may_come_forward(sight: Sight) -> bool:
    return not (sight.under_way or sight.burst or sight.held or sight.throttled_since)


def _our_own(observation: Observation, tried: dict[Host, bool]) -> Observation:
    hosts = ", ".join(str(host) for host in tried)
    return replace(
        observation,
        failure=FailureClass.EGRESS,
        outcome=outcome_of(FailureClass.EGRESS),
        reason=f"our own network: {hosts} cannot be reached either ({observation.reason})",
    )
