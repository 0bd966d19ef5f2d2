"""What pages say, computed from values alone: what comes first, what is told as one line, what is called how."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.alert import AlertKind, AlertState
from alerts.clocks import Promise
from alerts.oncall import Board
from alerts.sla import TimerState
from monitor.web.view.clients import tiers
from monitor.web.view.flows import flow
from monitor.web.view.health import Health, Tone, worst
from monitor.web.view.incidents import IncidentState, first_to_break, incident_view
from monitor.web.view.people import schedules
from monitor.web.view.present import present
from monitor.web.view.story import story
from monitor.web.view.systems import system
from probes.budget import Balance
from probes.catalog import SystemId
from probes.failure import Outcome
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice, with_incident
from tests.monitor.web.town import NOW, seconds


@pytest.mark.parametrize("health", Health)
def test_every_health_has_a_tone_and_a_sign_of_its_own(health: Health) -> None:
    assert health.sign
    assert {one.sign for one in Health if one.tone is health.tone} == {health.sign}
    assert {one.tone for one in Health if one.sign == health.sign} == {health.tone}


def test_the_worst_of_several_states_is_shown() -> None:
    assert worst(Health.OK, Health.THROTTLED, Health.BLIND) is Health.BLIND
    assert worst() is Health.UNSEEN


def test_clients_come_by_tier_and_then_by_what_is_due_first() -> None:
    view = incident_view(with_incident().situation.incidents[town.FIRST], NOW)
    assert [one.impact.terms.tier for one in view.impacts] == ["platinum"] * 4 + ["gold"] * 8 + ["silver"] * 12
    assert view.impacts[0].impact.terms.name == "Harbour Line Shipping"
    assert view.first is not None
    assert (view.first.timer.promise, view.first.left, view.first.soon) == (Promise.ACKNOWLEDGE, seconds(13), True)


def test_a_promise_still_to_break_goes_before_one_that_is_broken() -> None:
    view = incident_view(with_incident().situation.incidents[town.FIRST], NOW + seconds(30))
    timers = [timer for one in view.impacts for timer in one.timers.values()]
    broken = [one for one in timers if one.timer.state is TimerState.BREACHED]
    assert {one.timer.promise for one in broken} == {Promise.ACKNOWLEDGE}
    first = first_to_break(timers)
    assert first is not None
    assert first.left > timedelta()
    last = first_to_break(broken)
    assert last is not None
    assert (last.left, last.running, last.tone) == (seconds(-17), True, Tone.BAD)


def test_a_resolved_incident_stands_still() -> None:
    office = with_incident()
    at = NOW + timedelta(minutes=3)
    office.take(town.cleared(office.situation, at))
    incident = office.situation.incidents[town.FIRST]
    early, late = incident_view(incident, at), incident_view(incident, at + timedelta(days=3))
    assert early.state is IncidentState.RESOLVED
    assert (early.lasted, early.broken, early.first) == (late.lasted, late.broken, None)
    assert late.recovered == 24
    assert late.slowest[Promise.ACKNOWLEDGE].word == "broken"


def test_receipts_that_follow_each_other_are_one_line_with_details() -> None:
    office = with_incident()
    lines = story(office.store.timelines[town.FIRST], {})
    told = lines[0]
    assert told.text == "24 notices accepted by the receivers (investigating)"
    assert len(told.details) == 24
    assert [line.sequence for line in lines] == sorted((line.sequence for line in lines), reverse=True)
    assert lines[-1].text == "Incident opened"


def test_a_look_that_is_long_overdue_is_stale_whatever_it_saw() -> None:
    office = MemoryOffice()
    sight = next(iter(office.situation.sights.values()))
    late = sight.next_due + 2 * sight.interval + seconds(10)
    assert system(office.situation, sight.probe.system, late).health is Health.OK
    assert system(office.situation, sight.probe.system, late + seconds(0.1)).health is Health.STALE


@pytest.mark.parametrize(
    ("outcome", "health"),
    [
        (Outcome.BAD, Health.FAILING),
        (Outcome.THROTTLED, Health.THROTTLED),
        (Outcome.SKIPPED, Health.THROTTLED),
        (Outcome.ERROR_OWN, Health.OWN_ERROR),
    ],
)
def test_a_look_without_an_answer_is_never_called_well(outcome: Outcome, health: Health) -> None:
    office = MemoryOffice()
    sight = town.sight("erp", "invoices", outcome, "a reason")
    office.situation.sights[sight.probe.id] = sight
    assert system(office.situation, SystemId("erp"), NOW).health is health
    eyes = present(office.situation, NOW).eyes
    assert (eyes.tone is Tone.GOOD) is (outcome is Outcome.BAD)


def test_a_ban_is_shown_until_it_ends() -> None:
    office = MemoryOffice()
    office.situation.balances[SystemId("erp")] = Balance(tats=(None,), not_before=NOW + seconds(30))
    view = system(office.situation, SystemId("erp"), NOW)
    assert (view.banned_until, view.windows[0].remaining) == (NOW + seconds(30), 0)
    assert system(office.situation, SystemId("erp"), NOW + seconds(31)).banned_until is None


def test_a_system_on_which_clients_records_fail_is_not_called_well() -> None:
    office = MemoryOffice()
    late = town.late_alerts(office.situation.config.catalog)[0]
    failing = replace(late, key=replace(late.key, kind=AlertKind.FAILURE_RATIO, subject="gateway"), flow=None)
    for state, health in ((AlertState.PENDING, Health.OK), (AlertState.FIRING, Health.FAILING)):
        office.situation.alerts[str(failing.key)] = replace(failing, state=state)
        assert system(office.situation, SystemId("gateway"), NOW).health is health


def test_a_flow_without_records_says_nothing_rather_than_zero() -> None:
    office = MemoryOffice()
    office.situation.books.clear()
    office.situation.indicators.clear()
    view = flow(office.situation, town.INVOICES, NOW)
    assert (view.latency.half, view.oldest_age, view.late.value, view.unsynced) == (None, None, None, 0)


def test_a_client_that_has_recovered_is_hurt_no_more() -> None:
    office = with_incident()
    incident = office.situation.incidents[town.FIRST]
    client = incident.hurt[0].terms.client
    healed = replace(incident.impacts[client], recovered=NOW)
    office.situation.incidents[town.FIRST] = replace(incident, impacts={**incident.impacts, client: healed})
    platinum = tiers(office.situation)[0]
    assert platinum.counts == {Health.HURT: 3, Health.OK: 1}
    assert platinum.clients[-1].client.id == client


def test_a_schedule_of_one_person_has_no_handover() -> None:
    roster = town.roster()
    schedule = roster.schedules["integrations"]
    alone = replace(schedule, rotations=(replace(schedule.rotations[0], people=(town.PEOPLE[0].id,)),))
    (view,) = schedules(replace(roster, schedules={"integrations": alone}), Board(), NOW)
    assert (view.until, view.turns, [one.id for one in view.people]) == (None, (), ["madrid-1"])
