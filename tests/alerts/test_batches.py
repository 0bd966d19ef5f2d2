"""Runs of a batch flow: late ones, runs that did not happen, and runs that had nothing to carry."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.alert import AlertKind, AlertState
from probes.batch import BUSINESS, Batch
from probes.catalog import Catalog, ClientId, FlowId
from probes.sli import IndicatorKind
from tests.alerts.watch import Watch, record
from tests.cast import ACME, BILLING, BOREAL, CATALOG, COBALT, DUNE, ERP, INVOICES

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BATCH = Batch(begins=time(1), finished_by=time(6), days=BUSINESS, zone="Europe/Berlin", holidays="DE")
MISSED, LATE = AlertKind.BATCH_MISSED, AlertKind.BATCH_LATE
PENDING_NONE = (AlertState.INACTIVE, AlertState.INACTIVE)


def at(text: str) -> datetime:
    """Return an instant of March 2026, in Berlin an hour earlier than on the wall before the 29th."""
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=UTC)


def watch_of(batch: Batch = BATCH) -> Watch:
    """Return a watch whose invoices travel in runs."""
    flows = {**CATALOG.flows, INVOICES.id: replace(INVOICES, batch=batch)}
    catalog = Catalog(tiers=CATALOG.tiers, clients=CATALOG.clients, systems=CATALOG.systems, flows=flows)
    return Watch(catalog=catalog)


class Nights:
    """Days of one client's records, carried by a run each night."""

    def __init__(self, batch: Batch = BATCH, client: ClientId = ACME, since: str = "01") -> None:
        self.watch = watch_of(batch)
        self.client = client
        # The first look of all: the run that ends next morning is not judged.
        self.look(at(f"{since} 20:00"), ())

    def look(self, when: datetime, made: Iterable[str], arrived: Iterable[str] = (), age: timedelta = MINUTE) -> None:
        """Look at both ends."""
        source = [record(key, self.client, when - age, at=BILLING) for key in made]
        there = [record(key, self.client, when - age, at=ERP) for key in arrived]
        self.watch.looks(BILLING, when, *source)
        self.watch.looks(ERP, when, *there)

    def day(self, date: str, made: int, carried: int | None = None) -> None:
        """Let records be made in the evening, carried at four, and looked for after six on the next day's wall."""
        keys = [f"{date}-{number}" for number in range(made)]
        evening = at(f"{date} 18:00")
        self.look(evening, keys)
        self.look(evening + 9 * HOUR, (), keys[:carried])
        self.look(evening + 11 * HOUR + MINUTE, ())

    @property
    def states(self) -> tuple[AlertState, AlertState]:
        """Where the two alerts stand."""
        return self.watch.state(MISSED, INVOICES.id, self.client), self.watch.state(LATE, INVOICES.id, self.client)

    def text(self, kind: AlertKind) -> str:
        """Return what an alert says."""
        return self.watch.alerts[f"{kind}/invoices/{self.client}"].explanation


def test_a_run_that_carried_everything_says_nothing() -> None:
    nights = Nights()
    nights.day("02", made=20)
    assert nights.watch.moved == []
    indicator = nights.watch.indicators[f"{IndicatorKind.BATCH}/invoices/{ACME}"]
    assert indicator.tally.totals(at("03 06:00")) == (20, 0)
    assert indicator.seen == at("03 05:00")


def test_records_that_have_not_arrived_at_the_end_of_the_run_are_late_with_their_numbers() -> None:
    nights = Nights()
    nights.day("02", made=20, carried=13)
    assert nights.states == (AlertState.INACTIVE, AlertState.FIRING)
    assert nights.text(LATE) == (
        "the run of invoices for acme was to be finished by 06:00 Europe/Berlin (2026-03-03 05:00 UTC); "
        "7 of 20 records have not arrived"
    )
    assert nights.watch.alerts[f"{LATE}/invoices/{ACME}"].onset == at("03 05:00")


def test_a_late_run_is_over_when_its_last_record_has_arrived() -> None:
    nights = Nights()
    nights.day("02", made=20, carried=18)
    nights.look(at("03 05:30"), (), ["02-18"])
    assert nights.states == (AlertState.INACTIVE, AlertState.FIRING)
    nights.look(at("03 05:40"), (), ["02-19"])
    assert nights.states == (AlertState.INACTIVE, AlertState.RESOLVED)
    cleared = nights.watch.alerts[f"{LATE}/invoices/{ACME}"].cleared
    assert cleared is not None
    assert cleared - at("03 05:40") < timedelta(seconds=1)


def test_nothing_is_late_before_the_wall_says_so_nor_before_the_destination_was_seen() -> None:
    nights = Nights()
    nights.look(at("02 18:00"), ["a", "b"])
    nights.look(at("03 04:59"), ())
    nights.watch.waits(at("03 05:30"))
    assert nights.states == PENDING_NONE
    nights.look(at("03 05:31"), ())
    assert nights.states[0] is AlertState.FIRING


def test_a_run_of_which_nothing_arrived_did_not_happen_and_is_said_once() -> None:
    nights = Nights()
    nights.day("02", made=1480, carried=0)
    assert nights.states == (AlertState.FIRING, AlertState.INACTIVE)
    assert nights.text(MISSED) == (
        "no record of invoices for acme arrived between 01:00 and 06:00 Europe/Berlin (2026-03-03 05:00 UTC); "
        "1,480 records were expected"
    )


def test_a_run_that_comes_too_late_ends_the_one_alert_and_what_is_missing_goes_on_in_the_other() -> None:
    nights = Nights()
    nights.day("02", made=20, carried=0)
    nights.look(at("03 08:00"), (), [f"02-{number}" for number in range(5)])
    assert nights.states == (AlertState.RESOLVED, AlertState.FIRING)
    assert "15 of 20 records have not arrived" in nights.text(LATE)
    nights.look(at("03 08:10"), (), [f"02-{number}" for number in range(5, 20)])
    assert nights.states == (AlertState.RESOLVED, AlertState.RESOLVED)


# Syncs should not succeed where zero records are unexpected.
@pytest.mark.answers("airbytehq/airbyte#32914")
def test_zero_records_where_there_always_are_some_are_told() -> None:
    nights = Nights()
    for date in ("02", "03", "04", "05"):
        nights.day(date, made=40)
    assert nights.watch.moved == []
    # Friday's and Saturday's records are carried on Monday; there are none.
    nights.look(at("08 12:00"), ())
    nights.look(at("09 05:01"), ())
    assert nights.states == (AlertState.FIRING, AlertState.INACTIVE)
    assert nights.text(MISSED) == (
        "no record was there for the run of invoices for acme between 01:00 and 06:00 Europe/Berlin "
        "(2026-03-09 05:00 UTC); 40 are usual"
    )
    nights.day("09", made=30)
    assert nights.states == (AlertState.RESOLVED, AlertState.INACTIVE)


def test_zero_records_are_no_news_where_few_are_usual_or_runs_are_hardly_known() -> None:
    few, unknown = Nights(), Nights(since="03")
    for date in ("02", "03", "04", "05"):
        few.day(date, made=9)
    unknown.day("04", made=40)
    unknown.day("05", made=40)
    for nights in (few, unknown):
        nights.look(at("09 05:01"), ())
        assert nights.watch.moved == []


def test_the_first_run_after_the_watch_began_is_not_missed_but_what_was_seen_and_waits_is_late() -> None:
    nights = Nights()
    nights.look(at("01 21:00"), ["a", "b"])
    nights.look(at("02 05:01"), ())
    assert nights.states == (AlertState.INACTIVE, AlertState.FIRING)
    assert nights.text(LATE).endswith("2 of 2 records have not arrived")


def test_a_weekday_that_had_nothing_before_may_have_nothing_again() -> None:
    nights = Nights()
    for week in range(3):
        for day in ("02", "03", "04", "05"):
            nights.day(f"{int(day) + 7 * week:02}", made=40)
        nights.day(f"{6 + 7 * week:02}", made=0)
        nights.look(at(f"{9 + 7 * week:02} 05:01"), ())
    # Nobody knew it of the first Monday.
    assert [alert.state for alert in nights.watch.moved] == [AlertState.FIRING, AlertState.RESOLVED]


def test_a_written_least_number_replaces_what_is_usual() -> None:
    at_least, never = Nights(replace(BATCH, at_least=10)), Nights(replace(BATCH, at_least=0))
    for nights in (at_least, never):
        nights.day("02", made=6)
        nights.day("03", made=0)
    assert at_least.states[0] is AlertState.FIRING
    assert at_least.text(MISSED).startswith("6 records were there for the run of invoices for acme between 01:00 and")
    assert at_least.text(MISSED).endswith("; at least 10 are expected")
    assert never.watch.moved == []


# Freshness that knows weekends and holidays.
@pytest.mark.answers("dbt-labs/dbt-core#4450", "dbt-labs/dbt-core#10963")
def test_on_weekends_and_holidays_nothing_is_missed() -> None:
    nights = Nights()
    for date in ("02", "03", "04", "05"):
        nights.day(date, made=40)
    nights.look(at("06 18:00"), [f"friday-{number}" for number in range(40)])
    for hours in range(0, 58, 6):
        nights.look(at("06 19:00") + hours * HOUR, ())
    assert nights.watch.moved == []
    nights.look(at("09 05:01"), ())
    assert "40 records were expected" in nights.text(MISSED)


def test_each_client_is_judged_on_its_own_clock() -> None:
    watch = watch_of(replace(BATCH, zone=None))
    everybody = (ACME, BOREAL, COBALT, DUNE)
    for system in (BILLING, ERP):
        watch.looks(system, at("01 20:00"))
    watch.looks(BILLING, at("02 14:00"), *(record(client, client, at("02 14:00"), at=BILLING) for client in everybody))
    missed = []
    for hour in range(24):
        for system in (BILLING, ERP):
            watch.looks(system, at("02 14:30") + hour * HOUR)
        missed.append([one.key.client for one in watch.moved])
    # Six in Tokyo is 21:00 UTC of the day before, in Madrid and Paris 05:00, in New York 11:00.
    assert [missed[hour] for hour in (6, 7, 14, 15, 20, 21)] == [
        [],
        [BOREAL],
        [BOREAL],
        [BOREAL, COBALT, DUNE],
        [BOREAL, COBALT, DUNE],
        [BOREAL, COBALT, DUNE, ACME],
    ]


def test_an_alert_on_runs_that_are_no_longer_configured_is_retired() -> None:
    nights = Nights()
    nights.day("02", made=3, carried=0)
    nights.watch.catalog = CATALOG
    nights.watch.waits(at("03 06:00"))
    assert nights.states[0] is AlertState.RESOLVED
    assert nights.text(MISSED) == "no longer configured"
    assert FlowId("invoices") in CATALOG.flows
