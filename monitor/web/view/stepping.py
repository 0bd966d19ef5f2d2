"""What an incident's timeline says of its escalation, in sentences: who has it, who is next, and what moved a step."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from alerts.escalation import PageReason
from alerts.steps import EscalationPaused, OwnersPaged, PolicyTaken, StepCause, StepMoved
from alerts.timeline import Acknowledged, Paged
from monitor.web.view.health import Tone
from probes.catalog import ClientId

REASONS = {
    PageReason.FIRST: "first on call",
    PageReason.NOT_ACKNOWLEDGED: "nobody had acknowledged",
    PageReason.NOBODY_ON_CALL: "catch-all: nobody is on call",
    PageReason.EXHAUSTED: "catch-all: no escalation step is left",
    PageReason.REASSIGNED: "it was given to them",
    PageReason.RISEN: "it has become worse",
    PageReason.LAPSED: "an acknowledgement had run out",
    PageReason.PAUSE_OVER: "the pause was over",
    PageReason.FORECAST: "a promise would hardly be kept",
    PageReason.UNDELIVERED: "the page before had reached nobody",
    PageReason.OWNER: "a part of it is theirs",
}

MOVES = {
    StepCause.OUT_OF_HOURS: "The next page waits until {due}: {why}",
    StepCause.PASSED_OVER: "Passed over: {why}",
    StepCause.LAPSED: "The escalation goes on: {why}",
    StepCause.HELD_ON: "Held on until {due}: {why}",
    StepCause.PAUSE_OVER: "The escalation goes on: {why}",
    StepCause.FORECAST: "The next page is brought forward: {why}",
    StepCause.UNDELIVERED: "The next page is brought forward: {why}",
    StepCause.CLOCK_PUT_BACK: "The wait for the next page begins anew, until {due}: {why}",
}

Telling = tuple[Tone, str, Iterable[str]]
Names = Mapping[ClientId, str]


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def paged(event: Paged, names: Names) -> Telling:
    """Tell who was paged, and why."""
    del names
    return Tone.WARN, f"{', '.join(event.people)} paged ({REASONS[event.reason]})", ()


def owners_paged(event: OwnersPaged, names: Names) -> Telling:
    """Tell whose a part of it is."""
    del names
    return Tone.WARN, f"{', '.join(one.id for one in event.people)} told of {event.concern}, which is theirs", ()


def policy_taken(event: PolicyTaken, names: Names) -> Telling:
    """Tell which policy pages from now on."""
    del names
    return Tone.WARN, f"Escalation {event.policy.name}{f': {event.why}' if event.why else ''}", ()


def step_moved(event: StepMoved, names: Names) -> Telling:
    """Tell what moved the next step."""
    del names
    return Tone.WARN, MOVES[event.cause].format(due=_utc(event.next_due), why=event.why), ()


def escalation_paused(event: EscalationPaused, names: Names) -> Telling:
    """Tell who paused it, until when and why."""
    del names
    return Tone.CALM, f"Escalation paused by {event.by} until {_utc(event.until)}: {event.why}", ()


def acknowledged(event: Acknowledged, names: Names) -> Telling:
    """Tell who took it, and for how long."""
    del names
    ends = "nobody else is paged" if event.until is None else f"nobody else is paged before {_utc(event.until)}"
    return Tone.GOOD, f"Acknowledged by {event.by}: {ends}", ()
