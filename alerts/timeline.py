"""What happens to an incident, as events in the past tense.

Events are facts and are never changed; an incident is nothing but their fold (`incident`). A client that is hurt brings
the terms of its contract with it, so that a later change of the configuration cannot touch an open incident.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from alerts.escalation import PageReason, Policy
from alerts.message import Stage
from alerts.oncall import Person, PersonId
from probes.catalog import Client, ClientId, Contact, NoticePolicy, Sla, Tier, TierId


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The contract that a client was hurt under. An open incident keeps it, whatever is configured meanwhile."""

    client: ClientId
    name: str
    tier: TierId
    weight: int
    sla: Sla
    timezone: str
    locale: str
    notices: NoticePolicy
    contacts: tuple[Contact, ...]


def terms_of(client: Client, tier: Tier) -> Terms:
    """Return what a client's contract says at this moment."""
    return Terms(
        client=client.id,
        name=client.name,
        tier=tier.id,
        weight=tier.weight,
        sla=tier.sla,
        timezone=client.timezone,
        locale=client.locale,
        notices=tier.notices,
        contacts=client.contacts,
    )


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
    """Alerts with the same possible causes became part of the incident, each with its sentence."""

    at: datetime
    alerts: Mapping[str, str]
    nodes: frozenset[str]
    kind: Literal["alerts_joined"] = "alerts_joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsCleared:
    """Alerts ended on evidence. `answered` is since when all systems answer again, None where that is not why."""

    at: datetime
    alerts: tuple[str, ...]
    answered: datetime | None = None
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
    """The worst hurt tier, and the policy that pages for it from now on; `why`, where it is not for who is hurt."""

    at: datetime
    tier: TierId
    weight: int
    policy: Policy
    why: str = ""
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
    """Notices of one stage were written for clients, in the same transaction as this event."""

    at: datetime
    stage: Stage
    clients: tuple[ClientId, ...]
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
    """Somebody took the incident; no further person is paged."""

    at: datetime
    by: str
    kind: Literal["acknowledged"] = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The incident ended: on evidence (`by` is None), or because somebody said so."""

    at: datetime
    why: str
    by: str | None = None
    kind: Literal["resolved"] = "resolved"


Event = (
    Opened
    | AlertsJoined
    | AlertsCleared
    | ClientsHurt
    | ClientsRecovered
    | SeveritySet
    | Paged
    | NoticesQueued
    | Told
    | Acknowledged
    | Resolved
)
