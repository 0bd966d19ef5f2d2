"""The words of a client's evidence: what happened, what was promised, and how a promise's time adds up."""

from datetime import timedelta

from alerts.account import RowKind, length
from alerts.beheld import Say
from alerts.clocks import PauseCause, Promise
from alerts.sla import TimerState
from runbooks.evidence import Happened, Part, Proof

HAPPENED = {
    Happened.BEGAN: "it began to affect you, by the data",
    Happened.NOTICED: "our monitoring noticed it",
    Happened.PAGED: "an engineer was called",
    Happened.ACKNOWLEDGED: "an engineer took it",
    Happened.TOLD: "a notice reached you",
    Happened.MITIGATED: "a remedy was in place",
    Happened.RECOVERED: "you had recovered, by the data",
    Happened.HURT_AGAIN: "it affected you again, by the data",
    Happened.CLOSED: "it was closed",
}
PROMISES = {
    Promise.DETECT: "noticed within",
    Promise.ACKNOWLEDGE: "taken by an engineer within",
    Promise.FIRST_NOTICE: "first notice within",
    Promise.NEXT_UPDATE: "next update within",
    Promise.MITIGATE: "remedy within",
    Promise.REPAIR: "repaired within",
}
STATES = {
    TimerState.MET: ("good", "✓", "kept"),
    TimerState.BREACHED: ("bad", "✕", "broken"),
    TimerState.RUNNING: ("calm", "…", "still running"),
    TimerState.PAUSED: ("calm", "…", "stands still"),
    TimerState.CANCELLED: ("calm", "-", "does not hold"),
}
KINDS = {
    RowKind.COUNTED: "counted",
    RowKind.CLOSED: "outside of the contract's hours",
    RowKind.RECOVERED: "you were not affected",
}
CAUSES = {
    PauseCause.CLIENTS_TURN: "it was your turn",
    PauseCause.MAINTENANCE: "agreed maintenance",
    PauseCause.VENDOR_CAUSED: "a cause that the contract excludes",
    PauseCause.CONTRACT_STATE: "the contract was not active",
}


STOOD_STILL = "stood still: {causes}"


def cause(part: Part, say: Say) -> str:
    """Return why a time counted or did not."""
    if part.kind is not RowKind.PAUSED:
        return say(KINDS[part.kind])
    return say(STOOD_STILL).format(causes=", ".join(say(CAUSES[one]) for one in part.causes))


def every_cause() -> tuple[str, ...]:
    """Return every sentence that `cause` may be made of."""
    return *KINDS.values(), *CAUSES.values(), STOOD_STILL, SUM


SUM = "{sum} of {target}"


def sum_of(proof: Proof, say: Say) -> str:
    """Return the sum of what counted, and what was promised: `3 min + 4 min = 7 min of 5 min`."""
    counted = [part.lasted for part in proof.parts if part.kind is RowKind.COUNTED]
    whole = sum(counted, timedelta())
    added = " + ".join(map(length, counted)) + " = " if len(counted) > 1 else ""
    return say(SUM).format(sum=f"{added}{length(whole)}", target=length(proof.target))
