"""How long it took to detect, acknowledge, tell, mitigate and repair, and how many promises were kept, by anything.

A fold over incidents that are over. Where the truth is an interval, so is the figure: an onset lies between the last
good look and the first bad one. Each client that was hurt counts once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.clocks import Promise
from alerts.impact import Impact, lasted
from alerts.incident import Incident
from alerts.reckoning import counted, target_of, terms_at
from alerts.spans import first_acknowledgement, mitigated_at, onset_of, spans_of
from alerts.wording import kind_of


class Phase(StrEnum):
    """A part of how long it took: each is counted from the onset, but for acknowledgement, which is from the page."""

    DETECT = "detect"
    PAGE = "page"
    ACKNOWLEDGE = "acknowledge"
    NOTIFY = "notify"
    MITIGATE = "mitigate"
    REPAIR = "repair"


class Dimension(StrEnum):
    """By what figures are told apart."""

    TIER = "tier"
    CLIENT = "client"
    SYSTEM = "system"
    CAUSE = "cause"
    OWNER = "owner"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How long something took: at least, and at most, where the data leaves an interval."""

    least: timedelta
    most: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One client in one incident that is over: how long each part took, and which promises were kept.

    Of each promise, how many were kept and how many were made.
    """

    incident: Incident
    impact: Impact
    phases: Mapping[Phase, Took]
    kept: Mapping[Promise, tuple[int, int]] = field(default_factory=dict)


def cases(incidents: Iterable[Incident], uncertain: Callable[[Incident, Impact], timedelta]) -> Iterator[Case]:
    """Yield each client of each incident that is over and was not merged into another.

    `uncertain` says how long before its onset a client may have been hurt already.
    """
    for incident in incidents:
        if not incident.open and incident.merged is None:
            for impact in incident.hurt:
                phases = dict(_phases(incident, impact, uncertain(incident, impact)))
                yield Case(incident=incident, impact=impact, phases=phases, kept=dict(_kept(incident, impact)))


def _phases(incident: Incident, impact: Impact, uncertain: timedelta) -> Iterator[tuple[Phase, Took]]:
    onset, first = onset_of(impact), incident.spells[0] if incident.spells else None
    doubt = timedelta() if impact.clocks.start is not None else uncertain
    paged = (first.paged if first is not None else None) or incident.first_paged
    taken = first_acknowledgement(incident, impact)
    told = min(impact.told.values(), default=None)
    yield from _one(Phase.DETECT, onset, impact.joined, doubt)
    yield from _one(Phase.PAGE, onset, None if paged is None else max(paged, impact.joined), doubt)
    if taken is not None:
        yield from _one(Phase.ACKNOWLEDGE, *taken, timedelta())
    yield from _one(Phase.NOTIFY, onset, told, doubt)
    yield from _one(Phase.MITIGATE, onset, mitigated_at(incident), doubt)
    end = impact.recovered or incident.resolved
    if end is not None:
        spells = impact.spells if impact.clocks.start is None else ()
        took = lasted(spells, end) if spells else max(timedelta(), end - onset)
        yield Phase.REPAIR, Took(least=took, most=took + doubt)


def _one(phase: Phase, start: datetime, end: datetime | None, doubt: timedelta) -> Iterator[tuple[Phase, Took]]:
    if end is not None:
        took = max(timedelta(), end - start)
        yield phase, Took(least=took, most=took + doubt)


def _kept(incident: Incident, impact: Impact) -> Iterator[tuple[Promise, tuple[int, int]]]:
    """Yield how many promises of each kind were kept, and how many were made."""
    for promise in Promise:
        if impact.clocks.cancels(promise) is not None:
            continue
        kept = made = 0
        for run in spans_of(incident, impact, promise):
            end = run.stopped or incident.resolved
            target = target_of(terms_at(impact, end), promise) if end is not None else None
            if end is not None and target is not None:
                made += 1
                kept += counted(impact, promise, run.start, max(run.start, end)) <= target
        if made:
            yield promise, (kept, made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The mean of how long a part took, at least and at most, and the longest; `number` is of how many."""

    number: int
    least: timedelta
    most: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is reported of one tier, client, system, cause, owner or month."""

    name: str
    incidents: int
    cases: int
    figures: Mapping[Phase, Figure]
    kept: Mapping[Promise, tuple[int, int]]


def report(found: Iterable[Case], by: Dimension | None) -> tuple[Line, ...]:
    """Return what cases come to, told apart by a dimension and ordered by its names; without one, all in one line."""
    groups: dict[str, list[Case]] = {}
    for case in found:
        for name in sorted(set(_names(case, by))):
            groups.setdefault(name, []).append(case)
    return tuple(_line(name, groups[name]) for name in sorted(groups))


def _names(case: Case, by: Dimension | None) -> Iterable[str]:
    incident, terms = case.incident, case.impact.terms
    match by:
        case None:
            return ("all",)
        case Dimension.TIER:
            return (terms.tier,)
        case Dimension.CLIENT:
            return (terms.client,)
        case Dimension.SYSTEM:
            return systems_of(incident) or ("none",)
        case Dimension.CAUSE:
            return (kind_of(incident),)
        case Dimension.OWNER:
            return (incident.owner or incident.acknowledged_by or "nobody",)
        case Dimension.MONTH:
            return (f"{incident.opened:%Y-%m}",)


def systems_of(incident: Incident) -> tuple[str, ...]:
    """Return the systems that an incident is about, by its places."""
    places = (node.partition(":") for node in incident.nodes)
    return tuple(sorted({name for kind, _, name in places if kind == "system"}))


def _line(name: str, found: list[Case]) -> Line:
    kept: dict[Promise, tuple[int, int]] = {}
    for case in found:
        for promise, (good, made) in case.kept.items():
            before = kept.get(promise, (0, 0))
            kept[promise] = before[0] + good, before[1] + made
    figures = {phase: _figure([one.phases[phase] for one in found if phase in one.phases]) for phase in Phase}
    return Line(
        name=name,
        incidents=len({case.incident.id for case in found}),
        cases=len(found),
        figures={phase: figure for phase, figure in figures.items() if figure is not None},
        kept=kept,
    )


def _figure(took: list[Took]) -> Figure | None:
    if not took:
        return None
    least, most = (sum((getattr(one, name) for one in took), timedelta()) for name in ("least", "most"))
    number = len(took)
    return Figure(number=number, least=least / number, most=most / number, longest=max(one.most for one in took))
