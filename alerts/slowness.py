"""Slowness: a system that answers well, and later than a tier was promised.

Judged per tier, for what is slow to one contract may be good enough for another. Only good looks count: what fails or
hangs is judged elsewhere.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.alert import AlertKey, AlertKind, Move
from alerts.correlate import system_nodes
from alerts.evaluate import STAY, About, Verdict, percent, span
from alerts.weigh import Assessment, Before
from probes.catalog import SystemId, Tier, TierId
from probes.detect import no_accident, over_with, suspect_for, weighed
from probes.failure import Outcome
from probes.objectives import ResponseTime
from probes.observation import Observation
from probes.sli import Indicator, IndicatorKind, counted, ratio


def weigh_slowness(assessment: Assessment, observation: Observation, now: datetime) -> None:
    """Count a good look as in time or slow for each tier that was promised a response time, and judge that."""
    if observation.outcome is not Outcome.GOOD or not observation.requests or assessment.excluded is not None:
        return
    took = (observation.answered - observation.sent) / observation.requests
    for tier in assessment.before.catalog.tiers.values():
        promise = tier.objectives.response_time
        if promise is not None:
            known = _counted(assessment, observation, tier, promise, slow=took > promise.within)
            _judge(assessment, observation.system, tier, known, now)


def still_promised_speed(before: Before, key: AlertKey) -> bool:
    """Return whether the tier of an alert is still promised a response time on a system that still is."""
    system, _, tier = key.subject.partition(":")
    known = before.catalog.tiers.get(TierId(tier))
    promised = known is not None and known.objectives.response_time is not None
    return promised and SystemId(system) in before.catalog.systems


def _counted(
    assessment: Assessment, observation: Observation, tier: Tier, promise: ResponseTime, *, slow: bool
) -> Indicator:
    subject = f"{observation.system}:{tier.id}"
    known = assessment.indicator(IndicatorKind.RESPONSE_TIME, subject, None, promise.over)
    known = replace(
        known,
        tally=counted(known.tally, good=int(not slow), bad=int(slow), at=observation.answered),
        evidence=weighed(known.evidence, suspect_for(1 - promise.target), bad=slow, at=observation.answered),
        seen=observation.answered,
    )
    assessment.put(known)
    return known


def _judge(assessment: Assessment, system: SystemId, tier: Tier, known: Indicator, now: datetime) -> None:
    key = AlertKey(kind=AlertKind.SLOW, subject=known.key.subject)
    about = About(key=key, nodes=system_nodes(system), system=system)
    verdict = _judged(known, system, tier, now)
    if verdict.move is Move.CONFIRM:
        hurt = frozenset(one.id for one in assessment.before.catalog.clients_of(system) if one.tier == tier.id)
        if not hurt:
            return
        about = replace(about, clients=hurt)
    assessment.judge(about, verdict, known, now)


def _judged(known: Indicator, system: SystemId, tier: Tier, now: datetime) -> Verdict:
    promise, evidence = tier.objectives.response_time, known.evidence
    good, bad = known.tally.totals(now)
    share = ratio(good, bad)
    if promise is None or share is None:
        return STAY
    allowed = 1 - promise.target
    if over_with(good, bad, evidence.successes) or (bad and share < allowed):
        return Verdict(move=Move.CLEAR, cleared=evidence.good_since)
    if share <= allowed or bad < no_accident(good + bad, allowed):
        return STAY
    late = f"{system} answered {bad} of {good + bad} looks later than {_length(promise.within)}"
    text = f"{late} in {span(promise.over)} ({percent(share)}, {tier.id} is promised {percent(allowed)} at most)"
    return Verdict(move=Move.CONFIRM, explanation=text, onset=evidence.first_bad or evidence.last_bad or now)


def _length(length: timedelta) -> str:
    seconds = length.total_seconds()
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:g} s"
