"""What is kept out of the promises: the looks at a system in one window of maintenance, with the cause, counted apart.

Such a look moves alerts as any other does; it only counts for no share, no budget and no target.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.maintenance import Party, Window, WindowId, current, excluding
from alerts.recurrence import Span
from probes.catalog import Catalog, SystemId
from probes.failure import Outcome
from probes.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """The looks at one system in one span of a window, good and bad, that count for nothing; and why."""

    system: SystemId
    window: WindowId
    title: str
    party: Party
    begins: datetime
    ends: datetime
    good: int = 0
    bad: int = 0

    @property
    def key(self) -> str:
        """By which it is kept."""
        return f"{self.system}/{self.window}/{self.begins:%Y-%m-%dT%H:%M:%S}"


def excluded(
    observation: Observation,
    windows: tuple[Window, ...],
    known: Mapping[str, Exclusion],
    catalog: Catalog,
) -> Exclusion | None:
    """Return what a look is excluded by, with the look counted in it; None where it counts for the promises."""
    if not windows or observation.outcome not in (Outcome.GOOD, Outcome.BAD):
        return None
    at = observation.answered
    window = excluding(windows, observation.system, catalog, at)
    span = current(window, at) if window is not None else None
    if window is None or span is None:
        return None
    fresh = _begun(observation.system, window, span)
    one = known.get(fresh.key, fresh)
    if observation.confirming:
        return one
    bad = observation.outcome is Outcome.BAD
    return replace(one, ends=span.ends, good=one.good + (not bad), bad=one.bad + bad)


def _begun(system: SystemId, window: Window, span: Span) -> Exclusion:
    return Exclusion(
        system=system,
        window=window.id,
        title=window.title,
        party=window.party,
        begins=span.begins,
        ends=span.ends,
    )
