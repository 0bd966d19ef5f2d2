"""Whose trouble a failure is, as part of what an alert says: our own network's, one account's, or the vendor's.

Comparing is `probes.attribution`'s work. Here a look without an answer becomes evidence about our own network, and a
verdict that pages is told together with how the others are.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from alerts.alert import AlertKey, AlertKind, AlertState, Move, Reason
from alerts.evaluate import LOOKS, STAY, About, Verdict, percent
from alerts.weigh import LOOKS_OVER, Assessment
from probes.attribution import UNANSWERED, Beside, Cause, Sum, beside, shared, siblings, together
from probes.catalog import SystemId
from probes.detect import weighed
from probes.failure import FailureClass, Outcome
from probes.observation import Observation
from probes.sli import Indicator, IndicatorKind, ratio

NETWORK = "network"
OURS = AlertKey(kind=AlertKind.EGRESS, subject=NETWORK)
ABOUT_US = About(key=OURS, nodes=frozenset({f"egress:{NETWORK}"}))
SAYS_NOTHING = UNANSWERED | {FailureClass.OWN, FailureClass.QUOTA}
"""A look that ended so says nothing of our own network: nothing was sent, or it may be the other end."""


def weigh_egress(assessment: Assessment, observation: Observation, now: datetime) -> None:
    """Add a look to what is known of our own network, and judge that; any answer at all shows that it works."""
    bad = observation.failure is FailureClass.EGRESS
    known = assessment.indicator(IndicatorKind.EGRESS, NETWORK, None, LOOKS_OVER)
    in_doubt = known.evidence.suspicion > 0 or assessment.known(ABOUT_US) is not None
    if observation.failure in SAYS_NOTHING or not (bad or in_doubt):
        return
    at = observation.sent if bad else observation.answered
    known = replace(known, evidence=weighed(known.evidence, LOOKS, bad=bad, at=at), seen=observation.answered)
    assessment.put(known)
    assessment.judge(ABOUT_US, _judged(known, observation.reason), known, now)


def _judged(known: Indicator, reason: str) -> Verdict:
    evidence = known.evidence
    if evidence.cleared(LOOKS):
        return Verdict(move=Move.CLEAR, cleared=evidence.good_since)
    if evidence.first_bad is None:
        return STAY
    move = Move.CONFIRM if evidence.alarmed(LOOKS) and evidence.good_since is None else Move.SUSPECT
    text = f"nothing outside can be reached since {evidence.first_bad:%H:%M:%S} UTC: {reason}"
    return Verdict(move=move, explanation=text, onset=evidence.first_bad)


def cut_off(assessment: Assessment) -> bool:
    """Return whether our own network is why nothing can be seen."""
    alert = assessment.known(ABOUT_US)
    return alert is not None and alert.active


def weigh_declared(assessment: Assessment, observation: Observation) -> None:
    """Add a look at a vendor's status page: bad is what it declares; one that cannot be read declares nothing."""
    declares = observation.failure is FailureClass.BUSINESS
    if not declares and observation.outcome is not Outcome.GOOD:
        return
    known = assessment.indicator(IndicatorKind.AVAILABILITY, observation.system, None, LOOKS_OVER)
    at = observation.sent if declares else observation.answered
    evidence = weighed(known.evidence, LOOKS, bad=declares, at=at)
    assessment.put(replace(known, evidence=evidence, seen=observation.answered))


def judge_declared(known: Indicator, system: SystemId) -> Verdict:
    """Return what a vendor's status page declares; nobody is paged for a declaration alone."""
    evidence = known.evidence
    if evidence.alarmed(LOOKS) and evidence.first_bad is not None and evidence.good_since is None:
        text = f"{system} declares a major outage since {evidence.first_bad:%H:%M:%S} UTC or before"
        return Verdict(move=Move.CONFIRM, explanation=text, onset=evidence.first_bad, reason=Reason.DECLARED)
    return Verdict(move=Move.CLEAR, cleared=evidence.good_since) if evidence.cleared(LOOKS) else STAY


def with_cause(assessment: Assessment, system: SystemId, verdict: Verdict) -> Verdict:
    """Return a verdict that a system is down, told with how its vendor's other accounts are and what its page says."""
    alert = assessment.alert(AlertKey(kind=AlertKind.AVAILABILITY, subject=system))
    known = alert is not None and alert.state is AlertState.FIRING
    if verdict.move is not Move.CONFIRM or verdict.onset is None or known:
        # It is told when it begins; to go on comparing costs a walk over all systems at each look.
        return verdict
    catalog = assessment.before.catalog
    kin = {other: _looks_at(assessment, other) for other in siblings(catalog, system)}
    page = catalog.systems[system].status_page
    told = (
        _of_accounts(beside(kin, verdict.onset), catalog.systems[system].connector.name),
        _of_page(_looks_at(assessment, page)) if page is not None else "",
    )
    return replace(verdict, explanation="; ".join((verdict.explanation, *(text for text in told if text))))


class Rest:
    """How all clients of a system fare, added up once for all the verdicts of a pass, and only where one needs it."""

    def __init__(self, assessment: Assessment, system: SystemId, now: datetime) -> None:
        """Begin with nothing added up."""
        self._assessment = assessment
        self._system = system
        self._now = now

    @cached_property
    def _all(self) -> Sum:
        return together(_indicators(self._assessment), IndicatorKind.FAILURE_RATIO, self._system, self._now)

    def beside(self, indicator: Indicator, allowed: float, verdict: Verdict) -> Verdict:
        """Return a verdict on one client's records, told with how the other clients fare when its alert begins."""
        key = AlertKey(kind=AlertKind.FAILURE_RATIO, subject=self._system, client=indicator.key.client)
        alert = self._assessment.alert(key)
        if verdict.move is not Move.CONFIRM or (alert is not None and alert.active):
            return verdict
        good, bad = indicator.tally.totals(self._now)
        rest = self._all.without(good, bad)
        also = shared(rest, allowed)
        return verdict if also is None else replace(verdict, explanation=f"{verdict.explanation}; {_told(rest, also)}")


def _told(rest: Sum, also: bool) -> str:  # noqa: FBT001 - a reading aid for the one caller
    who = "the other client's" if rest.clients == 1 else f"the other {rest.clients:,} clients'"
    share = percent(ratio(rest.good, rest.bad) or 0.0)
    counts = f"{rest.bad:,} of {rest.good + rest.bad:,}, {share}"
    return f"{who} fail too ({counts})" if also else f"{who} do not ({counts})"


def _indicators(assessment: Assessment) -> Iterator[Indicator]:
    yield from assessment.indicators.values()
    yield from (one for name, one in assessment.before.indicators.items() if name not in assessment.indicators)


def _of_accounts(seen: Beside, vendor: str) -> str:
    if seen.cause is Cause.VENDOR:
        return f"{_accounts(len(seen.failing), vendor, 'fail')} too: the vendor's trouble"
    if seen.cause is Cause.ACCOUNT:
        return f"{_accounts(len(seen.well), vendor, 'answer')}: this account's trouble"
    return ""


def _accounts(number: int, vendor: str, do: str) -> str:
    return f"1 other {vendor} account {do}s" if number == 1 else f"{number} other {vendor} accounts {do}"


def _of_page(known: Indicator) -> str:
    if known.seen is None:
        return ""
    declared = known.evidence.first_bad if known.evidence.good_since is None else None
    if declared is None:
        return f"its status page declared nothing at {known.seen:%H:%M:%S} UTC"
    return f"its status page declares an outage since {declared:%H:%M:%S} UTC"


def _looks_at(assessment: Assessment, system: SystemId) -> Indicator:
    return assessment.indicator(IndicatorKind.AVAILABILITY, system, None, LOOKS_OVER)
