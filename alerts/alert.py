"""An alert: one objective that is not met, with its states as a table.

`pending -> firing -> resolved`, or `blind` when we cannot know. What moves an alert is for `rule` and `evaluate`; which
alerts are one incident is for `correlate`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from probes.catalog import ClientId, FlowId, SystemId

IncidentId = NewType("IncidentId", str)


class AlertKind(StrEnum):
    """Which objective is not met; `credential` stands for a system that refuses ours."""

    AVAILABILITY = "availability"
    FAILURE_RATIO = "failure_ratio"
    SYNC_LATENCY = "sync_latency"
    CREDENTIAL = "credential"
    BURN_RATE = "burn_rate"
    SLOW_BURN = "slow_burn"
    HEARTBEAT = "heartbeat"
    BATCH_LATE = "batch_late"
    BATCH_MISSED = "batch_missed"
    STAGNATION = "stagnation"
    EGRESS = "egress"
    DECLARED_OUTAGE = "declared_outage"
    SILENCE = "silence"
    SLOW = "slow"
    VOLUME_DROP = "volume_drop"
    PAYMENTS_FAILED = "payments_failed"
    HARD_DECLINES = "hard_declines"
    RETRIES_EXHAUSTED = "retries_exhausted"
    DUNNING_FAILED = "dunning_failed"
    WEBHOOKS_FAILED = "webhooks_failed"
    WEBHOOKS_LOST = "webhooks_lost"
    RECORDS_REJECTED = "records_rejected"
    MANDATES_FAILED = "mandates_failed"
    PAYOUTS_FAILED = "payouts_failed"
    DISPUTES = "disputes"
    DATA_QUALITY = "data_quality"
    CREDENTIAL_EXPIRY = "credential_expiry"
    CREDENTIAL_ENDS = "credential_ends"
    CERTIFICATE_EXPIRY = "certificate_expiry"
    CERTIFICATE_ENDS = "certificate_ends"
    CLOCK_SKEW = "clock_skew"
    SCHEMA_DRIFT = "schema_drift"
    EMPTY_LIST = "empty_list"
    FROZEN_FEED = "frozen_feed"
    ERRORS_INSIDE = "errors_inside"
    RECORDS_MISSING = "records_missing"
    RECORDS_MISMATCHED = "records_mismatched"
    RECORDS_ORPHANED = "records_orphaned"
    REPORTED = "reported"
    UNEVALUATED = "unevaluated"
    UNJUDGED = "unjudged"
    CALENDAR_STALE = "calendar_stale"
    UNDELIVERED = "undelivered"


class Urgency(StrEnum):
    """Whether an alert gets somebody out of bed, or waits on the pages until somebody has the time for it."""

    PAGE = "page"
    TICKET = "ticket"


TICKETS = frozenset(
    {
        AlertKind.SLOW_BURN,
        AlertKind.WEBHOOKS_LOST,
        AlertKind.DECLARED_OUTAGE,
        AlertKind.VOLUME_DROP,
        AlertKind.CREDENTIAL_EXPIRY,
        AlertKind.CERTIFICATE_EXPIRY,
        AlertKind.CLOCK_SKEW,
        AlertKind.DATA_QUALITY,
        AlertKind.RECORDS_ORPHANED,
        AlertKind.REPORTED,
        AlertKind.UNEVALUATED,
        AlertKind.CALENDAR_STALE,
    }
)
"""What hurts nobody yet: it is shown and counted, and opens no incident. What is reported to us is urgent or is not."""

UNSEEING = frozenset({AlertKind.CREDENTIAL, AlertKind.EGRESS})
"""Why we cannot see: nobody is known to be hurt by it."""

HURTS_EVERYBODY = frozenset({AlertKind.AVAILABILITY})
"""What hurts every client of its system, where the alert names none."""


class AlertState(StrEnum):
    """Where an alert stands. `inactive` is never stored: it is an alert that does not exist."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    BLIND = "blind"
    RESOLVED = "resolved"


class Reason(StrEnum):
    """Why an alert moved. What an earlier release stored has none."""

    UNRECORDED = "unrecorded"
    SUSPECTED = "suspected"
    OBJECTIVE_MISSED = "objective_missed"
    FAILED_IN_A_ROW = "failed_in_a_row"
    FAILED_IN_PART = "failed_in_part"
    REFUSED = "refused"
    DECLARED = "declared"
    NO_ANSWER = "no_answer"
    MATCHES_NOTHING = "matches_nothing"
    NEVER_EVALUATED = "never_evaluated"
    JUDGING_FAILED = "judging_failed"
    GOOD_AGAIN = "good_again"
    UNFOUNDED = "unfounded"
    NOT_CONFIGURED = "not_configured"


class Move(StrEnum):
    """What the evidence of one evaluation says."""

    SUSPECT = "suspect"
    CONFIRM = "confirm"
    CLEAR = "clear"
    LOSE_SIGHT = "lose_sight"
    STAY = "stay"


# Sight lost while firing stays firing: missing data resolves nothing, and says nothing new either.
TRANSITIONS: dict[tuple[AlertState, Move], AlertState] = {
    (AlertState.INACTIVE, Move.SUSPECT): AlertState.PENDING,
    (AlertState.INACTIVE, Move.CONFIRM): AlertState.FIRING,
    (AlertState.INACTIVE, Move.LOSE_SIGHT): AlertState.BLIND,
    (AlertState.PENDING, Move.CONFIRM): AlertState.FIRING,
    (AlertState.PENDING, Move.CLEAR): AlertState.INACTIVE,
    (AlertState.PENDING, Move.LOSE_SIGHT): AlertState.BLIND,
    (AlertState.BLIND, Move.CONFIRM): AlertState.FIRING,
    (AlertState.BLIND, Move.CLEAR): AlertState.RESOLVED,
    (AlertState.FIRING, Move.CLEAR): AlertState.RESOLVED,
    (AlertState.RESOLVED, Move.SUSPECT): AlertState.PENDING,
    (AlertState.RESOLVED, Move.CONFIRM): AlertState.FIRING,
    (AlertState.RESOLVED, Move.LOSE_SIGHT): AlertState.BLIND,
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AlertKey:
    """What an alert is about: a kind, a system or a flow, and a client unless everybody on the system is hurt."""

    kind: AlertKind
    subject: str
    client: ClientId | None = None

    def __str__(self) -> str:
        """Return `kind/subject` or `kind/subject/client`, the key in store, log and address."""
        return f"{self.kind}/{self.subject}/{self.client}" if self.client else f"{self.kind}/{self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One objective not met.

    `onset` is when the data went bad, `since` when the present state was entered, `cleared` the instant from the data
    at which it was good again. `nodes` are the places in the dependency graph that could explain it (`system:erp`).
    `clients` are those that it hurts where its key names none. An `urgent` one pages although its kind is a ticket's.
    `references` are addresses that whoever reported it gave with it, each with its name. A `silent` one is over because
    nobody reported it again, not because anybody said so. `labels` are those that it was reported with, and what
    they name. `reason` is why it entered its present state.
    """

    key: AlertKey
    state: AlertState
    onset: datetime
    since: datetime
    explanation: str
    nodes: frozenset[str]
    system: SystemId | None = None
    flow: FlowId | None = None
    incident: IncidentId | None = None
    cleared: datetime | None = None
    clients: frozenset[ClientId] = frozenset()
    urgent: bool = False
    references: tuple[tuple[str, str], ...] = ()
    silent: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    reason: Reason = Reason.UNRECORDED

    @property
    def active(self) -> bool:
        """Whether somebody must care: firing or blind."""
        return self.state in (AlertState.FIRING, AlertState.BLIND)

    @property
    def urgency(self) -> Urgency:
        """Whether somebody must care at once."""
        return Urgency.TICKET if self.key.kind in TICKETS and not self.urgent else Urgency.PAGE


class IllegalMove(Exception):  # noqa: N818 - an illegal move is what it is
    """A move that the table does not have; the alert is left as it was."""


def moved(state: AlertState, move: Move) -> AlertState:
    """Return the state after a move; `stay` is legal everywhere.

    Raises:
        IllegalMove: the table has no such move from this state.
    """
    if move is Move.STAY:
        return state
    try:
        return TRANSITIONS[state, move]
    except KeyError:
        raise IllegalMove(f"an alert that is {state} cannot {move}") from None


def attached(alert: Alert, incident: IncidentId) -> Alert:
    """Return the alert as part of an incident."""
    return replace(alert, incident=incident)
