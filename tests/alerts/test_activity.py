"""What a client does not do: silence and drops beside the same hours of other weeks."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.activity import streams
from alerts.alert import AlertKind, AlertState, Urgency
from probes.catalog import Catalog
from probes.failure import FailureClass
from probes.objectives import Activity
from probes.observation import Record
from probes.rhythm import Baseline, a_week, hour_of, learned
from tests.alerts.watch import Watch, record
from tests.cast import (
    ACME,
    BILLING,
    CLIENTS,
    ERP,
    GOLD,
    HOUR,
    MINUTE,
    NOON,
    PLATINUM,
    SECOND,
    SILVER,
    after,
    catalog_of,
)

SILENT, DROPPED = AlertKind.SILENCE, AlertKind.VOLUME_DROP
ON = "billing.invoices"
NAME = f"activity/{ON}/{ACME}"
WEEK = timedelta(weeks=1)
INACTIVE, PENDING, FIRING, BLIND, RESOLVED = AlertState


def expecting(at_most: timedelta | None = None) -> Catalog:
    objectives = replace(PLATINUM.objectives, activity=Activity(silence_at_most=at_most), sync_latency=None)
    alone = {ACME: CLIENTS[ACME]}
    return catalog_of(alone, (replace(PLATINUM, objectives=objectives), GOLD, SILVER))


def used_to(count: int, until: datetime, weeks: int = 4) -> Baseline:
    """What is known of a client that made so many records in every hour of so many weeks."""
    first = hour_of(until - weeks * WEEK)
    baseline = Baseline(until=first)
    for hour in range(first, hour_of(until)):
        baseline = learned(baseline, hour, CLIENTS[ACME].timezone, count)
    return replace(baseline, a_week=a_week(baseline))


def watching(count: int, at_most: timedelta | None = None) -> Watch:
    return Watch(catalog=expecting(at_most), baselines={NAME: used_to(count, NOON)})


def made(number: int, at: datetime) -> tuple[Record, ...]:
    return tuple(record(f"{at}{n}", ACME, at, at=BILLING) for n in range(number))


def test_clients_are_expected_where_flows_begin_and_not_where_they_end() -> None:
    assert streams(expecting(), BILLING) == {"invoices"}
    assert streams(expecting(), ERP) == frozenset()


def test_a_busy_client_is_missed_within_minutes_and_the_sentence_says_why() -> None:
    watch = watching(600)
    watch.looks(BILLING, NOON, *made(1, NOON))
    watch.looks(BILLING, after(minutes=1))
    assert watch.states() == {}
    watch.looks(BILLING, after(minutes=2))
    alert = watch.alerts[f"silence/{ON}/{ACME}"]
    assert (alert.state, alert.onset, alert.urgency) == (FIRING, NOON, Urgency.PAGE)
    assert alert.explanation == (
        "nothing new on billing.invoices since 12:00:00 UTC; "
        "by other weeks 20.0 should have come, and 11.5 are no accident"
    )


def test_a_quiet_client_is_not_missed_for_hours() -> None:
    watch = watching(2)
    watch.looks(BILLING, NOON, *made(1, NOON))
    for minutes in range(30, 4 * 60, 30):
        watch.looks(BILLING, after(minutes=minutes))
    assert watch.state(SILENT, ON, ACME) is INACTIVE
    watch.looks(BILLING, after(hours=5))
    assert watch.state(SILENT, ON, ACME) is FIRING


def test_silence_ends_with_the_next_record_at_the_instant_of_that_record() -> None:
    watch = watching(600)
    watch.looks(BILLING, NOON, *made(1, NOON))
    watch.looks(BILLING, after(minutes=5))
    came = after(minutes=6, seconds=20)
    watch.looks(BILLING, after(minutes=6, seconds=30), *made(1, came))
    alert = watch.alerts[f"silence/{ON}/{ACME}"]
    assert (alert.state, alert.cleared) == (RESOLVED, came)


def test_what_was_agreed_is_judged_without_any_history() -> None:
    watch = Watch(catalog=expecting(at_most=2 * HOUR))
    watch.looks(BILLING, NOON, *made(1, NOON))
    watch.looks(BILLING, after(minutes=119))
    assert watch.state(SILENT, ON, ACME) is INACTIVE
    watch.looks(BILLING, after(minutes=120))
    assert watch.alerts[f"silence/{ON}/{ACME}"].explanation == (
        "nothing new on billing.invoices since 12:00:00 UTC, 2 h 0 min ago; 2 h 0 min at most is agreed"
    )


def test_a_list_that_cannot_be_read_says_nothing_of_silence() -> None:
    watch = watching(600)
    watch.looks(BILLING, NOON, *made(1, NOON))
    for minutes in range(1, 60, 5):
        watch.looks(BILLING, after(minutes=minutes), failure=FailureClass.THROTTLED)
    assert watch.state(SILENT, ON, ACME) is INACTIVE


def live(watch: Watch, hours: dict[int, int]) -> None:
    """Let hours after noon go by, each with so many records, and a look at its end."""
    for hour, count in hours.items():
        watch.looks(BILLING, NOON + (hour + 1) * HOUR - SECOND, *made(count, NOON + hour * HOUR + 30 * MINUTE))
    watch.looks(BILLING, NOON + (max(hours) + 1) * HOUR + SECOND)


def test_two_low_hours_in_a_row_are_a_ticket_with_their_numbers() -> None:
    watch = watching(100)
    live(watch, {0: 100, 1: 40})
    assert watch.state(DROPPED, ON, ACME) is PENDING
    live(watch, {2: 50})
    alert = watch.alerts[f"volume_drop/{ON}/{ACME}"]
    assert (alert.state, alert.urgency, alert.onset) == (FIRING, Urgency.TICKET, NOON + HOUR)
    assert alert.explanation == (
        "50 records of acme on billing.invoices from 14:00 to 14:59 UTC, usually 100 (the median of 4 weeks)"
    )
    live(watch, {3: 100})
    assert watch.state(DROPPED, ON, ACME) is RESOLVED


@pytest.mark.answers("elementary-data/elementary#1560")
def test_the_tested_hour_does_not_train_the_baseline_that_it_is_tested_against() -> None:
    watch = Watch(catalog=expecting(), baselines={NAME: used_to(100, NOON, weeks=3)})
    live(watch, {0: 40, 1: 40})
    assert "usually 100 (the median of 3 weeks)" in watch.alerts[f"volume_drop/{ON}/{ACME}"].explanation


@pytest.mark.answers("elementary-data/elementary#980")
def test_hours_of_an_incident_do_not_poison_the_baseline() -> None:
    watch = watching(100)
    for second in range(3):
        watch.looks(BILLING, NOON + second * SECOND, failure=FailureClass.SERVER)
    assert watch.state(AlertKind.AVAILABILITY, BILLING) is FIRING
    before = watch.baselines[NAME].counts
    watch.looks(BILLING, NOON + HOUR + SECOND)
    assert (watch.baselines[NAME].counts, watch.baselines[NAME].until) == (before, hour_of(NOON) + 1)
    assert watch.state(DROPPED, ON, ACME) is INACTIVE


def test_the_hour_in_which_we_began_is_neither_judged_nor_learned() -> None:
    watch = Watch(catalog=expecting())
    begun = NOON + 40 * MINUTE
    watch.looks(BILLING, begun)
    watch.looks(BILLING, begun + HOUR)
    assert watch.baselines[NAME] == Baseline(until=hour_of(NOON) + 1)


def test_a_baseline_is_written_when_an_hour_has_ended_and_not_at_every_minute() -> None:
    watch = watching(60)
    watch.looks(BILLING, NOON, *made(1, NOON))
    assert watch.looks(BILLING, after(minutes=1)).baselines == {}
    assert set(watch.looks(BILLING, after(minutes=61), *made(1, after(minutes=61))).baselines) == {NAME}


def test_a_client_of_a_tier_without_the_objective_is_not_counted() -> None:
    watch = Watch()
    watch.looks(BILLING, NOON, *made(1, NOON))
    assert watch.baselines == {}
    assert not any(name.startswith("activity") for name in watch.indicators)


@pytest.mark.parametrize("objective", [None, Activity()])
def test_an_alert_ends_where_nobody_is_expected_any_more(objective: Activity | None) -> None:
    watch = watching(600)
    watch.looks(BILLING, NOON, *made(1, NOON))
    watch.looks(BILLING, after(minutes=5))
    objectives = replace(PLATINUM.objectives, activity=objective)
    watch.catalog = catalog_of(CLIENTS, (replace(PLATINUM, objectives=objectives), GOLD, SILVER))
    watch.waits(after(minutes=6))
    assert watch.state(SILENT, ON, ACME) is (RESOLVED if objective is None else FIRING)
