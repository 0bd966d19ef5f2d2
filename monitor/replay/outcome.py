"""What came of a story, as lists that can be read, compared and judged: pages, notices, promises, incidents."""

from dataclasses import dataclass
from datetime import datetime

from alerts.alert import IncidentId
from alerts.clocks import Promise
from alerts.incident import Incident
from alerts.message import Claim, DeliveryState, MessageKind, Stage
from alerts.sla import Timer, TimerState, timers
from alerts.wording import headline
from monitor.replay.rehearsal import Played
from probes.catalog import ClientId, SecretRef, TierId


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that was accepted by a channel: a page to a person, or a notice to a client's contact."""

    at: datetime
    kind: MessageKind
    stage: Stage
    recipient: str
    channel: SecretRef
    subject: str
    body: str
    incident: IncidentId | None
    client: ClientId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A promise that is broken: when it was due, and when it was kept after all, None where it never was."""

    incident: IncidentId
    client: ClientId
    tier: TierId
    promise: Promise
    due: datetime
    kept: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All of it, in the order of time."""

    told: tuple[Told, ...]
    broken: tuple[Broken, ...]
    kept: int
    incidents: tuple[Incident, ...]

    @property
    def pages(self) -> tuple[Told, ...]:
        """The pages that call somebody to an incident."""
        return tuple(one for one in self.told if one.kind is MessageKind.PAGE and one.stage is Stage.INVESTIGATING)

    @property
    def warnings(self) -> tuple[Told, ...]:
        """What people are told while an incident goes on: promises that are about to break, handovers."""
        return tuple(one for one in self.told if one.kind is MessageKind.PAGE and one.stage is Stage.UPDATE)

    @property
    def notices(self) -> tuple[Told, ...]:
        """What clients were told."""
        return tuple(one for one in self.told if one.kind is MessageKind.NOTICE)


def outcome_of(played: Played) -> Outcome:
    """Return what came of a story."""
    accepted = [(claim, one) for claim, one in played.attempts if one.state is DeliveryState.ACCEPTED]
    incidents = sorted(played.incidents.values(), key=lambda one: (one.opened, one.id))
    found = [(incident, timer) for incident in incidents for timer in timers(incident, played.story.end)]
    broken = [_broken(incident, timer) for incident, timer in found]
    return Outcome(
        told=tuple(_told(claim, one.ended) for claim, one in accepted),
        broken=tuple(sorted(filter(None, broken), key=lambda one: (one.due, one.client, one.promise))),
        kept=sum(timer.state is TimerState.MET for _, timer in found),
        incidents=tuple(incidents),
    )


def _broken(incident: Incident, timer: Timer) -> Broken | None:
    if timer.state is not TimerState.BREACHED:
        return None
    return Broken(
        incident=incident.id,
        client=timer.client,
        tier=timer.tier,
        promise=timer.promise,
        due=timer.due,
        kept=timer.stopped,
    )


def _told(claim: Claim, at: datetime) -> Told:
    message = claim.message
    return Told(
        at=at,
        kind=message.kind,
        stage=message.stage,
        recipient=message.recipient,
        channel=claim.channel,
        subject=message.subject,
        body=message.body,
        incident=message.incident,
        client=message.client,
    )


def titled(incident: Incident) -> str:
    """Return an incident's number and what it was about."""
    return f"{incident.id}: {headline(incident)}"
