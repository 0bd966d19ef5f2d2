"""The forms of the REST API's answers and requests; pydantic writes the OpenAPI description from them.

Lengths of time are numbers of seconds and say so in their names; instants are RFC 3339 in UTC; shares run from 0 to 1.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from alerts.alert import AlertKind, AlertState, Urgency
from alerts.alert import Reason as AlertReason
from alerts.clocks import Promise
from alerts.message import DeliveryState, Lane, MessageKind, MessageState, Stage
from alerts.reason import ReasonClass
from alerts.sla import TimerState
from alerts.spans import TimerStart
from monitor.web.view.health import Health
from monitor.web.view.incidents import IncidentState
from probes.sli import IndicatorKind

Item = TypeVar("Item")
Trimmed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Person = Annotated[Trimmed, Field(max_length=100, description="The id of a person of the roster.")]
Reason = Annotated[Trimmed, Field(max_length=500)]


def _in_utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant that somebody wrote with any offset: inside the house all are in UTC."""


class Shape(BaseModel):
    """What all answers have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Listing(Shape, Generic[Item]):
    """A list of something."""

    items: list[Item]


class ErrorText(Shape):
    """What went wrong, and in which field of the request where it is about one."""

    message: str
    field: str | None = None


class ErrorShape(Shape):
    """Every error of the API."""

    error: ErrorText


class TimerShape(Shape):
    """One promise to one client. `left_seconds` is negative once it is broken."""

    promise: Promise
    state: TimerState
    started_by: TimerStart
    start: AwareDatetime
    due: AwareDatetime
    stopped: AwareDatetime | None
    took_seconds: float
    left_seconds: float


class BrokenShape(Shape):
    """A promise that was broken and made again since; `turn` counts how often it was made."""

    promise: Promise
    turn: int
    start: AwareDatetime
    due: AwareDatetime
    stopped: AwareDatetime | None
    took_seconds: float


class ImpactShape(Shape):
    """What an incident does to one client."""

    client: str
    name: str
    tier: str
    onset: AwareDatetime
    joined: AwareDatetime
    recovered: AwareDatetime | None
    time_to_detect_seconds: float
    told: dict[Stage, AwareDatetime]
    timers: list[TimerShape]
    broken_before: list[BrokenShape] = []


class TimelineShape(Shape):
    """One event of an incident, with a sentence for people."""

    sequence: int
    at: AwareDatetime
    kind: str
    text: str


class IncidentShape(Shape):
    """An incident in short."""

    id: str
    state: IncidentState
    headline: str
    tier: str | None
    blind: bool
    onset: AwareDatetime
    opened: AwareDatetime
    acknowledged: AwareDatetime | None
    acknowledged_by: str | None
    resolved: AwareDatetime | None
    resolved_why: str | None
    clients_hurt: int
    clients_recovered: int
    promises_broken: int
    paged: list[str]
    next_page: AwareDatetime | None
    runbook_url: str
    url: str


class StakeShape(Shape):
    """What is at stake in an incident, and how each number was worked out; revenue is a year's, by currency."""

    clients_by_tier: dict[str, int]
    yearly_revenue: dict[str, float]
    clients_with_revenue: int
    next_renewal_client: str | None
    next_renewal: date | None
    days_to_renewal: int | None
    next_cutoff: str | None
    next_cutoff_client: str | None
    minutes_to_cutoff: float | None
    how: list[str]


class IncidentDetailShape(IncidentShape):
    """An incident with its impacts per client, worst first, its alerts, and its timeline, oldest first."""

    impacts: list[ImpactShape]
    alerts: dict[str, str]
    active_alerts: list[str]
    evidence: dict[str, str]
    owner: str | None
    merged_into: str | None
    reopenings: int
    places: list[str]
    at_stake: StakeShape
    timeline: list[TimelineShape]


class AlertShape(Shape):
    """One objective that is not met; a ticket waits until somebody has the time, and is no incident."""

    key: str
    kind: AlertKind
    urgency: Urgency
    subject: str
    client: str | None
    tier: str | None
    state: AlertState
    onset: AwareDatetime
    since: AwareDatetime
    cleared: AwareDatetime | None
    explanation: str
    reason: AlertReason
    explained_by: list[str]
    incident: str | None
    runbook_url: str


class ClientShape(Shape):
    """One client and how it is."""

    id: str
    name: str
    tier: str
    timezone: str
    locale: str
    state: Health
    incident: str | None


class MeasureShape(Shape):
    """One objective beside what was counted in its window; `value` is None where nothing was."""

    kind: IndicatorKind
    subject: str
    target: float
    value: float | None
    bad: int
    total: int
    over_seconds: float
    within_seconds: float | None
    kept: bool | None


class StandingShape(Shape):
    """A client's records on their way on one flow, and those in trouble."""

    flow: str
    client: str
    unsynced: int
    overdue: int
    oldest_age_seconds: float | None
    missing: int
    mismatched: int
    orphans: int


class ContactShape(Shape):
    """Where a client is told: the reference to the address, never the address."""

    name: str
    channel: str


class ClientDetailShape(ClientShape):
    """One client with its contract's objectives, its records on their way and its incidents, newest first."""

    contacts: list[ContactShape]
    measures: list[MeasureShape]
    standings: list[StandingShape]
    incidents: list[str]


class FlowShape(Shape):
    """One flow; the latency is that of the records that arrived in the last quarter of an hour.

    `chain` is the flow over several hops that this one is a hop of. `reconciled` says what single look-ups have shown,
    None where the destination cannot be asked for one record.
    """

    id: str
    chain: str | None
    source: str
    destination: str
    state: Health
    explanation: str
    incident: str | None
    unsynced: int
    overdue: int
    oldest_age_seconds: float | None
    latency_median_seconds: float | None
    latency_p95_seconds: float | None
    latency_is_lower_bound: bool
    arrived: int
    late_records: int
    decided_records: int
    reconciled: str | None
    standings: list[StandingShape]


class TurnShape(Shape):
    """Who is on call from an instant on."""

    start: AwareDatetime
    people: list[str]


class OnCallShape(Shape):
    """One schedule; `until` is None where it never changes hands."""

    schedule: str
    people: list[str]
    until: AwareDatetime | None
    turns: list[TurnShape]


class DeliveryShape(Shape):
    """A message and how far it has come."""

    key: str
    kind: MessageKind
    lane: Lane
    stage: Stage
    recipient: str
    channels: list[str]
    subject: str
    client: str | None
    incident: str | None
    created: AwareDatetime
    state: MessageState
    attempts: int
    next_attempt: AwareDatetime | None


class AttemptShape(Shape):
    """One attempt to hand a message to a channel."""

    key: str
    attempt: int
    channel: str
    state: DeliveryState
    why: ReasonClass
    reason: str
    endpoint: str
    started: AwareDatetime
    ended: AwareDatetime | None


class AcknowledgeRequest(Shape):
    """Somebody takes an incident."""

    by: Person


class ResolveRequest(Shape):
    """Somebody ends an incident, and says why."""

    by: Person
    why: Reason


class SignInLink(Shape):
    """A link that signs one browser in, once."""

    url: str


class ProblemShape(Shape):
    """What is wrong with a configuration, and where."""

    file: str
    line: int
    path: str
    message: str


class ReloadShape(Shape):
    """Whether the configuration was read anew; with errors the old one stays."""

    reloaded: bool
    errors: list[ProblemShape]


IncidentFilter = Literal["open", "resolved", "all"]
