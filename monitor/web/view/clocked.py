"""What happened to the clocks of an incident, in sentences for its timeline."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from alerts.clocks import (
    ClocksPaused,
    ClocksResumed,
    Mitigated,
    PauseCause,
    PromisesCancelled,
    PromisesReset,
    PromisesWarned,
    StartSet,
)
from alerts.revision import ContractRevised, RevisionCause
from monitor.web.measure import count
from monitor.web.view.health import Tone
from monitor.web.view.names import Names, everyone, listed

Telling = tuple[Tone, str, Iterable[str]]

CAUSES = {
    PauseCause.CLIENTS_TURN: "it is the client's turn",
    PauseCause.MAINTENANCE: "agreed maintenance",
    PauseCause.VENDOR_CAUSED: "a vendor is the cause",
    PauseCause.CONTRACT_STATE: "the contract is not active",
}
REVISED = {
    RevisionCause.DATE: "its next version came into force",
    RevisionCause.CONFIGURATION: "the configuration was changed",
}


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _by(who: str | None) -> str:
    return f" by {who}" if who else ""


def _paused(event: ClocksPaused, names: Names) -> Telling:
    text = f"Clocks paused{_by(event.by)} since {_clock(event.since)} ({CAUSES[event.cause]}: {event.why})"
    return Tone.WARN, f"{text} for {listed(event.clients, names)}", everyone(event.clients, names)


def _resumed(event: ClocksResumed, names: Names) -> Telling:
    text = f"Clocks run again{_by(event.by)} from {_clock(event.until)} ({CAUSES[event.cause]}: {event.why})"
    return Tone.CALM, f"{text} for {listed(event.clients, names)}", everyone(event.clients, names)


def _start_set(event: StartSet, names: Names) -> Telling:
    whom = listed(event.clients, names) if event.clients else "every client"
    return Tone.WARN, f"Start set to {_clock(event.start)} by {event.by} for {whom}: {event.why}", ()


def _warned(event: PromisesWarned, names: Names) -> Telling:
    used = f"{event.share:.0%} of the time to {event.promise.replace('_', ' ')} has passed"
    text = f"{used} for {listed(event.clients, names)}; due {_clock(event.due)}"
    return Tone.BAD if event.share >= 1 else Tone.WARN, text, everyone(event.clients, names)


def _cancelled(event: PromisesCancelled, names: Names) -> Telling:
    what = f"Promise {event.promise.replace('_', ' ')}" if event.promise else "Every promise"
    return Tone.WARN, f"{what} cancelled by {event.by} for {listed(event.clients, names)}: {event.why}", ()


def _reset(event: PromisesReset, names: Names) -> Telling:
    what = f"Time to {event.promise.replace('_', ' ')} begun anew by {event.by}"
    return Tone.WARN, f"{what} for {listed(event.clients, names)}: {event.why}", ()


def _mitigated(event: Mitigated, names: Names) -> Telling:
    del names
    return Tone.GOOD, f"Mitigated since {_clock(event.since)}, said by {event.by}: {event.why}", ()


def _revised(event: ContractRevised, names: Names) -> Telling:
    clients = [one.after.client for one in event.revisions]
    tiers = {f"{one.before.tier} to {one.after.tier}" for one in event.revisions if one.before.tier != one.after.tier}
    moved = f", from {', '.join(sorted(tiers))}" if tiers else ""
    text = f"{count(len(clients), 'contract')} revised{moved} ({REVISED[event.cause]})"
    return Tone.WARN, f"{text}: {listed(clients, names)}", everyone(clients, names)


TELLERS: Mapping[str, Callable[[Any, Names], Telling]] = {
    "clocks_paused": _paused,
    "clocks_resumed": _resumed,
    "start_set": _start_set,
    "promises_warned": _warned,
    "promises_cancelled": _cancelled,
    "promises_reset": _reset,
    "mitigated": _mitigated,
    "contract_revised": _revised,
}
