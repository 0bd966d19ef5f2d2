"""What is wrong behind a good answer, judged: sentences, ends, and what is no alarm."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.alert import AlertKind, AlertState, Urgency
from probes.catalog import ProbeId
from probes.connector import Connector, Resource
from probes.failure import FailureClass, Outcome
from probes.feed import Habit, Hour, hour_of_week
from probes.fingerprint import Sample
from probes.observation import Observation, Record
from tests.alerts.watch import Watch
from tests.cast import BILLING, CATALOG, NOON, SECOND, after

RESOURCE = Resource(name="charges", path="/charges", records_path="data", client_paths=("customer",))
CHARGES = ProbeId("billing.charges")
OVERLAP = timedelta(minutes=5)
ROW = {"id": "1", "created": 1, "customer": "c"}


def watch_of(resource: Resource = RESOURCE) -> Watch:
    connector = Connector(name="billing", resources={"charges": resource})
    system = replace(CATALOG.systems[BILLING], connector=connector)
    return Watch(catalog=replace(CATALOG, systems={**CATALOG.systems, BILLING: system}))


def look(at: datetime, *records: Record, **told: object) -> Observation:
    """Return a whole look at the list."""
    observation = Observation(
        probe=CHARGES,
        system=BILLING,
        resource="charges",
        outcome=Outcome.GOOD,
        sent=at,
        answered=at,
        records=records,
        whole=True,
        since=at - OVERLAP,
    )
    return replace(observation, **told)  # type: ignore[arg-type]


def made(*seconds: float) -> tuple[Record, ...]:
    return tuple(Record(id=str(one), client="c", created=after(seconds=one)) for one in seconds)


def formed(watch: Watch, start: float, count: int, row: dict[str, object]) -> None:
    """Let new records come, one a look, all of one form."""
    for number in range(count):
        (one,) = made(start + number)
        watch.sees(look(one.created, one, samples=(Sample(key=one.id, item=row),)), (one,))


@pytest.mark.answers("airbytehq/airbyte#84961")
def test_an_empty_list_ends_with_the_records_that_should_be_in_it() -> None:
    watch, records = watch_of(), made(0, 1, 2, 3)
    watch.sees(look(after(seconds=5), *records), records)
    for number in range(3):
        watch.sees(look(after(seconds=10 + number)))
    alert = watch.alerts["empty_list/billing"]
    assert (alert.state, alert.urgency, alert.onset) == (AlertState.FIRING, Urgency.PAGE, after(seconds=10))
    assert alert.explanation == (
        "billing.charges answers without an error and is empty since 12:00:10 UTC: "
        "3 or more records should be in it that it showed before"
    )
    watch.sees(look(after(seconds=20), outcome=Outcome.BAD, failure=FailureClass.TIMEOUT, whole=False))
    assert watch.state(AlertKind.EMPTY_LIST, BILLING) is AlertState.FIRING, "no answer is no evidence"
    watch.sees(look(after(seconds=30), *records))
    assert watch.state(AlertKind.EMPTY_LIST, BILLING) is AlertState.RESOLVED


def test_a_transient_list_may_be_empty() -> None:
    watch, records = watch_of(replace(RESOURCE, transient=True)), made(0, 1, 2, 3)
    watch.sees(look(after(seconds=5), *records), records)
    for number in range(9):
        watch.sees(look(after(seconds=10 + number)))
    assert watch.alerts == {}


def test_a_part_of_a_list_is_no_empty_list() -> None:
    watch, records = watch_of(), made(0, 1, 2, 3)
    watch.sees(look(after(seconds=5), *records), records)
    for number in range(9):
        watch.sees(look(after(seconds=10 + number), whole=False))
        watch.sees(look(after(seconds=10 + number), began=NOON))
    assert watch.alerts == {}


def test_a_drift_is_told_with_path_and_types_and_ends_with_the_old_form() -> None:
    watch = watch_of()
    formed(watch, 0, 60, ROW)
    formed(watch, 60, 3, {**ROW, "customer": 7})
    alert = watch.alerts["schema_drift/billing"]
    assert (alert.state, alert.urgency) == (AlertState.FIRING, Urgency.PAGE)
    assert alert.explanation == (
        "billing.charges has another form since 12:01:00 UTC, in 3 records in a row: "
        "`customer` was string and is number"
    )
    formed(watch, 70, 1, ROW)
    assert watch.state(AlertKind.SCHEMA_DRIFT, BILLING) is AlertState.RESOLVED


def test_a_record_that_is_shown_again_is_counted_once() -> None:
    watch = watch_of()
    formed(watch, 0, 60, ROW)
    (odd,) = made(61)
    shown = (Sample(key=odd.id, item={**ROW, "customer": 7}),)
    watch.sees(look(after(seconds=61), odd, samples=shown), (odd,))
    unread = (Sample(key="unread:1", item={**ROW, "customer": 7}),)
    for number in range(20):
        watch.sees(look(after(seconds=62 + number), odd, samples=shown))
        watch.sees(look(after(seconds=62 + number), odd, samples=unread))
    assert watch.habits[CHARGES].fingerprint.read["customer"].odd == 2
    assert watch.state(AlertKind.SCHEMA_DRIFT, BILLING) is AlertState.INACTIVE


def test_a_feed_is_frozen_by_its_own_weeks() -> None:
    watch = watch_of()
    usual = Hour(watched=timedelta(hours=1), moves=360, slots=12, longest=30 * SECOND)
    watch.habits[CHARGES] = Habit(probe=CHARGES, hours={hour_of_week(NOON): usual})
    records = made(0)
    for seconds in range(0, 160, 10):
        watch.sees(look(after(seconds=seconds), *records), records if not seconds else ())
    alert = watch.alerts["frozen_feed/billing"]
    assert alert.onset == NOON
    assert alert.explanation == (
        "billing.charges shows nothing newer since 12:00:00 UTC (2 min) and answers as always: "
        "by its own history 14 newer records were to be expected"
    )
    newer = made(170)
    watch.sees(look(after(seconds=171), *newer), newer)
    assert watch.state(AlertKind.FROZEN_FEED, BILLING) is AlertState.RESOLVED


def answers(watch: Watch, start: int, count: int, every: int = 0) -> None:
    """Look so often; one answer in `every` has an error inside."""
    for number in range(count):
        at = after(seconds=start + 10 * number)
        inside = every and number % every == 0
        bad = {"outcome": Outcome.BAD, "failure": FailureClass.BUSINESS, "whole": False} if inside else {}
        watch.sees(look(at, **bad))


def test_errors_inside_are_too_many_by_their_share_and_end_with_good_answers_in_a_row() -> None:
    watch = watch_of()
    answers(watch, 0, 60, every=6)
    alert = watch.alerts["errors_inside/billing"]
    assert alert.state is AlertState.FIRING
    assert "looks in an hour (" in alert.explanation
    assert alert.explanation.endswith("usual is 1 %)")
    answers(watch, 700, 60)
    assert watch.state(AlertKind.ERRORS_INSIDE, BILLING) is AlertState.RESOLVED


def test_one_error_inside_in_a_long_time_is_chance() -> None:
    watch = watch_of()
    answers(watch, 0, 300, every=150)
    assert watch.state(AlertKind.ERRORS_INSIDE, BILLING) is not AlertState.FIRING
