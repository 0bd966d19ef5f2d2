"""An incident as it is read at three in the morning: one sentence, the next promise to break, timers worst first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.alert import IncidentId
from alerts.clocks import Promise
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Stage
from alerts.sla import Timer, TimerState, earlier_timers, time_to_detect, timers_of
from alerts.wording import headline, kind_of
from monitor.web.view.health import Tone
from probes.catalog import TierId


class IncidentState(StrEnum):
    """Where an incident stands; the value is the word that people read."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


TIMER_WORDS = {
    TimerState.RUNNING: "running",
    TimerState.PAUSED: "paused",
    TimerState.MET: "kept",
    TimerState.BREACHED: "broken",
    TimerState.CANCELLED: "cancelled",
}
TIMER_TONES = {
    TimerState.RUNNING: Tone.CALM,
    TimerState.PAUSED: Tone.CALM,
    TimerState.MET: Tone.GOOD,
    TimerState.BREACHED: Tone.BAD,
    TimerState.CANCELLED: Tone.CALM,
}
TIMER_SIGNS = {
    TimerState.RUNNING: "▸",
    TimerState.PAUSED: "Ⅱ",
    TimerState.MET: "✓",
    TimerState.BREACHED: "✕",
    TimerState.CANCELLED: "○",
}
SOON = 0.75
"""The part of a promise's time after which a running timer warns."""

STATE_TONES = {
    IncidentState.OPEN: Tone.BAD,
    IncidentState.ACKNOWLEDGED: Tone.WARN,
    IncidentState.RESOLVED: Tone.GOOD,
}
STATE_SIGNS = {IncidentState.OPEN: "✕", IncidentState.ACKNOWLEDGED: "!", IncidentState.RESOLVED: "✓"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerView:
    """A promise to one client and how it stands; `left` is negative once it is broken."""

    timer: Timer
    name: str
    target: timedelta
    left: timedelta

    @property
    def running(self) -> bool:
        """Whether what was promised has not been done yet, in time or late, and still counts."""
        return self.timer.stopped is None and self.timer.state not in (TimerState.PAUSED, TimerState.CANCELLED)

    @property
    def soon(self) -> bool:
        """Whether most of its time is gone."""
        return self.timer.state is TimerState.RUNNING and self.timer.took >= self.target * SOON

    @property
    def word(self) -> str:
        """How it stands, in a word."""
        return TIMER_WORDS[self.timer.state]

    @property
    def tone(self) -> Tone:
        """The colour of it."""
        return Tone.WARN if self.soon else TIMER_TONES[self.timer.state]

    @property
    def sign(self) -> str:
        """The sign of it."""
        return "!" if self.soon else TIMER_SIGNS[self.timer.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactView:
    """What an incident does to one client, with a timer for each promise of its contract.

    `broken` are the timers of promises that were broken and made again since: in earlier spells, or of late updates.
    """

    impact: Impact
    timers: Mapping[Promise, TimerView]
    detected_after: timedelta
    broken: tuple[Timer, ...] = ()

    @property
    def last_stage(self) -> Stage | None:
        """The newest stage that was accepted for this client, None while it has heard nothing."""
        return max(self.impact.told, key=lambda stage: self.impact.told[stage], default=None)

    @property
    def mitigated(self) -> bool:
        """Whether its contract promises a mitigation."""
        return Promise.MITIGATE in self.timers

    @property
    def next_due(self) -> datetime | None:
        """When its next promise breaks, None where none is running."""
        return min((one.timer.due for one in self.timers.values() if one.running), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """One incident. `first` is the promise that breaks first, or broke first and is still open; `runbook` its name."""

    incident: Incident
    state: IncidentState
    headline: str
    runbook: str
    lasted: timedelta
    impacts: tuple[ImpactView, ...]
    first: TimerView | None

    @property
    def id(self) -> IncidentId:
        """Its number."""
        return self.incident.id

    @property
    def tier(self) -> TierId | None:
        """The worst hurt tier."""
        return self.incident.tier

    @property
    def tone(self) -> Tone:
        """The colour of its state."""
        return STATE_TONES[self.state]

    @property
    def sign(self) -> str:
        """The sign of its state."""
        return STATE_SIGNS[self.state]

    @property
    def slowest(self) -> Mapping[Promise, TimerView]:
        """The promise of each kind that took longest, or was kept worst where one is broken."""
        found: dict[Promise, TimerView] = {}
        for view in (timer for one in self.impacts for timer in one.timers.values()):
            before = found.get(view.timer.promise)
            if before is None or _harm(view) > _harm(before):
                found[view.timer.promise] = view
        return found

    @property
    def detected_after(self) -> timedelta:
        """How long the client was hurt that we noticed last."""
        return max((one.detected_after for one in self.impacts), default=timedelta())

    @property
    def recovered(self) -> int:
        """How many clients have recovered."""
        return sum(one.impact.recovered is not None for one in self.impacts)

    @property
    def broken(self) -> int:
        """How many promises are broken."""
        timers = (timer for one in self.impacts for timer in one.timers.values())
        earlier = sum(len(one.broken) for one in self.impacts)
        return sum(timer.timer.state is TimerState.BREACHED for timer in timers) + earlier


def state_of(incident: Incident) -> IncidentState:
    """Return where an incident stands."""
    if not incident.open:
        return IncidentState.RESOLVED
    return IncidentState.ACKNOWLEDGED if incident.held else IncidentState.OPEN


def incident_view(incident: Incident, now: datetime) -> IncidentView:
    """Return an incident as it stands; the timers of one that is resolved stand where it ended."""
    impacts = tuple(sorted((_impact(incident, one, now) for one in incident.hurt), key=_urgency))
    return IncidentView(
        incident=incident,
        state=state_of(incident),
        headline=headline(incident),
        runbook=kind_of(incident),
        lasted=max(timedelta(), (incident.resolved or now) - incident.onset),
        impacts=impacts,
        first=first_to_break(timer for one in impacts for timer in one.timers.values()) if incident.open else None,
    )


def first_to_break(timers: Iterable[TimerView]) -> TimerView | None:
    """Return the running timer that is due first; one still to come goes before those that are broken already."""
    running = [one for one in timers if one.running]
    return min(running, key=lambda one: (one.left < timedelta(), one.timer.due), default=None)


def _impact(incident: Incident, impact: Impact, now: datetime) -> ImpactView:
    until = incident.resolved or now
    name = impact.terms.name
    views = (
        TimerView(timer=timer, name=name, target=timer.target, left=timer.due - (timer.stopped or until))
        for timer in timers_of(incident, impact, until)
    )
    return ImpactView(
        impact=impact,
        timers={view.timer.promise: view for view in views},
        detected_after=time_to_detect(incident, impact),
        broken=tuple(_broken(incident, impact)),
    )


def _broken(incident: Incident, impact: Impact) -> Iterator[Timer]:
    for promise in Promise:
        found = earlier_timers(incident, impact, promise)
        yield from (timer for timer in found if timer.state is TimerState.BREACHED)


def _harm(view: TimerView) -> tuple[bool, timedelta]:
    return view.timer.state is TimerState.BREACHED, view.timer.took


def _urgency(one: ImpactView) -> tuple[bool, int, bool, float, str]:
    terms, due = one.impact.terms, one.next_due
    return (one.impact.recovered is not None, -terms.weight, due is None, due.timestamp() if due else 0.0, terms.name)
