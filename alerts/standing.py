"""How an incident's escalation stands besides its next step: who has it, until when, and what was done once already.

Its functions are parts of the incident's fold: each returns the standing after an event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.concern import Concern
from alerts.escalation import PageReason
from alerts.steps import EscalationPaused, StepCause, StepMoved

BECAUSE: Mapping[StepCause, PageReason] = {
    StepCause.LAPSED: PageReason.LAPSED,
    StepCause.PAUSE_OVER: PageReason.PAUSE_OVER,
    StepCause.FORECAST: PageReason.FORECAST,
    StepCause.UNDELIVERED: PageReason.UNDELIVERED,
}
"""Why a page comes that a moved step has brought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of an escalation.

    `concern` is the kind of failure whose policy pages, `told` are the other kinds whose owners know of it. The last
    acknowledgement holds from `held_since` until `held_until`, without an end where that is None, unless it has
    `lapsed`. The next step waits for `paused_until` because somebody said so. `throttled` are alerts that are blind
    because of a quota.

    `waits_since` is when the wait for the next step began, where it is a length of time and no time of day. `hurried`
    is when a step was brought forward because a promise would hardly be kept: that is done once. `progress` is when an
    alert last ended or a client last recovered. `because` is why the next page comes, where it is not its
    turn, and `why` says so in words. `reached` says whether anybody's channel took a page of the last step.
    """

    concern: Concern | None = None
    told: frozenset[Concern] = frozenset()
    held_since: datetime | None = None
    held_until: datetime | None = None
    lapsed: datetime | None = None
    paused_until: datetime | None = None
    paused_by: str | None = None
    waits_since: datetime | None = None
    hurried: datetime | None = None
    progress: datetime | None = None
    because: PageReason | None = None
    why: str = ""
    reached: bool = False
    throttled: frozenset[str] = frozenset()


def begun(before: Standing, concern: Concern, at: datetime, *, lapses: bool, again: bool) -> Standing:
    """Return the standing when a policy begins; who took what was less bad has not taken this: that `lapses`."""
    told = before.told | ({before.concern} if before.concern is not None else set())
    return replace(
        before,
        concern=concern,
        told=told - {concern},
        lapsed=at if lapses else before.lapsed,
        paused_until=None,
        waits_since=None,
        because=PageReason.RISEN if again else None,
    )


def moved(before: Standing, event: StepMoved) -> Standing:
    """Return the standing when the next step is due at another instant."""
    because = BECAUSE.get(event.cause, before.because)
    waits = event.at if event.cause is StepCause.CLOCK_PUT_BACK else None
    why = event.why if event.cause in BECAUSE else before.why
    after = replace(before, because=because, why=why, waits_since=waits)
    match event.cause:
        case StepCause.HELD_ON:
            return replace(after, held_since=event.at, held_until=event.next_due, waits_since=event.at)
        case StepCause.LAPSED:
            return replace(after, lapsed=event.at, held_until=None, paused_until=None)
        case StepCause.PAUSE_OVER:
            return replace(after, paused_until=None)
        case StepCause.FORECAST:
            return replace(after, hurried=event.at)
        case _:
            return after


def taken(before: Standing, at: datetime, until: datetime | None) -> Standing:
    """Return the standing when somebody takes it, for a while or for good."""
    waits = at if until is not None else None
    return replace(before, held_since=at, held_until=until, waits_since=waits, lapsed=None, paused_until=None)


def paused(before: Standing, event: EscalationPaused) -> Standing:
    """Return the standing when somebody puts the next step off."""
    return replace(before, paused_until=event.until, paused_by=event.by, waits_since=None)
