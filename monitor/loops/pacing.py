"""How far apart the looks at each system are while it runs: the plan, with what was learned of quotas and of ourselves.

The arithmetic is `probes.plan`'s. An interval moves only where the difference is noticeable, for each move shifts the
probe's grid; and nothing is reckoned again while its reasons are the same to two digits.
"""

from collections import Counter
from datetime import datetime, timedelta

from alerts.incident import Incident
from monitor.loops.quotas import Quotas
from monitor.situation import Sight, Situation
from probes.capacity import Capacity, Window, borne, learned
from probes.catalog import Catalog, FlowId, ProbeId, SystemId
from probes.plan import Experience, Want, paced
from probes.schedule import next_due

NOTICEABLE = 0.1
COUNTED_EVERY = timedelta(hours=1)
WINDOW = timedelta(seconds=2)
"""Over how long it is counted how many looks begin, and how late."""


class Pacing:
    """Sets the intervals of the sights."""

    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas
        self._incidents: Counter[ProbeId] = Counter()
        self._counted: datetime | None = None
        self._reasons: dict[SystemId, tuple[tuple[Want, ...], list[str]]] = {}
        self.capacity = Capacity()
        self._spread: float | None = None
        self._planned: object = None
        self._began: datetime | None = None
        self._begun: list[timedelta] = []

    def begun(self, late: timedelta) -> None:
        """Note that a look begins, so long after it was due."""
        self._begun.append(late)

    def watch(self, situation: Situation, seed: int, now: datetime) -> None:
        """Learn what we manage once a window is over; where that has changed noticeably, plan all looks by it."""
        if self._began is None or not timedelta() <= now - self._began < 10 * WINDOW:
            self._began, self._begun = now, []  # at the start, and after a pause that was not the looks'
        if now - self._began < WINDOW:
            return
        window = Window(span=now - self._began, looks=len(self._begun), late=sum(self._begun, timedelta()))
        self._began, self._begun = now, []
        sights = situation.sights.values()
        wanted = sum(1 / (sight.bearable or sight.interval).total_seconds() for sight in sights)
        self.capacity = learned(self.capacity, window, wanted)
        if _differs(self.capacity.looks, self._spread) or situation.wants is not self._planned:
            self._spread, self._planned = self.capacity.looks, situation.wants
            self._bear(situation, seed, now)

    def _bear(self, situation: Situation, seed: int, now: datetime) -> None:
        """Set every interval by what we manage ourselves, beside what the quotas bear."""
        sights = situation.sights
        wants = [want for some in situation.wants.values() for want in some if want.probe.id in sights]
        quotas = {probe: sight.bearable or sight.interval for probe, sight in sights.items()}
        ours = borne(wants, quotas, self._spread) if self._spread is not None else {}
        for probe, sight in sights.items():
            sight.bearable = quotas[probe] if probe in ours else None
            if sight.interval != (length := ours.get(probe, quotas[probe])):
                _set(sight, length, seed, now)

    def renew(self, situation: Situation, system: SystemId, seed: int, now: datetime) -> None:
        """Set the intervals of one system's sights by what its quota sustains now."""
        wants = situation.wants.get(system, ())
        sustained, experience = self._quotas.sustained(system), self._experience(situation, wants, now)
        reasons = [f"{sustained:.2g}", *(f"{seen.cost:.2g} {seen.incidents}" for seen in experience.values())]
        known = self._reasons.get(system)
        if known is not None and known[0] is wants and known[1] == reasons:
            return
        self._reasons[system] = wants, reasons
        lengths = paced(wants, sustained, experience)
        for want in wants:
            sight = situation.sights.get(want.probe.id)
            if sight is not None and _noticeable(sight.bearable or sight.interval, lengths[want.probe.id], want):
                _pace(sight, lengths[want.probe.id], seed, now)

    def _experience(self, situation: Situation, wants: tuple[Want, ...], now: datetime) -> dict[ProbeId, Experience]:
        if self._counted is None or now - self._counted >= COUNTED_EVERY:
            self._counted, self._incidents = now, incidents_by_probe(situation)
        probes = (want.probe.id for want in wants)
        known = {probe: situation.sights[probe] for probe in probes if probe in situation.sights}
        return {
            probe: Experience(cost=sight.cost, incidents=1 + self._incidents[probe]) for probe, sight in known.items()
        }


def incidents_by_probe(situation: Situation) -> Counter[ProbeId]:
    """Return how many of the incidents that are remembered each probe could have seen first."""
    seers: dict[str, set[ProbeId]] = {}
    for wants in situation.wants.values():
        for want in wants:
            for subject in (want.probe.system, *_flows_over(situation.config.catalog, want)):
                seers.setdefault(subject, set()).add(want.probe.id)
    return Counter(probe for incident in situation.incidents.values() for probe in _seers(incident, seers))


def _flows_over(catalog: Catalog, want: Want) -> list[FlowId]:
    here = (want.probe.system, want.probe.resource)
    flows = catalog.flows_of(want.probe.system)
    return [
        flow.id for flow in flows if here in {(end.system, end.resource) for end in (flow.source, flow.destination)}
    ]


def _seers(incident: Incident, seers: dict[str, set[ProbeId]]) -> set[ProbeId]:
    """The probes whose looks show the systems and flows that an incident's alerts are about."""
    subjects = {key.split("/")[1] for key in incident.alerts}
    return set[ProbeId]().union(*(seers.get(subject, set()) for subject in subjects))


def _noticeable(before: timedelta, after: timedelta, want: Want) -> bool:
    return before != after and (after == want.wanted or abs(after / before - 1) > NOTICEABLE)


def _differs(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is not other
    return abs(one / other - 1) > NOTICEABLE


def _pace(sight: Sight, interval: timedelta, seed: int, now: datetime) -> None:
    """Set what the quota bears; where we bear less ourselves, that stays as it is."""
    if sight.bearable is not None and sight.interval > interval:
        sight.bearable = interval
    else:
        sight.bearable = None
        _set(sight, interval, seed, now)


def _set(sight: Sight, interval: timedelta, seed: int, now: datetime) -> None:
    sight.interval = interval
    if not sight.under_way and not sight.burst:
        sight.next_due = min(sight.next_due, next_due(sight.probe.id, interval, seed, now))
