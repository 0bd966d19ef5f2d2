"""What is asserted of a system's records, and how many of them break it."""

from dataclasses import dataclass
from datetime import datetime

from alerts.alert import Move
from alerts.quality import judge_assertion, subject_of
from monitor.situation import Situation
from probes.assertion import Assertion
from probes.catalog import SystemId
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertedView:
    """One assertion on a list of a system: how many records of the window were counted, and how many break it."""

    name: str
    resource: str
    assertion: Assertion
    broken: int
    counted: int
    kept: bool


def asserted(situation: Situation, system: SystemId, now: datetime) -> tuple[AssertedView, ...]:
    """Return every assertion on a system's lists, as configured."""
    resources = situation.config.catalog.systems[system].connector.resources.values()
    return tuple(_view(situation, system, one.name, each, now) for one in resources for each in one.assertions)


def _view(situation: Situation, system: SystemId, resource: str, assertion: Assertion, now: datetime) -> AssertedView:
    subject = subject_of(system, resource, assertion)
    key = IndicatorKey(kind=IndicatorKind.DATA_QUALITY, subject=subject)
    known = situation.indicators.get(str(key)) or Indicator(key=key, tally=Tally(over=assertion.over))
    good, bad = known.tally.totals(now)
    return AssertedView(
        name=f"{resource}:{assertion.name}",
        resource=resource,
        assertion=assertion,
        broken=bad,
        counted=good + bad,
        kept=judge_assertion(known, assertion, resource, now).move is not Move.CONFIRM,
    )
