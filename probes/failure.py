"""How a look can end, what can go wrong with it, and whose fault that is.

This is the vocabulary only: adapters classify an answer into a :class:`FailureClass`, the tables below say what that
means for the outcome. Nothing here decides whether anybody is told.
"""

from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended; only `good` and `bad` count for availability."""

    GOOD = "good"
    BAD = "bad"
    THROTTLED = "throttled"
    SKIPPED = "skipped"
    ERROR_OWN = "error_own"


class FailureClass(StrEnum):
    """Why a look did not come back good."""

    TIMEOUT = "timeout"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    AUTH = "auth"
    THROTTLED = "throttled"
    SERVER = "server"
    SCHEMA = "schema"
    BUSINESS = "business"
    REQUEST = "request"
    QUOTA = "quota"
    OWN = "own"
    EGRESS = "egress"


class Fault(StrEnum):
    """Who has to mend it."""

    VENDOR = "vendor"
    CREDENTIAL = "credential"
    QUOTA = "quota"
    OURS = "ours"
    PAYER = "payer"
    CLIENT = "client"


FAULTS: dict[FailureClass, Fault] = {
    FailureClass.TIMEOUT: Fault.VENDOR,
    FailureClass.DNS: Fault.VENDOR,
    FailureClass.CONNECT: Fault.VENDOR,
    FailureClass.TLS: Fault.VENDOR,
    FailureClass.AUTH: Fault.CREDENTIAL,
    FailureClass.THROTTLED: Fault.QUOTA,
    FailureClass.SERVER: Fault.VENDOR,
    FailureClass.SCHEMA: Fault.VENDOR,
    FailureClass.BUSINESS: Fault.VENDOR,
    FailureClass.REQUEST: Fault.OURS,
    FailureClass.QUOTA: Fault.QUOTA,
    FailureClass.OWN: Fault.OURS,
    FailureClass.EGRESS: Fault.OURS,
}

# A refused credential and a request of ours that is wrong say nothing about whether the vendor is up, so neither may
# count against its availability.
OUTCOMES: dict[Fault, Outcome] = {
    Fault.VENDOR: Outcome.BAD,
    Fault.CREDENTIAL: Outcome.ERROR_OWN,
    Fault.QUOTA: Outcome.THROTTLED,
    Fault.OURS: Outcome.ERROR_OWN,
}


def outcome_of(failure: FailureClass) -> Outcome:
    """Return what a failure counts as; a quota of our own that ran out is `skipped`, the vendor's is `throttled`."""
    if failure is FailureClass.QUOTA:
        return Outcome.SKIPPED
    return OUTCOMES[FAULTS[failure]]
