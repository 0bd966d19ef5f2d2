"""The quotas at work: what is in flight is counted, what vendors say is learned, and the looks are spread anew."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.alert import IncidentId
from alerts.incident import Incident
from monitor.loops.looking import plan_looks
from monitor.loops.pacing import Pacing, incidents_by_probe
from monitor.loops.quotas import Counted, Quotas
from monitor.situation import Situation
from probes.adapters.http import Call
from probes.answer import Answer, Failure, Page
from probes.budget import FLIGHT, Allowance, Balance, Purpose, Quota, QuotaNews, Window
from probes.catalog import SystemId
from probes.failure import FailureClass, Outcome
from probes.observation import Observation
from tests.monitor.loops.fleet import AMPLE, GATEWAY, NOW, PAYMENTS_PROBE, REFUNDS_PROBE, observation, situation

SECOND = timedelta(seconds=1)
TIMED_OUT = Failure(failure=FailureClass.TIMEOUT, reason="no answer")
ANSWERED = Answer(status=200, headers={}, body=b"{}", answered=NOW)


class Wire:
    """A transport that gives one answer, whatever is asked."""

    def __init__(self, result: Answer | Failure) -> None:
        self.result = result

    async def send(self, call: Call, now: Callable[[], datetime]) -> Answer | Failure:
        """Give the answer."""
        del call, now
        return self.result


def quotas(here: Situation) -> Quotas:
    return Quotas(lambda: here, lambda *_: None)


@pytest.mark.parametrize(
    ("result", "free"),
    [(ANSWERED, True), (Failure(failure=FailureClass.CONNECT, reason="refused"), True), (TIMED_OUT, False)],
)
async def test_a_request_is_in_flight_until_it_is_answered_and_longer_where_it_was_given_up(
    result: Answer | Failure, *, free: bool
) -> None:
    at_work = quotas(situation(replace(AMPLE, concurrent=1)))
    counted = Counted(Wire(result), at_work, GATEWAY)
    assert counted.take(Purpose.ROUTINE, NOW).granted
    assert not at_work.take(GATEWAY, Purpose.CONFIRM, NOW + SECOND).granted
    await counted.send(Call(url="https://gateway.example"), lambda: NOW)
    assert at_work.take(GATEWAY, Purpose.CONFIRM, NOW + SECOND).granted is free
    assert at_work.take(GATEWAY, Purpose.CONFIRM, NOW + SECOND + FLIGHT).granted


def test_looks_that_begin_together_see_what_each_other_take() -> None:
    at_work, ahead = quotas(situation(replace(AMPLE, concurrent=2, reserve=0))), dict[SystemId, Balance]()
    waits = [at_work.ahead(GATEWAY, Purpose.ROUTINE, ahead, NOW) for _ in range(3)]
    assert waits == [timedelta(), timedelta(), FLIGHT]
    assert at_work.take(GATEWAY, Purpose.ROUTINE, NOW).granted


def test_throttled_looks_halve_the_speed_once_and_answers_bring_it_back() -> None:
    here = situation()
    at_work = quotas(here)
    full = at_work.sustained(GATEWAY)
    refused = observation(Outcome.THROTTLED, FailureClass.THROTTLED)
    for _ in range(5):
        at_work.learned(refused)
    assert at_work.sustained(GATEWAY) == pytest.approx(full / 2, rel=0.01)
    at_work.learned(replace(observation(), answered=NOW + 20 * SECOND))
    assert at_work.sustained(GATEWAY) == pytest.approx(0.55 * full, rel=0.01)


@pytest.mark.parametrize(
    ("seen", "faster"),
    [
        (observation(Outcome.SKIPPED, FailureClass.QUOTA, requests=0), False),
        (observation(Outcome.SKIPPED, FailureClass.QUOTA, requests=2), True),
        (observation(Outcome.BAD, FailureClass.TIMEOUT), False),
        (observation(Outcome.BAD, FailureClass.SERVER), True),
    ],
)
def test_only_a_vendor_that_answered_has_said_that_it_could_bear_more(seen: Observation, *, faster: bool) -> None:
    here = situation()
    at_work = quotas(here)
    at_work.learned(observation(Outcome.THROTTLED, FailureClass.THROTTLED))
    at_work.learned(replace(seen, answered=NOW + 20 * SECOND))
    assert (at_work.balance(GATEWAY).speed > 0.5) is faster


def renewed(here: Situation, now: datetime = NOW) -> dict[str, float]:
    Pacing(quotas(here)).renew(here, GATEWAY, 0, now)
    return {probe: sight.interval.total_seconds() for probe, sight in here.sights.items()}


def test_a_limit_that_the_vendor_tells_spreads_the_looks_anew_and_says_what_was_wanted() -> None:
    here = situation()
    assert set(renewed(here).values()) == {60}
    told = Allowance(limit=1, period=timedelta(minutes=1))
    quotas(here).learned(replace(observation(), news=QuotaNews(allowances=(told,))))
    stretched = renewed(here)
    assert all(interval > 66 for interval in stretched.values())
    assert {sight.wanted for sight in here.sights.values()} == {60 * SECOND}


def test_looks_come_sooner_again_once_the_vendor_bears_them() -> None:
    here = situation(Quota(windows=(Window(limit=20, period=timedelta(minutes=1)),)))
    here.balances[GATEWAY] = replace(quotas(here).balance(GATEWAY), speed=1 / 64)
    slow = renewed(here)[PAYMENTS_PROBE]
    sight = here.sights[PAYMENTS_PROBE]
    sight.next_due = NOW + timedelta(seconds=slow)
    here.balances.clear()
    assert renewed(here)[PAYMENTS_PROBE] == 60
    assert sight.next_due <= NOW + 72 * SECOND


def test_what_a_look_costs_and_the_incidents_that_it_showed_count() -> None:
    tight = Quota(windows=(Window(limit=1, period=timedelta(minutes=1)),))
    even = renewed(situation(tight))
    dear = situation(tight)
    dear.sights[PAYMENTS_PROBE].cost = 4
    costly = renewed(dear)
    assert costly[PAYMENTS_PROBE] == pytest.approx(2 * costly[REFUNDS_PROBE])
    assert costly[REFUNDS_PROBE] > even[REFUNDS_PROBE]


def test_an_incident_counts_for_every_probe_that_could_have_seen_it() -> None:
    here = situation()
    name = IncidentId("INC-1")
    incident = Incident(
        id=name, opened=NOW, onset=NOW, nodes=frozenset(), blind=False, alerts={"failure_ratio/gateway/acme": ""}
    )
    here.incidents = {name: incident}
    assert incidents_by_probe(here) == {PAYMENTS_PROBE: 1, REFUNDS_PROBE: 1}


def test_a_reload_keeps_what_a_probe_has_seen_and_what_its_looks_cost() -> None:
    here = situation()
    before = here.sights[PAYMENTS_PROBE]
    before.cost, before.throttled_since, before.last = 3.5, NOW, observation()
    plan_looks(here, 0, NOW)
    after = here.sights[PAYMENTS_PROBE]
    assert after is not before
    assert (after.cost, after.throttled_since, after.last) == (3.5, NOW, observation())


def test_what_one_answer_says_holds_for_the_very_next_request_whosever_it_is() -> None:
    at_work = quotas(situation())
    counted = Counted(Wire(ANSWERED), at_work, GATEWAY)
    counted.heard(Page(news=QuotaNews(not_before=NOW + 30 * SECOND)), NOW)
    assert not at_work.take(GATEWAY, Purpose.CONFIRM, NOW + 29 * SECOND).granted
    assert at_work.take(GATEWAY, Purpose.CONFIRM, NOW + 30 * SECOND).granted
