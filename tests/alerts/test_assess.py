"""One pass: what a look, or time alone, makes of everything that is known."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import Alert, AlertKind, AlertState
from alerts.assess import BLIND_AT_LEAST, assess_time, blind_after, next_judgement
from alerts.evaluate import Blindness
from alerts.weigh import Before
from probes.catalog import ClientId
from probes.failure import FailureClass
from probes.observation import Record
from tests.alerts.watch import QUICK, Watch, record
from tests.cast import (
    ACME,
    BILLING,
    BOREAL,
    CATALOG,
    CLIENTS,
    COBALT,
    CRM,
    DUNE,
    ERP,
    GATEWAY,
    HOUR,
    INVOICES,
    LEDGER,
    MINUTE,
    NOON,
    SECOND,
    after,
    catalog_of,
)
from tests.examples import examples

DOWN, FAILS, LATE = AlertKind.AVAILABILITY, AlertKind.FAILURE_RATIO, AlertKind.SYNC_LATENCY
REFUSED = AlertKind.CREDENTIAL
INACTIVE, _, FIRING, BLIND, RESOLVED = AlertState


def invoice(key: str, created: float, client: ClientId | None = ACME) -> Record:
    return record(key, client, after(seconds=created), at=BILLING)


def booked(key: str, created: float, client: ClientId | None = ACME) -> Record:
    return record(key, client, after(seconds=created), at=ERP)


@pytest.fixture
def watch() -> Watch:
    return Watch()


# Systems.


def test_three_failed_looks_are_a_system_down_and_seven_good_ones_its_end(watch: Watch) -> None:
    for second in range(3):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.SERVER)
    assert watch.state(DOWN, ERP) is FIRING
    for second in range(60, 67):
        watch.looks(ERP, after(seconds=second))
    alert = watch.alerts["availability/erp"]
    assert (alert.state, alert.onset, alert.cleared) == (RESOLVED, NOON, after(seconds=60) + QUICK)


@pytest.mark.answers("prometheus/prometheus#7467")
def test_looks_that_are_an_hour_apart_are_evidence_as_good_as_looks_that_are_a_second_apart(watch: Watch) -> None:
    for hour in range(3):
        watch.looks(ERP, after(hours=hour), failure=FailureClass.SERVER)
        watch.waits(after(hours=hour, minutes=30))
    assert watch.alerts["availability/erp"].onset == NOON
    assert watch.state(DOWN, ERP) is FIRING


@pytest.mark.parametrize(
    "failure", [FailureClass.THROTTLED, FailureClass.QUOTA, FailureClass.OWN, FailureClass.REQUEST]
)
def test_what_is_our_own_or_the_quotas_fault_is_unknown_and_not_bad(watch: Watch, failure: FailureClass) -> None:
    for second in range(20):
        watch.looks(ERP, after(seconds=second), failure=failure)
    assert watch.states() == {}
    assert watch.indicators == {}


@pytest.mark.answers("prometheus/prometheus#17482", "prometheus/prometheus#14085")
def test_a_system_that_only_throttles_us_goes_out_of_sight_in_time_and_is_seen_again_on_evidence(watch: Watch) -> None:
    watch.looks(ERP, NOON)
    limit = blind_after(CATALOG, ERP, 5 * SECOND)
    for second in range(5, int(limit.total_seconds()), 5):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.THROTTLED)
        assert watch.state(DOWN, ERP) is INACTIVE
    watch.waits(NOON + limit, [ERP])
    assert watch.state(DOWN, ERP) is BLIND
    for number in range(7):
        assert watch.state(DOWN, ERP) is BLIND
        watch.looks(ERP, NOON + limit + number * SECOND)
    assert watch.state(DOWN, ERP) is RESOLVED


def test_a_blind_system_that_turns_out_to_be_down_fires(watch: Watch) -> None:
    watch.waits(after(minutes=9), [ERP])
    for second in range(3):
        watch.looks(ERP, after(minutes=9, seconds=second), failure=FailureClass.TIMEOUT)
    assert watch.state(DOWN, ERP) is FIRING


def test_a_system_that_fires_does_not_resolve_by_falling_silent(watch: Watch) -> None:
    for second in range(3):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.SERVER)
    for minute in range(1, 120):
        watch.waits(after(minutes=minute), [ERP])
    assert watch.state(DOWN, ERP) is FIRING


def test_a_refused_credential_is_its_own_alert_and_not_an_outage(watch: Watch) -> None:
    for second in range(3):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.AUTH)
    watch.waits(after(minutes=30), [ERP])
    assert watch.states() == {"credential/erp": FIRING}
    for second in range(7):
        watch.looks(ERP, after(minutes=31, seconds=second))
    assert watch.states() == {"credential/erp": RESOLVED}


def test_a_timeout_says_nothing_of_our_credential(watch: Watch) -> None:
    for second in range(9):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.TIMEOUT)
    assert watch.state(REFUSED, ERP) is INACTIVE


def test_sight_may_be_lost_for_twice_the_shortest_promise_and_at_least_five_looks() -> None:
    assert blind_after(CATALOG, ERP, 5 * SECOND) == 40 * SECOND
    assert blind_after(CATALOG, ERP, MINUTE) == 5 * MINUTE
    assert blind_after(CATALOG, CRM, SECOND) == 5 * MINUTE
    assert blind_after(catalog_of(CLIENTS), LEDGER, SECOND) >= BLIND_AT_LEAST


# Flows.


def test_a_flow_that_stalls_fires_for_each_client_at_its_own_limit_and_ends_when_it_has_drained(watch: Watch) -> None:
    watch.looks(ERP, NOON)
    watch.looks(BILLING, after(seconds=1), invoice("a", 0), invoice("c", 0, COBALT))
    fired: dict[str, int] = {}
    for second in range(2, 120):
        watch.looks(ERP, after(seconds=second))
        for name, state in watch.states().items():
            if state is FIRING:
                fired.setdefault(name, second)
    assert fired == {"sync_latency/invoices/acme": 40, "sync_latency/invoices/cobalt": 80}
    watch.looks(ERP, after(seconds=120), booked("a", 119), booked("c", 119, COBALT))
    for second in range(121, 165):
        watch.looks(ERP, after(seconds=second))
    ends = {name: (alert.state, alert.onset, alert.cleared) for name, alert in watch.alerts.items()}
    arrived = after(seconds=120) + QUICK
    assert ends == {
        "sync_latency/invoices/acme": (RESOLVED, NOON, arrived),
        "sync_latency/invoices/cobalt": (RESOLVED, NOON, arrived),
    }


def test_while_the_destination_cannot_be_seen_no_client_is_called_late(watch: Watch) -> None:
    watch.looks(ERP, NOON)
    watch.looks(BILLING, after(seconds=1), invoice("a", 0))
    for second in range(2, 600, 5):
        watch.looks(ERP, after(seconds=second), failure=FailureClass.SERVER)
        watch.looks(BILLING, after(seconds=second + 1))
    assert watch.states() == {"availability/erp": FIRING}
    assert watch.books[INVOICES.id].standings()[ACME].overdue == 0


def test_who_is_behind_is_also_who_might_be_while_the_destination_cannot_be_seen(watch: Watch) -> None:
    watch.looks(ERP, NOON)
    watch.looks(BILLING, after(seconds=1), invoice("a", 0), invoice("d", 0, DUNE), invoice("x", 0, None))
    assert watch.waits(after(seconds=19)).backlog(after(seconds=19)) == frozenset()
    assert watch.waits(after(seconds=20)).backlog(after(seconds=20)) == {(INVOICES.id, ACME)}
    watch.looks(ERP, after(seconds=25), booked("a", 24))
    assert watch.waits(after(seconds=26)).backlog(after(seconds=26)) == frozenset()
    assert watch.waits(after(seconds=60)).backlog(after(seconds=60)) == {(INVOICES.id, DUNE)}


def test_many_small_delays_that_each_drain_are_found_together(watch: Watch) -> None:
    """A record in ten comes 30 s after it was made, long enough apart that each suspicion comes to nothing."""
    for number in range(120):
        start = number * 15
        watch.looks(BILLING, after(seconds=start), invoice(str(number), start))
        late = number % 10 == 9
        for second in range(start + 1, start + 15):
            arrives = [booked(str(number), second)] if not late and second == start + 5 else []
            overdue = [booked(str(number - 1), second)] if number % 10 == 0 and number and second == start + 12 else []
            watch.looks(ERP, after(seconds=second), *arrives, *overdue)
    fired = [alert for alert in watch.moved if alert.state is FIRING]
    assert fired, "one in ten is late where one in a hundred may be"
    assert "records not within 20 s" in fired[0].explanation


def test_a_late_record_that_was_decided_only_after_it_had_arrived_still_dates_the_end(watch: Watch) -> None:
    watch.looks(ERP, NOON)
    watch.looks(ERP, after(seconds=60))
    watch.looks(ERP, after(seconds=65), booked("a", 64))
    watch.looks(BILLING, after(seconds=70), invoice("a", 0))
    indicator = watch.indicators["sync_latency/invoices/acme"]
    assert indicator.tally.totals(after(minutes=2)) == (0, 1)
    assert indicator.drained == after(seconds=65) + QUICK


def test_a_client_that_was_taken_out_while_its_records_were_late_does_not_stop_the_watch(watch: Watch) -> None:
    watch.looks(ERP, NOON)
    watch.looks(BILLING, after(seconds=1), invoice("a", 0), invoice("b", 0, BOREAL))
    for second in range(2, 60):
        watch.looks(ERP, after(seconds=second))
    assert watch.state(LATE, INVOICES.id, ACME) is FIRING
    watch.catalog = catalog_of({client: one for client, one in CLIENTS.items() if client != ACME})
    watch.waits(after(seconds=61))
    assert watch.state(LATE, INVOICES.id, ACME) is RESOLVED, "no evidence on it will ever come again"
    assert watch.waits(after(seconds=62)).backlog(after(seconds=62)) == {(INVOICES.id, BOREAL)}
    watch.looks(ERP, after(seconds=63), booked("a", 62), booked("b", 62, BOREAL))
    for second in range(64, 120):
        watch.looks(ERP, after(seconds=second))
    assert watch.state(LATE, INVOICES.id, BOREAL) is RESOLVED


def test_records_of_unknown_clients_are_counted_and_hurt_nobody(watch: Watch) -> None:
    assessment = watch.looks(BILLING, NOON, invoice("a", 0, None), invoice("b", 0))
    assert assessment.unknown_clients == 1
    watch.looks(ERP, after(minutes=10))
    assert watch.state(LATE, INVOICES.id, ACME) is FIRING
    assert len(watch.states()) == 1


def test_a_record_from_the_future_was_made_when_it_was_seen_at_the_latest(watch: Watch) -> None:
    watch.looks(ERP, NOON)
    watch.looks(BILLING, after(seconds=1), record("a", ACME, after(hours=20), at=BILLING))
    watch.looks(ERP, after(seconds=50))
    assert watch.state(LATE, INVOICES.id, ACME) is FIRING, "it is not waited for until tomorrow"


# Failure ratios.


def payments(number: int, at: datetime, *, failed: bool) -> tuple[Record, ...]:
    names = (f"{at.timestamp()}-{one}" for one in range(number))
    return tuple(record(name, COBALT, at, at=GATEWAY, failed=failed) for name in names)


@pytest.mark.answers("slok/sloth#277")
def test_failures_count_for_their_own_client_and_only_once_settled(watch: Watch) -> None:
    unsettled = record("u", COBALT, NOON, at=GATEWAY)
    assessment = watch.looks(GATEWAY, NOON, unsettled, *payments(8, NOON, failed=True), resource="payments")
    assert watch.states() == {"failure_ratio/gateway/cobalt": FIRING}
    assert sum(bad for _, _, bad in assessment.counted) == 8
    assert sum(good for _, good, _ in assessment.counted) == 0


def test_failures_end_on_successes_and_not_on_silence(watch: Watch) -> None:
    watch.looks(GATEWAY, NOON, *payments(8, NOON, failed=True), resource="payments")
    for minute in range(1, 60):
        watch.looks(GATEWAY, after(minutes=minute), resource="payments")
        watch.waits(after(minutes=minute, seconds=30))
    assert watch.state(FAILS, GATEWAY, COBALT) is FIRING
    watch.looks(GATEWAY, after(minutes=61), *payments(9, after(minutes=61), failed=False), resource="payments")
    alert = watch.alerts["failure_ratio/gateway/cobalt"]
    assert (alert.state, alert.cleared) == (RESOLVED, after(minutes=61))


def test_one_record_from_the_future_does_not_wipe_the_window(watch: Watch) -> None:
    ahead = record("ahead", COBALT, after(hours=23), at=GATEWAY, failed=False)
    watch.looks(GATEWAY, NOON, ahead, resource="payments")
    for minute in range(1, 4):
        at = after(minutes=minute)
        watch.looks(GATEWAY, at, *payments(2, at, failed=True), resource="payments")
    good, bad = watch.indicators["failure_ratio/gateway/cobalt"].tally.totals(after(minutes=3))
    assert (good, bad) == (1, 6)


# Time.


def test_the_next_judgement_is_the_next_limit_or_the_next_loss_of_sight(watch: Watch) -> None:
    watch.looks(BILLING, after(seconds=1), invoice("a", 0))
    before = Before(catalog=CATALOG, indicators={}, alerts={}, books=watch.books)
    assert next_judgement(before, {}, after(seconds=1)) == after(seconds=20)
    blind = {CRM: Blindness(since=NOON, limit=15 * SECOND, reason="")}
    assert next_judgement(before, blind, after(seconds=1)) == after(seconds=15)
    assert next_judgement(before, blind, after(seconds=20)) is None


def test_what_is_settled_is_forgotten_in_time(watch: Watch) -> None:
    watch.looks(ERP, NOON)
    watch.looks(BILLING, after(seconds=1), invoice("a", 0))
    watch.looks(ERP, after(seconds=5), booked("a", 4))
    watch.looks(BILLING, after(hours=2))
    watch.waits(after(hours=2))
    assert watch.books[INVOICES.id].tracked == {}


def test_an_assessment_leaves_what_was_known_as_it_was(watch: Watch) -> None:
    watch.looks(ERP, NOON)
    watch.looks(BILLING, after(seconds=1), invoice("a", 0))
    book = watch.books[INVOICES.id]
    before = (dict(watch.indicators), dict(watch.alerts), dict(book.tracked))
    known = Before(catalog=CATALOG, indicators=watch.indicators, alerts=watch.alerts, books=watch.books)
    assert assess_time(known, {ERP: Blindness(since=NOON, limit=SECOND, reason="")}, after(minutes=9)).moved
    assert before == (watch.indicators, watch.alerts, book.tracked)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["source", "arrives", "fails", "throttled", "refused", "waits"]),
        st.integers(min_value=1, max_value=45),
    ),
    max_size=30,
)


@settings(max_examples=examples(60))
@given(EVENTS)
def test_any_course_of_looks_moves_alerts_along_the_table_and_dates_them_by_the_data(
    events: list[tuple[str, int]],
) -> None:
    watch, at = Watch(), NOON
    sent: list[tuple[str, int]] = []
    failures = {"fails": FailureClass.SERVER, "throttled": FailureClass.THROTTLED, "refused": FailureClass.AUTH}
    for number, (event, pause) in enumerate(events):
        at += timedelta(seconds=pause)
        now = int((at - NOON).total_seconds())
        if event == "source":
            sent.append((str(number), now))
            watch.looks(BILLING, at, invoice(str(number), now))
        elif event == "arrives":
            watch.looks(ERP, at, *(booked(key, made) for key, made in sent))
            sent = []
        elif event == "waits":
            watch.waits(at, [BILLING, ERP])
        else:
            watch.looks(ERP, at, failure=failures[event])
    for alert in watch.moved:
        check(alert, at)


def check(alert: Alert, now: datetime) -> None:
    assert alert.onset <= alert.since <= now + QUICK
    assert alert.onset >= NOON - HOUR
    assert (alert.cleared is not None) or alert.state is not RESOLVED
    assert alert.cleared is None or alert.cleared <= alert.since
    assert alert.explanation
