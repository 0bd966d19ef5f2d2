"""Records that are not as asserted: a ticket for whoever owns the data, a page where the assertion asks for one.

Every assertion has an alert of its own, so that each says which list, which field and how many. It never says a value.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from alerts.alert import AlertKey, AlertKind, Move
from alerts.correlate import system_nodes
from alerts.evaluate import STAY, About, Verdict, length, percent
from alerts.weigh import Assessment, Before
from probes.assertion import Assertion, AssertionKind
from probes.catalog import SystemId
from probes.detect import no_accident, over_with, suspect_for, weighed
from probes.observation import Observation, Record
from probes.quality import Row, check
from probes.sli import Indicator, IndicatorKind, counted, ratio

BROKEN = {
    AssertionKind.REQUIRED: "{bad} of {total} records of {list} have nothing at {field}",
    AssertionKind.SAME: "{bad} of {total} records of {list} came twice in one look, with different contents",
    AssertionKind.UNIQUE: "{bad} of {total} records of {list} share their {field} with another one",
    AssertionKind.MONOTONIC: "{field} went back {bad} times in {total} records of {list}",
}


def subject_of(system: SystemId, resource: str, assertion: Assertion) -> str:
    """Return what an assertion's alert and indicator are called: `billing.invoices:required:amount_due`."""
    return f"{system}.{resource}:{assertion.name}"


def weigh_quality(assessment: Assessment, observation: Observation, fresh: Iterable[Record], now: datetime) -> None:
    """Count and judge what a look's list is asserted to be; the first look at a list is judged as every other."""
    system = observation.system
    resource = assessment.before.catalog.systems[system].connector.resources.get(observation.resource)
    if resource is None or not resource.assertions:
        return
    news = frozenset(record.id for record in fresh)
    for one in resource.assertions:
        subject = subject_of(system, resource.name, one)
        known = assessment.indicator(IndicatorKind.DATA_QUALITY, subject, None, one.over)
        known = _with(known, one, observation, news)
        assessment.put(known)
        key = AlertKey(kind=AlertKind.DATA_QUALITY, subject=subject)
        about = About(key=key, nodes=system_nodes(system), system=system, urgent=one.page)
        assessment.judge(about, judge_assertion(known, one, f"{system}.{resource.name}", now), known, now)


def judge_assertion(known: Indicator, assertion: Assertion, name: str, now: datetime) -> Verdict:
    """Return whether too many records of a list break an assertion: more than allowed, and too many to be chance.

    It is over when the share is allowed again, or sooner where records in a row show that it has ended.
    """
    good, bad = known.tally.totals(now)
    share, evidence = ratio(good, bad), known.evidence
    if share is None:
        return STAY
    if share <= assertion.at_most or over_with(good, bad, evidence.successes):
        return Verdict(move=Move.CLEAR, cleared=evidence.good_since)
    onset = evidence.first_bad or evidence.last_bad or now
    sentence = BROKEN[assertion.kind].format(bad=bad, total=good + bad, list=name, field=assertion.field)
    if bad < no_accident(good + bad, assertion.at_most):
        return Verdict(move=Move.SUSPECT, explanation=sentence, onset=onset)
    allowed = f"allowed {percent(assertion.at_most)}" if assertion.at_most else "allowed none"
    return Verdict(move=Move.CONFIRM, explanation=f"{sentence} in {length(assertion.over)}, {allowed}", onset=onset)


def still_asserted(before: Before, key: AlertKey) -> bool:
    """Return whether what an alert is about is still asserted."""
    return key.subject in {
        subject_of(system.id, resource.name, one)
        for system in before.catalog.systems.values()
        for resource in system.connector.resources.values()
        for one in resource.assertions
    }


def _with(known: Indicator, assertion: Assertion, observation: Observation, news: frozenset[str]) -> Indicator:
    rows = [Row(id=one.id, listed=one.listed, value=one.asserted.get(assertion.field)) for one in observation.records]
    found = check(assertion.kind, rows, news, known.mark)
    evidence, test, at = known.evidence, suspect_for(assertion.at_most), observation.answered
    # In which order they came within a look nobody knows: only looks without a broken one can show that it has ended.
    for bad, count in ((False, found.good), (True, found.bad)):
        for _ in range(count):
            evidence = weighed(evidence, test, bad=bad, at=at)
    tally = counted(known.tally, good=found.good, bad=found.bad, at=at) if found.good or found.bad else known.tally
    return replace(known, tally=tally, evidence=evidence, mark=found.mark, seen=at)
