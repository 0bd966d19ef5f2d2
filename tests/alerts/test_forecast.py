"""Whether a promise will be kept, by how long past incidents lasted; and the step that is brought forward for it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import AlertState
from alerts.draft import Context
from alerts.forecast import FEW, Forecast, Repair, forecast, repair_of, survival
from alerts.incident import Incident
from alerts.roster import Forecasting
from alerts.steps import StepCause, StepMoved
from probes.hours import BUILT_IN, at_home
from tests.alerts.shift import FIRST, Shift
from tests.cast import ACME, CONTEXT, ERP, FIRST_LINE, HOUR, MINUTE, NOON, PLATINUM, after, late, system_alert

AT_ERP = frozenset({"erp"})
DOWN = "availability"


def repairs(
    *minutes: float, places: frozenset[str] = AT_ERP, kind: str = DOWN, seen: bool = True
) -> tuple[Repair, ...]:
    return tuple(Repair(places=places, kind=kind, took=one * MINUTE, seen=seen) for one in minutes)


@pytest.fixture
def outage() -> Incident:
    """The ERP is down since a minute before noon."""
    shift = Shift()
    shift.sees(NOON, system_alert(ERP))
    return shift.only


def seen(outage: Incident, past: tuple[Repair, ...], left: float = 22, lasted: float = 8) -> Forecast | None:
    now = outage.onset + lasted * MINUTE
    return forecast(past, outage, now + left * MINUTE, now)


def test_the_sentence_has_the_numbers(outage: Incident) -> None:
    past = repairs(*[10 + minute for minute in range(11)], 40, 50, 60) + repairs(2, 3)
    found = seen(outage, past)
    assert found is not None
    assert found.sentence == (
        "3 of 14 outages of erp that lasted as long as this one already lasted longer than the 22 min that are left"
    )
    assert found.probability == pytest.approx(3 / 14)


def test_what_ended_sooner_than_this_one_has_lasted_says_nothing(outage: Incident) -> None:
    assert seen(outage, repairs(*range(1, 8))) is None


def test_few_of_its_own_kind_ask_a_wider_group_and_say_so(outage: Incident) -> None:
    other = repairs(*[20] * 6, places=frozenset({"crm"}))
    found = seen(outage, repairs(60, 70) + other)
    assert found is not None
    assert (found.group, found.known, found.few) == ("outages of this kind anywhere", 8, 2)
    assert found.sentence.endswith("(of its own kind only 2 are known)")


def test_the_nearest_group_with_enough_speaks(outage: Incident) -> None:
    same_place = repairs(*[100] * FEW, kind="sync_latency")
    anywhere = repairs(*[9] * 50, places=frozenset({"crm"}))
    found = seen(outage, same_place + anywhere)
    assert found is not None
    assert (found.group, found.probability) == ("incidents of any kind of erp", 1.0)


def test_too_few_of_everything_say_nothing(outage: Incident) -> None:
    assert seen(outage, repairs(*[60] * (FEW - 1))) is None


def test_what_somebody_ended_by_hand_counts_until_then(outage: Incident) -> None:
    past = repairs(20, 20, 20, 60) + repairs(15, 15, seen=False)
    found = seen(outage, past)
    assert found is not None
    assert (found.known, found.longer, found.unseen) == (6, 1, 2)
    assert found.probability == pytest.approx(1 / 4), "of the four whose end counts at 20 min, one went on"
    assert "so 25% with 2 whose end nobody saw" in found.sentence


LENGTHS = st.lists(st.tuples(st.integers(min_value=1, max_value=60), st.booleans()), min_size=1, max_size=30)


@given(LENGTHS, st.integers(min_value=0, max_value=70))
@settings(max_examples=60)
def test_the_estimate_is_kaplan_meiers(lengths: list[tuple[int, bool]], until: int) -> None:
    past = [Repair(places=AT_ERP, kind=DOWN, took=timedelta(minutes=one), seen=ended) for one, ended in lengths]
    expected = 1.0
    for minute in range(1, until + 1):
        standing = sum(one >= minute for one, _ in lengths)
        ends = sum(one == minute and ended for one, ended in lengths)
        expected *= 1 - ends / standing if standing else 1
    assert survival(past, until * MINUTE) == pytest.approx(expected)
    if all(ended for _, ended in lengths):
        share = sum(one > until for one, _ in lengths) / len(lengths)
        assert survival(past, until * MINUTE) == pytest.approx(share)


def test_a_past_incident_lasted_from_its_onset_until_its_last_client_had_recovered() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME))
    assert repair_of(shift.only) is None
    shift.sees(after(minutes=9), late(ACME, AlertState.RESOLVED, after(minutes=9)))
    past = repair_of(shift.only)
    assert past is not None
    assert (past.took, past.seen, past.kind) == (10 * MINUTE - timedelta(seconds=10), True, "sync_latency")
    by_hand = Shift()
    by_hand.sees(NOON, late(ACME))
    by_hand.resolves(after(minutes=9))
    ended = repair_of(by_hand.only)
    assert ended is not None
    assert not ended.seen


# Brought forward.


def expecting(past: tuple[Repair, ...], rule: Forecasting | None = None) -> Context:
    rules = {PLATINUM.id: rule or Forecasting()}
    return replace(CONTEXT, past=past, roster=replace(CONTEXT.roster, forecasting=rules))


@pytest.mark.answers("trackme-limited/trackme-report-issues#598")
def test_the_next_step_comes_sooner_once_where_a_clients_own_promise_will_hardly_be_kept() -> None:
    shift = Shift(expecting(repairs(*[60] * 9, 3)))
    messages = [*shift.sees(NOON, system_alert(ERP)), *shift.waits(after(seconds=10))]
    assert shift.pages() == ["alba", "carla"]
    assert shift.reasons() == ["first", "forecast"]
    (moved,) = (one for one in shift.timelines[FIRST] if isinstance(one, StepMoved))
    assert moved.cause is StepCause.FORECAST
    (page,) = (one for one in messages if one.recipient == "carla")
    assert "9 of 10 outages of erp that lasted as long as this one already lasted longer" in page.body
    shift.waits(after(seconds=30))
    assert shift.pages() == ["alba", "carla"], "once"


def test_a_promise_that_will_be_kept_brings_nothing_forward() -> None:
    shift = Shift(expecting(repairs(*[3] * 9, 60)))
    shift.sees(NOON, system_alert(ERP))
    shift.waits(after(minutes=1))
    assert shift.pages() == ["alba"]


@pytest.mark.parametrize(("rule", "paged"), [(Forecasting(), ["alba"]), (Forecasting(held=True), ["alba", "carla"])])
def test_who_has_it_gets_help_only_where_the_tier_wants_that(rule: Forecasting, paged: list[str]) -> None:
    shift = Shift(expecting((), rule))
    shift.sees(NOON, system_alert(ERP))
    shift.acknowledges(after(seconds=5))
    shift.context = expecting(repairs(*[60] * 9), rule)
    shift.waits(after(seconds=20))
    assert shift.pages() == paged
    assert shift.only.held, "and still has it"
    shift.waits(after(hours=1))
    assert shift.pages() == paged


def test_a_tier_that_wants_no_forecast_gets_none() -> None:
    context = expecting(repairs(*[60] * 9))
    shift = Shift(replace(context, roster=replace(context.roster, forecasting={PLATINUM.id: None})))
    shift.sees(NOON, system_alert(ERP))
    shift.waits(after(minutes=1))
    assert shift.pages() == ["alba"]


def test_what_somebody_has_paused_is_not_brought_forward() -> None:
    shift = Shift(expecting(()))
    shift.sees(NOON, system_alert(ERP))
    shift.pauses(after(seconds=5), NOON + HOUR)
    shift.context = expecting(repairs(*[60] * 9))
    shift.waits(after(seconds=20))
    assert shift.pages() == ["alba"]


def test_a_pause_that_is_over_keeps_nothing_from_being_brought_forward() -> None:
    """Of what somebody has for good no step is due, so nothing on the timeline says that the pause is over."""
    rule = Forecasting(held=True)
    shift = Shift(expecting((), rule))
    shift.sees(NOON, system_alert(ERP))
    shift.acknowledges(after(seconds=5))
    shift.pauses(after(seconds=6), after(seconds=30))
    shift.context = expecting(repairs(*[60] * 9), rule)
    shift.waits(after(seconds=20))
    assert shift.pages() == ["alba"]
    shift.waits(after(seconds=40))
    assert shift.pages() == ["alba", "carla"]


def test_a_step_that_would_wait_for_its_hours_ends_no_acknowledgement() -> None:
    rule = Forecasting(held=True)
    night = at_home(replace(BUILT_IN["business"], zone="America/Los_Angeles"), "UTC")
    steps = (FIRST_LINE.steps[0], replace(FIRST_LINE.steps[1], hours=night, waits=True))
    policies = dict.fromkeys(CONTEXT.roster.policies, replace(FIRST_LINE, steps=steps))
    context = expecting((), rule)
    shift = Shift(replace(context, roster=replace(context.roster, policies=policies)))
    shift.sees(NOON, system_alert(ERP))
    shift.acknowledges(after(seconds=5))
    shift.context = replace(shift.context, past=repairs(*[60] * 9))
    shift.waits(after(seconds=20))
    assert shift.only.next_due is None
    shift.waits(after(hours=6))
    assert shift.only.held, "nobody said for how long"
