"""What happens to an incident, as events in the past tense.

Events are facts and are never changed; an incident is nothing but their fold (`incident`). A client that is hurt brings
the terms of its contract with it, so that a later change of the configuration cannot touch an open incident.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from alerts.alert import IncidentId
from alerts.clocks import ClockEvent, Mitigated
from alerts.concern import Concern
from alerts.course import StageSaid
from alerts.escalation import PageReason, Policy
from alerts.impact import Impact, Terms
from alerts.message import Stage
from alerts.mute import DebtsWaived, KeptBack
from alerts.notice_draft import DraftMoved
from alerts.oncall import Person, PersonId
from alerts.revision import ContractRevised
from alerts.standing import Standing
from alerts.steps import EscalationPaused, OwnersPaged, PolicyTaken, StepMoved
from probes.catalog import ClientId, TierId


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurt:
    """A client that joins an incident; `onset` is when its own data went bad."""

    terms: Terms
    onset: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """A client whose backlog has drained; `drained` comes from the data, not from when we looked."""

    client: ClientId
    drained: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The incident began to exist. `blind` says that we cannot know whether anybody is hurt."""

    at: datetime
    onset: datetime
    nodes: frozenset[str]
    blind: bool
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsJoined:
    """Alerts with the same possible causes became part of the incident, each with its sentence.

    `throttled` are those of them that are blind because a quota keeps us from looking.
    `references` are the addresses that came with them from whoever reported them, each once.
    """

    at: datetime
    alerts: Mapping[str, str]
    nodes: frozenset[str]
    throttled: frozenset[str] = frozenset()
    references: tuple[tuple[str, str], ...] = ()
    kind: Literal["alerts_joined"] = "alerts_joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsCleared:
    """Alerts ended on evidence. `answered` is since when all systems answer again, None where that is not why.

    Of those in `silent` nobody said that they are over: they were not sent to us again.
    """

    at: datetime
    alerts: tuple[str, ...]
    answered: datetime | None = None
    silent: tuple[str, ...] = ()
    kind: Literal["alerts_cleared"] = "alerts_cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsHurt:
    """Clients joined the incident, each under its own contract."""

    at: datetime
    hurt: tuple[Hurt, ...]
    kind: Literal["clients_hurt"] = "clients_hurt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsRecovered:
    """Clients' own backlogs have drained."""

    at: datetime
    recovered: tuple[Recovery, ...]
    kind: Literal["clients_recovered"] = "clients_recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveritySet:
    """The worst hurt tier, and the policy that pages for it from now on; `why`, where it is not for who is hurt.

    Where a person said so (`by`), `seen` is the weight of the worst that they could see: it stays as they said until
    something worse than that joins. `concern` is the kind of failure that the policy is chosen by.
    """

    at: datetime
    tier: TierId
    weight: int
    policy: Policy
    why: str = ""
    by: str | None = None
    seen: int | None = None
    concern: Concern = Concern.UNAVAILABILITY
    kind: Literal["severity_set"] = "severity_set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """An escalation step paged people; `next_due` is when the next step follows without an acknowledgement.

    `others` are those of them whom the policy did not know: an override had brought them.
    """

    at: datetime
    step: int
    people: tuple[PersonId, ...]
    reason: PageReason
    next_due: datetime | None
    others: tuple[Person, ...] = ()
    kind: Literal["paged"] = "paged"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesQueued:
    """Notices of one stage were written for clients, in the same transaction as this event, from the same facts."""

    at: datetime
    stage: Stage
    clients: tuple[ClientId, ...]
    facts: str = ""
    kind: Literal["notices_queued"] = "notices_queued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message was accepted by its receiver. `client` is None for a page."""

    at: datetime
    key: str
    recipient: str
    stage: Stage
    client: ClientId | None = None
    kind: Literal["told"] = "told"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """Somebody took the incident; no further person is paged, or not before `until`, when it lapses."""

    at: datetime
    by: str
    until: datetime | None = None
    kind: Literal["acknowledged"] = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The incident ended: on evidence (`by` is None), or because somebody said so, perhaps that it never was one."""

    at: datetime
    why: str
    by: str | None = None
    false_alarm: bool = False
    kind: Literal["resolved"] = "resolved"


class ReopenReason(StrEnum):
    """Why an incident that had ended goes on."""

    RECURRED = "recurred"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    """The incident goes on: what had ended came back within the window, or somebody (`by`) said so."""

    at: datetime
    reason: ReopenReason
    why: str
    by: str | None = None
    kind: Literal["reopened"] = "reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseFound:
    """What explains the incident is known better: the places that are left, and by what."""

    at: datetime
    nodes: frozenset[str]
    why: str
    kind: Literal["cause_found"] = "cause_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAdded:
    """What bears on the incident and is no part of it was seen, each with its sentence: what a status page declares."""

    at: datetime
    evidence: Mapping[str, str]
    kind: Literal["evidence_added"] = "evidence_added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalating:
    """How far an incident's escalation has come, as another incident takes it over."""

    tier: TierId | None = None
    weight: int = -1
    policy: Policy | None = None
    next_step: int = 0
    next_due: datetime | None = None
    people: Mapping[PersonId, Person] = field(default_factory=dict)
    paged: tuple[PersonId, ...] = ()
    first_paged: datetime | None = None
    acknowledged: datetime | None = None
    acknowledged_by: str | None = None
    owner: PersonId | None = None
    seen: int | None = None
    standing: Standing = field(default_factory=Standing)


class Taking(StrEnum):
    """How an incident came by what was another's."""

    MERGED = "merged"
    SPLIT = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """What was another incident's is this one's now: alerts, clients with their own instants, and who was paged.

    `by` is None where the evidence says that both have one cause.
    """

    at: datetime
    how: Taking
    origin: IncidentId
    alerts: Mapping[str, str]
    active: frozenset[str]
    impacts: tuple[Impact, ...]
    nodes: frozenset[str]
    onset: datetime
    escalating: Escalating
    why: str
    by: str | None = None
    blind: bool = False
    evidence: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["taken_over"] = "taken_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedInto:
    """The incident ended because another one goes on with all that was its own; nobody is told that it is over."""

    at: datetime
    into: IncidentId
    why: str
    by: str | None = None
    kind: Literal["merged_into"] = "merged_into"


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitOff:
    """Alerts and clients were taken out of the incident by somebody, and are another one's from now on."""

    at: datetime
    into: IncidentId
    alerts: tuple[str, ...]
    clients: tuple[ClientId, ...]
    why: str
    by: str
    kind: Literal["split_off"] = "split_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassigned:
    """Somebody gave the incident to a person: pages go to them, and step by step on, unless they acknowledge."""

    at: datetime
    owner: Person
    why: str
    by: str
    next_due: datetime | None
    kind: Literal["reassigned"] = "reassigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesHeld:
    """Nobody is paged before an instant: what explains the incident may not have been looked at since the start."""

    at: datetime
    until: datetime
    why: str
    kind: Literal["pages_held"] = "pages_held"


Event = (
    Opened
    | AlertsJoined
    | AlertsCleared
    | ClientsHurt
    | ClientsRecovered
    | SeveritySet
    | PolicyTaken
    | Paged
    | OwnersPaged
    | StepMoved
    | EscalationPaused
    | NoticesQueued
    | Told
    | Acknowledged
    | Resolved
    | Reopened
    | CauseFound
    | EvidenceAdded
    | TakenOver
    | MergedInto
    | SplitOff
    | Reassigned
    | PagesHeld
    | Mitigated
    | ContractRevised
    | ClockEvent
    | KeptBack
    | DebtsWaived
    | StageSaid
    | DraftMoved
)
