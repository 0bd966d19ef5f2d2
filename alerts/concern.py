"""What kind of failure an alert is, and so whose it is: on-call, the credential's owner, billing operations, others.

Which policy pages for a kind is configured per tier, and for its systems; that is for `escalate`.
"""

from collections.abc import Iterable
from enum import StrEnum

from alerts.alert import Alert, AlertKind, AlertState
from probes.failure import Outcome


class Concern(StrEnum):
    """A kind of failure by who has to mend it; the worst first."""

    UNAVAILABILITY = "unavailability"
    AUTHENTICATION = "authentication"
    QUOTA = "quota"
    DATA = "data"
    PAYMENTS = "payments"
    DISPUTES = "disputes"
    ACTIVITY = "activity"


ORDER = tuple(Concern)
"""The worst first: that one pages by its policy, the owners of the others are told once."""

CONCERNS: dict[AlertKind, Concern] = {
    AlertKind.AVAILABILITY: Concern.UNAVAILABILITY,
    AlertKind.BURN_RATE: Concern.UNAVAILABILITY,
    AlertKind.SLOW_BURN: Concern.UNAVAILABILITY,
    AlertKind.SLOW: Concern.UNAVAILABILITY,
    AlertKind.EGRESS: Concern.UNAVAILABILITY,
    AlertKind.DECLARED_OUTAGE: Concern.UNAVAILABILITY,
    AlertKind.ERRORS_INSIDE: Concern.UNAVAILABILITY,
    AlertKind.SYNC_LATENCY: Concern.UNAVAILABILITY,
    AlertKind.STAGNATION: Concern.UNAVAILABILITY,
    AlertKind.HEARTBEAT: Concern.UNAVAILABILITY,
    AlertKind.BATCH_LATE: Concern.UNAVAILABILITY,
    AlertKind.BATCH_MISSED: Concern.UNAVAILABILITY,
    AlertKind.CLOCK_SKEW: Concern.UNAVAILABILITY,
    AlertKind.WEBHOOKS_FAILED: Concern.UNAVAILABILITY,
    AlertKind.WEBHOOKS_LOST: Concern.UNAVAILABILITY,
    AlertKind.REPORTED: Concern.UNAVAILABILITY,
    AlertKind.UNEVALUATED: Concern.UNAVAILABILITY,
    AlertKind.UNJUDGED: Concern.UNAVAILABILITY,
    AlertKind.CALENDAR_STALE: Concern.UNAVAILABILITY,
    AlertKind.UNDELIVERED: Concern.UNAVAILABILITY,
    AlertKind.CREDENTIAL: Concern.AUTHENTICATION,
    AlertKind.CREDENTIAL_EXPIRY: Concern.AUTHENTICATION,
    AlertKind.CREDENTIAL_ENDS: Concern.AUTHENTICATION,
    AlertKind.CERTIFICATE_EXPIRY: Concern.AUTHENTICATION,
    AlertKind.CERTIFICATE_ENDS: Concern.AUTHENTICATION,
    AlertKind.FAILURE_RATIO: Concern.DATA,
    AlertKind.RECORDS_REJECTED: Concern.DATA,
    AlertKind.RECORDS_MISSING: Concern.DATA,
    AlertKind.RECORDS_MISMATCHED: Concern.DATA,
    AlertKind.RECORDS_ORPHANED: Concern.DATA,
    AlertKind.DATA_QUALITY: Concern.DATA,
    AlertKind.SCHEMA_DRIFT: Concern.DATA,
    AlertKind.EMPTY_LIST: Concern.DATA,
    AlertKind.FROZEN_FEED: Concern.DATA,
    AlertKind.PAYMENTS_FAILED: Concern.PAYMENTS,
    AlertKind.HARD_DECLINES: Concern.PAYMENTS,
    AlertKind.RETRIES_EXHAUSTED: Concern.PAYMENTS,
    AlertKind.DUNNING_FAILED: Concern.PAYMENTS,
    AlertKind.MANDATES_FAILED: Concern.PAYMENTS,
    AlertKind.PAYOUTS_FAILED: Concern.PAYMENTS,
    AlertKind.DISPUTES: Concern.DISPUTES,
    AlertKind.SILENCE: Concern.ACTIVITY,
    AlertKind.VOLUME_DROP: Concern.ACTIVITY,
}

BY_NAME: dict[str, Concern] = {str(kind): concern for kind, concern in CONCERNS.items()}
"""The same, as the keys of alerts begin: an incident may have thousands."""

WIDER: dict[Concern, Concern] = {Concern.DISPUTES: Concern.PAYMENTS, Concern.PAYMENTS: Concern.DATA}
"""Whose a concern is where nobody is named for it."""


QUOTA = (Outcome.THROTTLED, Outcome.SKIPPED)
"""How looks end that a quota keeps from their answer: the vendor's, or our own."""


def is_throttled(alert: Alert) -> bool:
    """Return whether an alert is blind because a quota keeps us from looking; its sentence says why it is blind."""
    return alert.state is AlertState.BLIND and any(f": {outcome}:" in alert.explanation for outcome in QUOTA)


def concern_of(alert: str, throttled: Iterable[str] = ()) -> Concern:
    """Return the concern of an alert by its key; one that is blind because it is throttled is the quota's.

    A kind that a later release stored is on-call's, as is everything that nobody is named for.
    """
    if alert in throttled:
        return Concern.QUOTA
    return BY_NAME.get(alert.partition("/")[0], Concern.UNAVAILABILITY)


def worse(one: Concern, other: Concern) -> bool:
    """Return whether a kind of failure is worse than another."""
    return ORDER.index(one) < ORDER.index(other)


def widening(concern: Concern) -> Iterable[Concern]:
    """Yield a concern, and then those whose owner it falls to where it has none of its own."""
    wider: Concern | None = concern
    while wider is not None:
        yield wider
        wider = WIDER.get(wider)
