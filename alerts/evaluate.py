"""From what an indicator says to what its alert does: the tier's objectives as rules.

Each `judge_*` function reads one indicator and returns a verdict: a move, its instants from the data, and one sentence
with the numbers. `evaluated` applies it by the table in `alert`. Nothing here knows of incidents or people.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.alert import TRANSITIONS, Alert, AlertKey, AlertState, Move, Reason, moved
from probes.catalog import ClientId, FlowId, SystemId
from probes.cusum import Cusum, Thresholds
from probes.detect import Evidence, Suspect, no_accident, over_with, rearmed
from probes.objectives import FailureRatio, SyncLatency
from probes.sli import Indicator, IndicatorKind, Tally, ratio
from probes.tracked import Standing

LOOKS = Suspect()
OVERDUE_FACTOR = 2
UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the evidence says now; `onset` and `cleared` are instants of the data.

    `silent` says that what has ended was only not reported again, `reason` why it moves, where a move can have several.
    """

    move: Move
    explanation: str = ""
    onset: datetime | None = None
    cleared: datetime | None = None
    silent: bool = False
    reason: Reason | None = None


REASONS = {
    Move.SUSPECT: Reason.SUSPECTED,
    Move.CONFIRM: Reason.OBJECTIVE_MISSED,
    Move.CLEAR: Reason.GOOD_AGAIN,
    Move.LOSE_SIGHT: Reason.NO_ANSWER,
    Move.STAY: Reason.UNRECORDED,
}
"""Why an alert moves where a verdict says no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an alert is about: its key, its system or flow, and the places that could explain it.

    `clients` are those that it hurts where its key names none; `urgent` makes a ticket of it that pages. `references`
    are addresses that came with it, `labels` those that it was reported with. `name` is the key as text: kept, because
    each look asks after a dozen alerts.
    """

    key: AlertKey
    nodes: frozenset[str]
    system: SystemId | None = None
    flow: FlowId | None = None
    clients: frozenset[ClientId] = frozenset()
    urgent: bool = False
    references: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    name: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Write the key as text."""
        object.__setattr__(self, "name", str(self.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Blindness:
    """Since when a system gave no usable answer, why, and for how long that may last before it is said."""

    since: datetime | None
    limit: timedelta
    reason: str


STAY = Verdict(move=Move.STAY)


def span(length: timedelta) -> str:
    """Return a duration in words short enough for a pager: `41 s`, `3 min`, `2 h 5 min`."""
    seconds = round(length.total_seconds())
    if seconds < 120:  # noqa: PLR2004 - below two minutes people count seconds
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def length(window: timedelta) -> str:
    """Return the length of a window in the largest unit that measures it whole: `1 d`, `1 h`, `90 min`."""
    return next((f"{window // unit} {name}" for unit, name in UNITS if not window % unit), span(window))


def percent(share: float) -> str:
    """Return a share of one as a percentage with no more digits than it needs."""
    return f"{share * 100:.3g} %"


def judge_looks(
    indicator: Indicator, system: SystemId, blindness: Blindness, limits: Thresholds, now: datetime
) -> Verdict:
    """Return what the looks at a system say of its availability, or that it cannot be seen."""
    evidence, looks = indicator.evidence, indicator.cusum
    if blindness.since is not None and now - blindness.since >= blindness.limit:
        unseen = span(now - blindness.since)
        text = f"{system} has given no usable answer for {unseen}: {blindness.reason}"
        return Verdict(move=Move.LOSE_SIGHT, explanation=text, onset=blindness.since)
    if looks.alarmed(limits):
        return _failing(system, looks, limits, now)
    if evidence.cleared(LOOKS) and (not looks.held or over_with(looks.good, looks.bad, evidence.successes)):
        return Verdict(move=Move.CLEAR, cleared=evidence.good_since)
    if looks.first_bad is not None and evidence.first_bad is not None:
        text = f"{system} failed {looks.bad} of {looks.good + looks.bad} looks since {_clock(looks.first_bad)} UTC"
        return Verdict(move=Move.SUSPECT, explanation=text, onset=evidence.first_bad)
    return STAY


def _failing(system: SystemId, looks: Cusum, limits: Thresholds, now: datetime) -> Verdict:
    """What fails altogether since the first of its row, what fails in part since its level left 0."""
    in_part = looks.level >= limits.level and looks.good > 0
    onset = (looks.first_bad if in_part else looks.row_since) or now
    good = looks.good_before if in_part else looks.last_good
    before = f"last good before that at {_clock(good)}" if good is not None else "not seen good before"
    total = looks.good + looks.bad
    failed = (
        f"{looks.bad} of {total} looks ({percent(looks.bad / total)})" if in_part else f"{looks.row} looks in a row"
    )
    text = f"{system} failed {failed} since {_clock(onset)} UTC, {before}"
    reason = Reason.FAILED_IN_PART if in_part else Reason.FAILED_IN_A_ROW
    return Verdict(move=Move.CONFIRM, explanation=text, onset=onset, reason=reason)


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}"


def judge_credential(indicator: Indicator, system: SystemId) -> Verdict:
    """Return whether a system refuses our credential."""
    evidence = indicator.evidence
    if evidence.alarmed(LOOKS) and evidence.first_bad is not None and evidence.good_since is None:
        text = f"{system} refuses our credential since {evidence.first_bad:%H:%M:%S} UTC"
        return Verdict(move=Move.CONFIRM, explanation=text, onset=evidence.first_bad, reason=Reason.REFUSED)
    if evidence.cleared(LOOKS):
        return Verdict(move=Move.CLEAR, cleared=evidence.good_since)
    if evidence.first_bad is not None:
        return Verdict(move=Move.SUSPECT, explanation=f"{system} refused our credential", onset=evidence.first_bad)
    return STAY


def judge_failures(indicator: Indicator, objective: FailureRatio, now: datetime) -> Verdict:
    """Return whether too many of a client's records fail: over the objective, and too many to be chance.

    It is over once the objective is met again, or sooner where successes in a row show that the failures have ended.
    """
    good, bad = indicator.tally.totals(now)
    share, evidence = ratio(good, bad), indicator.evidence
    if over_with(good, bad, evidence.successes) or (bad and share is not None and share < objective.below):
        return Verdict(move=Move.CLEAR, cleared=evidence.good_since)
    if not bad or share is None:
        return STAY
    onset = evidence.first_bad or evidence.last_bad or now
    if bad < no_accident(good + bad, objective.below):
        return Verdict(move=Move.SUSPECT, explanation=f"{bad} of {good + bad} failed", onset=onset)
    of_all = f"{percent(share)}, allowed {percent(objective.below)}"
    text = f"{bad} of {good + bad} failed in {span(objective.over)} ({of_all})"
    return Verdict(move=Move.CONFIRM, explanation=text, onset=onset)


def _late(indicator: Indicator, standing: Standing, objective: SyncLatency, now: datetime) -> str | None:
    good, bad = indicator.tally.totals(now)
    share, allowed = ratio(good, bad), 1 - objective.target
    if share is not None and share > allowed and bad >= no_accident(good + bad, allowed):
        return (
            f"{bad} of {good + bad} records not within {span(objective.within)} "
            f"({percent(share)}, allowed {percent(allowed)})"
        )
    if standing.oldest_overdue is not None and now - standing.oldest_overdue >= OVERDUE_FACTOR * objective.within:
        return f"a record has waited {span(now - standing.oldest_overdue)}, promised within {span(objective.within)}"
    return None


def judge_sync(
    indicator: Indicator, standing: Standing, objective: SyncLatency, covered: datetime | None, now: datetime
) -> Verdict:
    """Return whether a client's records arrive late on a flow, and whether its backlog has drained.

    It is over once nothing overdue is left and the destination has been watched for one more limit without a new late
    record: `cleared` is then the arrival of the last late one.
    """
    late = _late(indicator, standing, objective, now)
    last = max((at for at in (indicator.drained, indicator.evidence.last_bad) if at is not None), default=None)
    # An instant to come is from before our clock was put back; to wait for it would keep the incident open.
    calm = last is None or last > now or (covered is not None and covered - last >= objective.within)
    if standing.overdue == 0 and calm:
        return Verdict(move=Move.CLEAR, cleared=last)
    onset = indicator.evidence.first_bad or standing.oldest_overdue or now
    if late is not None and standing.overdue:
        return Verdict(move=Move.CONFIRM, explanation=late, onset=onset)
    if standing.overdue:
        text = f"{standing.overdue} not within {span(objective.within)}"
        return Verdict(move=Move.SUSPECT, explanation=text, onset=onset)
    return STAY


def _next(alert: Alert | None, about: About, verdict: Verdict, now: datetime) -> Alert:
    before = alert.state if alert else AlertState.INACTIVE
    state = moved(before, verdict.move)
    fresh = alert is None or before in (AlertState.RESOLVED, AlertState.INACTIVE)
    # What is confirmed may have begun before what was first suspected.
    onset = (verdict.onset or now) if fresh or alert is None else min(alert.onset, verdict.onset or alert.onset)
    return Alert(
        key=about.key,
        state=state,
        onset=onset,
        since=now,
        explanation=verdict.explanation or (alert.explanation if alert else ""),
        nodes=about.nodes,
        system=about.system,
        flow=about.flow,
        incident=alert.incident if alert else None,
        cleared=_cleared(alert, state, verdict, now),
        clients=about.clients or (alert.clients if alert else frozenset()),
        urgent=about.urgent,
        references=about.references,
        labels=about.labels,
        silent=verdict.silent and state is AlertState.RESOLVED,
        reason=verdict.reason or (Reason.UNFOUNDED if state is AlertState.INACTIVE else REASONS[verdict.move]),
    )


def _cleared(alert: Alert | None, state: AlertState, verdict: Verdict, now: datetime) -> datetime | None:
    if state is AlertState.RESOLVED:
        return verdict.cleared or now
    # A suspicion that is not confirmed does not undo that it was good again.
    return alert.cleared if alert is not None and state is AlertState.PENDING else None


def evaluated(alert: Alert | None, about: About, verdict: Verdict, now: datetime) -> Alert | None:
    """Return the alert after a verdict, None where the verdict says nothing new in its state."""
    before = alert.state if alert else AlertState.INACTIVE
    if (before, verdict.move) not in TRANSITIONS:
        return None
    return _next(alert, about, verdict, now)


def settled(indicator: Indicator, alert: Alert) -> Indicator:
    """Return the indicator after its alert moved: an end starts the count anew, a beginning starts towards its end.

    A suspicion that comes to nothing forgets its evidence, not what was counted: an objective can be missed by many
    small failures, none of which lasts long enough to be confirmed.
    """
    calm = Evidence(successes=indicator.evidence.successes, good_since=indicator.evidence.good_since)
    if alert.state is AlertState.RESOLVED:
        if indicator.key.kind is IndicatorKind.AVAILABILITY:
            # How often a system was good is counted on: an outage that has ended was none the less part of it.
            return replace(indicator, evidence=calm, cusum=Cusum())
        return replace(indicator, tally=Tally(over=indicator.tally.over), evidence=Evidence(), cusum=Cusum())
    if alert.state is AlertState.INACTIVE:
        return replace(indicator, evidence=calm)
    if alert.active:
        return replace(indicator, evidence=rearmed(indicator.evidence), cusum=replace(indicator.cusum, held=True))
    return indicator
