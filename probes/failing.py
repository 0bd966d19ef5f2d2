"""What records tell to have failed: which ways a list tells of, who has to mend them, and the vendor's words for them.

Counting is `sli`'s; whether it is too much is for the rules of the room above.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from probes.connector import FailureKind, Resource
from probes.failure import Fault
from probes.observation import Record

Codes = tuple[tuple[datetime, str], ...]
"""The vendor's words for failures, each with the instant of its failure, in the order in which they were seen."""

KEPT = 100
"""Of how many failures the vendor's words are remembered."""

LONGEST_CODE = 60
SIGNS = frozenset("_-.:/ ")

LIMITED: Mapping[FailureKind, str] = {
    FailureKind.PAYMENT_FAILED: "payments_failed",
    FailureKind.HARD_DECLINED: "hard_declines",
    FailureKind.RETRIES_EXHAUSTED: "retries_exhausted",
    FailureKind.DUNNING_EXHAUSTED: "dunning_failed",
    FailureKind.WEBHOOK_FAILED: "webhooks_failed",
    FailureKind.REJECTED: "records_rejected",
    FailureKind.MANDATE_FAILED: "mandates_failed",
    FailureKind.PAYOUT_FAILED: "payouts_failed",
    FailureKind.DISPUTED: "disputes",
}
"""The ways of failing that a tier can limit, and what a limit is called.

What is overdue is not among them: a list that is asked for what has changed does not tell when a due date passes.
"""

TO_MEND: Mapping[FailureKind, Fault] = {
    FailureKind.PAYMENT_FAILED: Fault.PAYER,
    FailureKind.HARD_DECLINED: Fault.PAYER,
    FailureKind.RETRIES_EXHAUSTED: Fault.PAYER,
    FailureKind.DUNNING_EXHAUSTED: Fault.PAYER,
    FailureKind.MANDATE_FAILED: Fault.PAYER,
    FailureKind.DISPUTED: Fault.PAYER,
    FailureKind.PAYOUT_FAILED: Fault.CLIENT,
    FailureKind.WEBHOOK_FAILED: Fault.OURS,
    FailureKind.REJECTED: Fault.OURS,
}
"""Who has to mend it where one client has it: its customers, the client itself, or we, who send and receive for it."""


def tells_of(resource: Resource) -> frozenset[FailureKind]:
    """Return the ways of failing that a list tells of and a tier can limit."""
    plainly = {FailureKind.PAYMENT_FAILED} if resource.failed else set[FailureKind]()
    return frozenset({way.kind for way in resource.failures if way.kind in LIMITED} | plainly)


def failed_by(record: Record, kind: FailureKind) -> bool:
    """Return whether a record failed in one way; one that failed without a way of its own is a failed payment."""
    plainly = kind is FailureKind.PAYMENT_FAILED and bool(record.failed) and FailureKind.REJECTED not in record.kinds
    return plainly or kind in record.kinds


def told(codes: Codes, code: str, at: datetime) -> Codes:
    """Return the words with that of one more failure; what is no code but a text is left out, for it may name anybody.

    Only letters, digits and a few signs make a code, at most sixty of them.
    """
    plain = 0 < len(code) <= LONGEST_CODE and all(one.isascii() and (one.isalnum() or one in SIGNS) for one in code)
    return (*codes, (at, code))[-KEPT:] if plain else codes


def most_frequent(codes: Codes, since: datetime) -> tuple[str, int] | None:
    """Return the word that was most frequent after an instant and how often it came; None where there was none."""
    counts = Counter(code for at, code in codes if at > since)
    return min(counts.items(), key=lambda one: (-one[1], one[0]), default=None)
