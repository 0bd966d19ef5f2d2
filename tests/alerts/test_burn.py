"""Error budgets over days: what pages, what is a ticket, what is neither, and what ends it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from alerts.alert import Alert, AlertKind, AlertState, Urgency
from alerts.burn import Kept, budgets
from monitor.store import codec
from probes.burn import targets_of
from probes.catalog import Catalog
from probes.failure import FailureClass
from probes.objectives import Availability
from probes.sli import IndicatorKind
from tests.alerts.watch import Watch
from tests.cast import (
    ACME,
    BILLING,
    BOREAL,
    CATALOG,
    CLIENTS,
    COBALT,
    DAY,
    GOLD,
    HOUR,
    LEDGER,
    MINUTE,
    NOON,
    PLATINUM,
    SECOND,
    SILVER,
    after,
    catalog_of,
)

BURNS, SLOW, DOWN = AlertKind.BURN_RATE, AlertKind.SLOW_BURN, AlertKind.AVAILABILITY
PLATINUM_BURNS = "burn_rate/billing:platinum"
Fails = Callable[[int], bool]

LENIENT = replace(GOLD, objectives=replace(GOLD.objectives, availability=None))
PLATINUM_ONLY = catalog_of(CLIENTS, (PLATINUM, LENIENT, SILVER))


class Days:
    """Looks at billing at a steady interval, failing as told, and the alerts that began or ended."""

    def __init__(self, catalog: Catalog = PLATINUM_ONLY) -> None:
        """Begin at noon."""
        self.watch = Watch(catalog=catalog)
        self.at = NOON

    def look(self, number: int, fails: Fails, every: timedelta = MINUTE) -> "Days":
        """Look so many times; `fails` says of each, counted from 0, whether it fails."""
        for one in range(number):
            failure = FailureClass.SERVER if fails(one) else None
            self.watch.looks(BILLING, self.at, failure=failure)
            self.at += every
        return self

    @property
    def moved(self) -> list[tuple[str, AlertState]]:
        """What began or ended, in order."""
        said = (AlertState.FIRING, AlertState.RESOLVED)
        return [(str(one.key), one.state) for one in self.watch.moved if one.state in said]

    def alert(self, key: str) -> Alert:
        """Return an alert that there is."""
        return self.watch.alerts[key]

    def left(self) -> dict[str, float | None]:
        """Return what is left of each budget of billing."""
        targets = targets_of(self.watch.catalog)[BILLING]
        return {one.target.tier: one.left for one in budgets(targets, self.watch.indicators, self.at)}


def never(_: int) -> bool:
    return False


def always(_: int) -> bool:
    return True


def each(number: int) -> Fails:
    return lambda one: one % number == number - 1


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.mark.answers("pyrra-dev/pyrra#1925", "pyrra-dev/pyrra#1259")
def test_one_failed_look_a_minute_at_99_9_percent_pages_nobody(days: Days) -> None:
    """A strict target on little traffic must not page on one error."""
    days.look(3 * 60, never).look(1, always).look(60, never)
    assert days.moved == []


def test_one_failed_look_in_some_hours_pages_nobody_and_is_a_ticket_in_time(days: Days) -> None:
    days.look(30 * 60, each(150))
    assert [key for key, state in days.moved if state is AlertState.FIRING] == ["slow_burn/billing:platinum"]
    ticket = days.alert("slow_burn/billing:platinum")
    assert ticket.urgency is Urgency.TICKET
    assert "looks in 1 d and" in ticket.explanation


def test_a_part_of_the_looks_that_fails_burns_the_budget_and_the_sentence_has_the_numbers(days: Days) -> None:
    days.look(52, never).look(15, each(3))
    assert days.moved[0] == (PLATINUM_BURNS, AlertState.FIRING)
    alert = days.alert(PLATINUM_BURNS)
    assert alert.explanation == (
        "billing failed 3 of 60 looks in 1 h and 2 of 5 in 5 min: burns platinum's 99.9 % budget 50 times too fast"
    )
    assert alert.urgency is Urgency.PAGE
    assert alert.onset == after(minutes=54), "dated by the data: the minute of the first failure"


def test_it_hurts_the_clients_of_the_tier_whose_target_burns_and_nobody_else(days: Days) -> None:
    days.look(52, never).look(46, each(15))
    assert days.moved == [(PLATINUM_BURNS, AlertState.FIRING)]
    assert days.alert(PLATINUM_BURNS).clients == {ACME, BOREAL}
    assert COBALT in {client.id for client in CATALOG.clients_of(BILLING)}


def test_each_tiers_target_is_judged_by_itself() -> None:
    strict = replace(GOLD, objectives=replace(GOLD.objectives, availability=Availability(target=0.99, window=30 * DAY)))
    days = Days(catalog_of(CLIENTS, (PLATINUM, strict, SILVER))).look(52, never).look(200, each(15))
    fired = [key for key, state in days.moved if state is AlertState.FIRING]
    assert fired == [PLATINUM_BURNS, "slow_burn/billing:gold"], "too slow for gold to page"


def test_it_ends_on_good_looks_and_not_on_silence_nor_on_a_few(days: Days) -> None:
    days.look(60, never).look(60, each(10))
    assert days.alert(PLATINUM_BURNS).state is AlertState.FIRING
    for minute in range(1, 300):
        days.watch.waits(days.at + minute * MINUTE, [BILLING])
    assert days.alert(PLATINUM_BURNS).state is AlertState.FIRING
    days.look(30, never)
    assert days.alert(PLATINUM_BURNS).state is AlertState.FIRING
    first_good = days.at - 30 * MINUTE
    days.look(300, never)
    over = days.alert(PLATINUM_BURNS)
    assert over.state is AlertState.RESOLVED
    assert over.cleared is not None
    assert abs(over.cleared - first_good) < MINUTE, "when the data were good again"


@pytest.mark.parametrize("failing", [0.05, 0.1])
def test_a_trickle_that_lasts_for_days_is_one_alert_and_does_not_come_and_go(failing: float) -> None:
    chance = Random(4)
    days = Days().look(2_000, lambda _: chance.random() < failing)
    pages = [state for key, state in days.moved if key == PLATINUM_BURNS]
    assert pages == [AlertState.FIRING]


def test_an_outage_of_everything_pages_once_as_an_outage_and_burns_nothing_besides(days: Days) -> None:
    days.look(60, never).look(30, always).look(120, never)
    assert days.moved == [("availability/billing", AlertState.FIRING), ("availability/billing", AlertState.RESOLVED)]
    left = days.left()
    assert left["platinum"] is not None
    assert left["platinum"] < 0, "what it cost is counted all the same"


def test_a_burn_that_goes_on_after_an_outage_is_told(days: Days) -> None:
    days.look(60, never).look(30, always).look(60, never).look(90, each(6))
    assert ("burn_rate/billing:platinum", AlertState.FIRING) in days.moved


def test_looks_that_a_quota_refused_or_that_failed_on_our_side_count_neither_way(days: Days) -> None:
    days.look(60, never)
    before = days.left()
    for second in range(600):
        days.watch.looks(BILLING, days.at + second * SECOND, failure=FailureClass.THROTTLED)
    assert days.left() == before
    assert not [key for key, _ in days.moved if key.startswith("burn")]


def test_nothing_seen_is_no_perfect_record(days: Days) -> None:
    """An objective that matched nothing is not 100 %."""
    assert days.left() == {"platinum": None}


@pytest.mark.answers("slok/sloth#618")
def test_the_budget_of_a_period_is_one_sum_however_many_windows_it_went_through(days: Days) -> None:
    """Totals, never the mean of ratios: 10 failures of 10,000 use up a budget of one in a thousand."""
    days.look(10_000, each(1_000))
    assert days.left()["platinum"] == pytest.approx(0, abs=0.01)


@pytest.mark.answers("vonrobak/fedora-homelab-containers#165")
def test_nine_in_ten_failing_pages_however_seldom_it_is_looked_at() -> None:
    """The CUSUM counts looks, not looks per hour, so too little traffic is no way out."""
    for every in (2 * SECOND, HOUR, 6 * HOUR):
        days = Days().look(20, never, every).look(6, lambda one: one != 1, every)
        assert ("availability/billing", AlertState.FIRING) in days.moved


@pytest.mark.parametrize("every", [20 * SECOND, MINUTE])
def test_every_window_holds_the_looks_that_fell_into_it(every: timedelta) -> None:
    days, chance, seen = Days(), Random(1), list[tuple[datetime, bool]]()
    for _ in range(8 * HOUR // every):
        bad = chance.random() < 0.004
        seen.append((days.at, bad))
        days.look(1, always if bad else never, every)
    indicators, now = days.watch.indicators, days.at
    kept = Kept(hour=indicators["availability/billing"].tally, budget=indicators["budget/billing"])
    for over in (5 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY):
        good, bad_ones = kept.since(NOON - DAY, over, now)
        counted = good + bad_ones
        wanted = sum(at > now - over for at, _ in seen)
        assert wanted * 0.75 <= counted <= wanted + 1, over
    assert kept.since(NOON - DAY, DAY, now)[1] == sum(bad for _, bad in seen)


def test_what_is_kept_survives_a_restart_and_is_small(days: Days) -> None:
    days.look(3_000, each(700))
    known = days.watch.indicators["budget/billing"]
    text = codec.INDICATOR.text(known)
    assert codec.INDICATOR.value(text) == known
    assert len(text) < 4_000


def test_minutes_are_taken_over_once_a_minute_and_not_once_a_look(days: Days) -> None:
    watch, kept = days.watch, IndicatorKind.BUDGET
    written = sum(f"{kept}/{BILLING}" in watch.looks(BILLING, NOON + one * SECOND).indicators for one in range(600))
    assert written <= 11


def test_an_alert_on_a_target_that_is_no_longer_promised_is_retired(days: Days) -> None:
    days.look(52, never).look(15, each(3))
    plain = replace(PLATINUM, objectives=replace(PLATINUM.objectives, availability=None))
    days.watch.catalog = catalog_of(CLIENTS, (plain, LENIENT, SILVER))
    days.watch.waits(days.at)
    assert days.alert(PLATINUM_BURNS).state is AlertState.RESOLVED


def test_where_no_tier_promises_availability_nothing_is_kept(days: Days) -> None:
    days.watch.looks(LEDGER, NOON)
    silent = Days(catalog_of({client: one for client, one in CLIENTS.items() if one.tier == SILVER.id}))
    silent.look(100, each(2))
    assert "budget/billing" not in silent.watch.indicators
    assert not [key for key in silent.watch.alerts if key.startswith(("burn", "slow"))]
