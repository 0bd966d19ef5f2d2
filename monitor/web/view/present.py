"""The picture of this moment: what is broken, whom it hurts, which promise breaks first, and whether we can see."""

from dataclasses import dataclass
from datetime import datetime

from alerts.alert import Alert
from monitor.problem import Grade
from monitor.situation import Situation
from monitor.web.view.clients import TierView, tiers
from monitor.web.view.flows import FlowView, flows
from monitor.web.view.health import Health, Tone
from monitor.web.view.heartbeats import RunView, heartbeats
from monitor.web.view.hurting import tickets
from monitor.web.view.incidents import IncidentView, TimerView, first_to_break, incident_view
from monitor.web.view.people import ScheduleView, schedules
from monitor.web.view.quiet import QuietView, quiet_now
from monitor.web.view.systems import LookView, SystemView, looks, systems

BLURRED = (Health.BLIND, Health.STALE, Health.THROTTLED, Health.OWN_ERROR, Health.STRETCHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """Whether we see: all looks, those that tell us nothing, and what the configuration says about that."""

    looks: int
    unseen: int
    blurred: tuple[LookView, ...]
    blind: tuple[str, ...]
    findings: int
    severe: int
    reload_errors: int

    @property
    def tone(self) -> Tone:
        """The colour of it."""
        if self.blind:
            return Tone.BLIND
        if self.blurred or self.reload_errors or self.severe:
            return Tone.WARN
        return Tone.CALM if self.unseen else Tone.GOOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Everything that the first page shows, worst first."""

    incidents: tuple[IncidentView, ...]
    first: TimerView | None
    tiers: tuple[TierView, ...]
    systems: tuple[SystemView, ...]
    flows: tuple[FlowView, ...]
    heartbeats: tuple[RunView, ...]
    tickets: tuple[Alert, ...]
    schedules: tuple[ScheduleView, ...]
    eyes: Eyes
    quiet: QuietView

    @property
    def hurt(self) -> int:
        """How many clients are hurt now."""
        return sum(tier.counts.get(Health.HURT, 0) for tier in self.tiers)

    @property
    def clients(self) -> int:
        """How many clients there are."""
        return sum(len(tier.clients) for tier in self.tiers)


def present(situation: Situation, now: datetime) -> Present:
    """Return the picture of this moment."""
    views = tuple(incident_view(one, now) for one in situation.open_incidents)
    return Present(
        incidents=views,
        first=first_to_break(view.first for view in views if view.first is not None),
        tiers=tiers(situation),
        systems=systems(situation, now),
        flows=flows(situation, now),
        heartbeats=heartbeats(situation, now),
        tickets=tickets(situation),
        schedules=schedules(situation.config.roster, situation.board, now),
        eyes=eyes(situation, now),
        quiet=quiet_now(situation, now),
    )


def eyes(situation: Situation, now: datetime) -> Eyes:
    """Return whether we see."""
    seen = looks(situation, now)
    blind = {alert.key.subject for alert in situation.alerts.values() if alert.state == "blind"}
    return Eyes(
        looks=len(seen),
        unseen=sum(one.health is Health.UNSEEN for one in seen),
        blurred=tuple(one for one in seen if one.health in BLURRED),
        blind=tuple(sorted(blind)),
        findings=len(situation.findings),
        severe=sum(one.grade is Grade.SEVERE for one in situation.findings),
        reload_errors=len(situation.reload_errors),
    )
