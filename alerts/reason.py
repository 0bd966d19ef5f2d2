"""Why an attempt to hand a message over ended as it did: a class beside the words, for the ledger and for metrics.

What a class says of the endpoint, and what follows from that, is for `breaker`; what it makes of the message, for
`settlement`.
"""

from enum import StrEnum


class ReasonClass(StrEnum):
    """One class each; what an earlier release stored has none."""

    UNRECORDED = "unrecorded"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    THROTTLED = "throttled"
    UNAUTHORIZED = "unauthorized"
    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    NO_ANSWER = "no_answer"
    BROKEN = "broken"
    BUSY = "busy"
    CIRCUIT_OPEN = "circuit_open"
    MISCONFIGURED = "misconfigured"
    INTERNAL = "internal"
    DIED = "died"
    WITHDRAWN = "withdrawn"
    WITHHELD = "withheld"
    IN_DIGEST = "in_digest"


UNWELL = frozenset(
    {
        ReasonClass.UNAUTHORIZED,
        ReasonClass.UNAVAILABLE,
        ReasonClass.UNREACHABLE,
        ReasonClass.UNTRUSTED,
        ReasonClass.NO_ANSWER,
        ReasonClass.BROKEN,
    }
)
"""What says that an endpoint serves nobody at this moment."""

WELL = frozenset({ReasonClass.ACCEPTED, ReasonClass.REFUSED, ReasonClass.DEFERRED})
"""What says that an endpoint is at work: it took this message, or judged it. The rest says nothing of it."""
