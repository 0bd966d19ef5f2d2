"""Whether a promise of repair will be kept: what past incidents say, given how long this one has lasted already.

The estimate is Kaplan and Meier's (1958), on those past incidents that had lasted as long as this one has: what ended
on evidence counts in full, and what somebody ended by hand counts until then, for nobody saw its end. Few of a kind
say nothing: then those of a wider group are asked, and the sentence says so.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.correlate import system_of
from alerts.evaluate import span
from alerts.incident import Incident
from alerts.wording import kind_of

FEW = 5
"""Fewer past incidents than this say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """How long a past incident lasted, from its onset; `seen` says whether its end was seen in the data."""

    places: frozenset[str]
    kind: str
    took: timedelta
    seen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How probable it is that an incident is not over by an instant.

    `longer` of `known` past incidents of the group lasted longer; `unseen` of them have no known end. `few` are those
    of the nearest group, where they were too few to say anything.
    """

    probability: float
    group: str
    known: int
    longer: int
    unseen: int
    few: int | None
    left: timedelta

    @property
    def sentence(self) -> str:
        """What it says, in one sentence with its numbers."""
        text = (
            f"{self.longer} of {self.known} {self.group} that lasted as long as this one already "
            f"lasted longer than the {span(self.left)} that are left"
        )
        counted = f", so {self.probability:.0%} with {self.unseen} whose end nobody saw" if self.unseen else ""
        said = f" (of its own kind only {self.few} are known)" if self.few is not None else ""
        return f"{text}{counted}{said}"


def repair_of(incident: Incident) -> Repair | None:
    """Return what an incident adds to the past, None where it goes on or another one goes on with it."""
    if incident.resolved is None or incident.merged is not None:
        return None
    ends = [one.recovered for one in incident.impacts.values() if one.recovered is not None]
    end = max(ends, default=incident.resolved)
    return Repair(
        places=systems_in(incident.nodes),
        kind=kind_of(incident),
        took=max(timedelta(), end - incident.onset),
        seen=incident.resolved_by is None,
    )


def systems_in(nodes: Iterable[str]) -> frozenset[str]:
    """Return the systems among the places that explain an incident."""
    return frozenset(str(system) for node in nodes if (system := system_of(node)) is not None)


def survival(past: Sequence[Repair], until: timedelta) -> float:
    """Return the estimated share that lasts longer than a length of time, from at least one past incident."""
    left, at = 1.0, sorted({one.took for one in past if one.seen and one.took <= until})
    for length in at:
        standing = sum(one.took >= length for one in past)
        ended = sum(one.seen and one.took == length for one in past)
        left *= 1 - ended / standing
    return left


def forecast(past: Sequence[Repair], incident: Incident, due: datetime, now: datetime) -> Forecast | None:
    """Return how probable it is that an incident lasts beyond an instant; None where too little is known."""
    lasted, until = now - incident.onset, due - incident.onset
    few: int | None = None
    for group, members in _groups(past, incident):
        standing = [one for one in members if one.took > lasted]
        if len(standing) < FEW:
            few = len(standing) if few is None else few
            continue
        return Forecast(
            probability=survival(standing, until),
            group=group,
            known=len(standing),
            longer=sum(one.took > until for one in standing),
            unseen=sum(not one.seen for one in standing),
            few=few,
            left=due - now,
        )
    return None


def _groups(past: Sequence[Repair], incident: Incident) -> Iterator[tuple[str, list[Repair]]]:
    """Yield the groups of past incidents, the nearest first, each with its name."""
    places, kind = systems_in(incident.nodes), kind_of(incident)
    name = ", ".join(sorted(places)) or "the same place"
    there = [one for one in past if one.places & places]
    yield f"outages of {name}", [one for one in there if one.kind == kind]
    yield f"incidents of any kind of {name}", there
    yield "outages of this kind anywhere", [one for one in past if one.kind == kind]
    yield "incidents of any kind anywhere", list(past)
