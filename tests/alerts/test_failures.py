"""Limits on failures, way by way: counts for trickles, ratios against chance, and an end only on evidence."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import AlertKind, AlertState, IncidentId, Move
from alerts.draft import Evaluated
from alerts.failures import WAYS, judge_way
from alerts.fold import opened
from alerts.respond import respond
from alerts.timeline import Opened
from probes.catalog import Catalog, Client, ClientId, System, SystemId
from probes.connector import Connector, FailedWhen, FailureKind, Op, Predicate, Resource
from probes.failing import LIMITED
from probes.failure import FailureClass
from probes.limit import FailureLimit
from probes.objectives import Objectives
from probes.observation import Record
from probes.sli import Indicator, IndicatorKey, Tally, counted
from tests.alerts.watch import Watch, record
from tests.cast import ACME, BOREAL, CATALOG, COBALT, CONTEXT, DAY, GATEWAY, GOLD, HOUR, NOON, PLATINUM, SILVER, after

CHARGES = "charges"
FAILED = (Predicate(path="status", op=Op.EQ, value="failed"),)


def catalog(limits: Mapping[FailureKind, FailureLimit]) -> Catalog:
    """Return the cast with limits for gold, and a gateway that tells of every way of failing."""
    ways = tuple(FailedWhen(kind=kind, when=FAILED) for kind in LIMITED)
    charges = Resource(name=CHARGES, path="/charges", records_path="data", failures=ways)
    gateway = replace(CATALOG.systems[GATEWAY], connector=Connector(name="gateway", resources={CHARGES: charges}))
    gold = replace(GOLD, objectives=Objectives(failures=limits))
    tiers = {tier.id: tier for tier in (PLATINUM, gold, SILVER)}
    systems = {**CATALOG.systems, GATEWAY: gateway}
    return Catalog(tiers=tiers, clients=CATALOG.clients, systems=systems, flows=CATALOG.flows)


def replace_clients(known: Catalog, clients: Mapping[ClientId, Client]) -> Catalog:
    return Catalog(tiers=known.tiers, clients=clients, systems=known.systems, flows=known.flows)


def replace_systems(known: Catalog, systems: Mapping[SystemId, System]) -> Catalog:
    return Catalog(tiers=known.tiers, clients=known.clients, systems=systems, flows=known.flows)


def watching(**limit: FailureLimit) -> Watch:
    kinds = {name: kind for kind, name in LIMITED.items()}
    return Watch(catalog=catalog({kinds[name]: one for name, one in limit.items()}))


def charge(key: str, at: datetime, *kinds: FailureKind, code: str = "") -> Record:
    failed = FailureKind.PAYMENT_FAILED in kinds or FailureKind.REJECTED in kinds
    return replace(record(key, COBALT, at, at=GATEWAY, failed=failed), kinds=kinds, code=code)


def charges(count: int, at: datetime, *kinds: FailureKind, code: str = "") -> list[Record]:
    return [charge(f"{at:%H%M%S}-{code}-{place}", at, *kinds, code=code) for place in range(count)]


HARD = FailureKind.HARD_DECLINED
FIVE_AN_HOUR = FailureLimit(at_most=5, over=HOUR)


def test_more_hard_declines_than_allowed_are_told_with_their_numbers_and_the_most_frequent_code() -> None:
    watch = watching(hard_declines=FIVE_AN_HOUR)
    stolen = charges(9, after(minutes=5), HARD, code="stolen_card")
    closed = charges(5, after(minutes=9), HARD, code="account_closed")
    watch.looks(GATEWAY, after(minutes=10), *stolen, *closed, *charges(500, after(minutes=9)), resource=CHARGES)
    (alert,) = (one for one in watch.moved if one.key.kind is AlertKind.HARD_DECLINES)
    assert (alert.key.client, alert.state, alert.onset) == (COBALT, AlertState.FIRING, after(minutes=5))
    said = "14 hard declines in 1 h for cobalt, allowed 5; most: stolen_card (9); the payers' to mend"
    assert alert.explanation == said


def test_as_many_as_are_allowed_are_no_alert() -> None:
    watch = watching(hard_declines=FIVE_AN_HOUR)
    watch.looks(GATEWAY, NOON, *charges(5, NOON, HARD), resource=CHARGES)
    assert watch.moved == []


@pytest.mark.parametrize("kind", LIMITED)
def test_every_way_has_its_alert_and_a_sentence_with_its_numbers(kind: FailureKind) -> None:
    watch = watching(**{LIMITED[kind]: FailureLimit(at_most=0, over=DAY)})
    watch.looks(GATEWAY, NOON, charge("1", NOON, kind), resource=CHARGES)
    (alert,) = watch.moved
    assert alert.key.kind == LIMITED[kind]
    assert alert.explanation.startswith(f"1 {WAYS[kind].one} in 1 d for cobalt, allowed 0; ")
    assert alert.explanation.endswith(" to mend")


@pytest.mark.answers("vonrobak/fedora-homelab-containers#165")
def test_a_trickle_that_never_fills_a_ratio_is_told_by_its_count() -> None:
    """Nine tenths of a little failed for eight days, and nobody was paged."""
    watch = watching(payments_failed=FailureLimit(at_most=20, over=DAY))
    for hour in range(24):
        watch.looks(
            GATEWAY,
            after(hours=hour),
            charge(str(hour), after(hours=hour), FailureKind.PAYMENT_FAILED),
            resource=CHARGES,
        )
    alert = watch.alerts["payments_failed/gateway/cobalt"]
    assert alert.since - after(hours=20) < timedelta(seconds=1)
    assert alert.explanation == "21 failed payments in 1 d for cobalt, allowed 20; the payers' to mend"


@pytest.mark.answers("pyrra-dev/pyrra#1925", "pyrra-dev/pyrra#1259")
def test_a_ratio_waits_until_it_is_too_high_to_be_chance() -> None:
    """One error of a client with little traffic pages nobody."""
    watch = watching(webhooks_failed=FailureLimit(below=0.02, over=HOUR))
    kind, webhook = AlertKind.WEBHOOKS_FAILED, FailureKind.WEBHOOK_FAILED
    watch.looks(GATEWAY, after(minutes=1), *charges(9, after(minutes=1)), *charges(1, NOON, webhook), resource=CHARGES)
    assert watch.state(kind, GATEWAY, COBALT) is AlertState.PENDING
    watch.looks(
        GATEWAY, after(minutes=2), *charges(3, after(minutes=2), webhook, code="invoice.paid"), resource=CHARGES
    )
    assert watch.alerts["webhooks_failed/gateway/cobalt"].explanation == (
        "4 webhooks not taken of 13 records in 1 h for cobalt (30.8 %, allowed less than 2 %); "
        "most: invoice.paid (3); ours to mend"
    )


def test_what_three_clients_have_at_once_is_the_vendors_to_mend() -> None:
    watch = watching(hard_declines=FIVE_AN_HOUR)
    everybody = replace(CATALOG.clients[COBALT], tier=GOLD.id)
    clients = {
        name: replace(everybody, id=name, identifiers={GATEWAY: (f"gateway-{name}",)})
        for name in (ACME, BOREAL, COBALT)
    }
    watch.catalog = replace_clients(watch.catalog, clients)
    of_all = [replace(one, client=f"gateway-{name}") for name in clients for one in charges(6, NOON, HARD)]
    watch.looks(GATEWAY, NOON, *of_all, resource=CHARGES)
    said = {alert.explanation for alert in watch.moved}
    assert said == {
        f"6 hard declines in 1 h for {name}, allowed 5; 2 other clients have it too; the vendor's to mend"
        for name in clients
    }


def test_a_reload_that_changes_the_window_ends_nothing() -> None:
    watch = watching(hard_declines=FIVE_AN_HOUR)
    watch.looks(GATEWAY, NOON, *charges(6, NOON, HARD), resource=CHARGES)
    watch.catalog = catalog({HARD: FailureLimit(at_most=5, over=2 * HOUR)})
    watch.looks(GATEWAY, after(minutes=1), resource=CHARGES)
    assert watch.state(AlertKind.HARD_DECLINES, GATEWAY, COBALT) is AlertState.FIRING
    watch.looks(GATEWAY, after(hours=2, minutes=3), resource=CHARGES)
    assert watch.state(AlertKind.HARD_DECLINES, GATEWAY, COBALT) is AlertState.RESOLVED


def test_it_ends_when_a_whole_look_finds_no_more_than_allowed_and_not_while_nobody_looks() -> None:
    watch = watching(hard_declines=FIVE_AN_HOUR)
    watch.looks(GATEWAY, after(minutes=1), *charges(6, after(minutes=1), HARD), resource=CHARGES)
    kind = AlertKind.HARD_DECLINES
    watch.waits(after(hours=2), [GATEWAY])
    assert watch.state(kind, GATEWAY, COBALT) is AlertState.FIRING
    watch.looks(GATEWAY, after(hours=2), resource=CHARGES, failure=FailureClass.TIMEOUT)
    assert watch.state(kind, GATEWAY, COBALT) is AlertState.FIRING
    watch.looks(GATEWAY, after(hours=2), resource="pings")
    assert watch.state(kind, GATEWAY, COBALT) is AlertState.FIRING
    watch.looks(GATEWAY, after(hours=2), resource=CHARGES)
    assert watch.state(kind, GATEWAY, COBALT) is AlertState.RESOLVED
    assert watch.alerts["hard_declines/gateway/cobalt"].cleared == after(minutes=1)


def test_a_list_that_was_not_the_one_to_tell_ends_nothing() -> None:
    watch = watching(disputes=FailureLimit(at_most=0, over=HOUR))
    gateway = watch.catalog.systems[GATEWAY]
    both = {name: replace(gateway.connector.resources[CHARGES], name=name) for name in (CHARGES, "events")}
    system = replace(gateway, connector=replace(gateway.connector, resources=both))
    watch.catalog = replace_systems(watch.catalog, {**watch.catalog.systems, GATEWAY: system})
    watch.looks(GATEWAY, NOON, charge("1", NOON, FailureKind.DISPUTED), resource="events")
    watch.looks(GATEWAY, after(hours=2), resource=CHARGES)
    assert watch.state(AlertKind.DISPUTES, GATEWAY, COBALT) is AlertState.FIRING
    watch.looks(GATEWAY, after(hours=2), resource="events")
    assert watch.state(AlertKind.DISPUTES, GATEWAY, COBALT) is AlertState.RESOLVED


def test_a_second_alert_tells_only_of_its_own_codes() -> None:
    watch = watching(hard_declines=FIVE_AN_HOUR)
    watch.looks(GATEWAY, NOON, *charges(9, NOON, HARD, code="stolen_card"), resource=CHARGES)
    watch.looks(GATEWAY, after(minutes=61), resource=CHARGES)
    again = charges(6, after(minutes=30), HARD, code="lost_card")
    watch.looks(GATEWAY, after(minutes=62), *again, resource=CHARGES)
    said = "6 hard declines in 1 h for cobalt, allowed 5; most: lost_card (6); the payers' to mend"
    assert watch.alerts["hard_declines/gateway/cobalt"].explanation == said


def test_a_record_that_is_not_settled_counts_for_nothing() -> None:
    watch = watching(hard_declines=FailureLimit(at_most=0, below=0.5, over=HOUR))
    watch.looks(GATEWAY, NOON, replace(charge("1", NOON, HARD), settled=False), resource=CHARGES)
    assert not any(key.startswith("hard_declines") for key in watch.indicators)


def test_clients_and_systems_without_a_limit_have_no_indicator() -> None:
    watch = watching(hard_declines=FIVE_AN_HOUR)
    of_others = [replace(charge(name, NOON, HARD), client=f"gateway-{name}") for name in (ACME, BOREAL)]
    watch.looks(GATEWAY, NOON, *of_others, *charges(3, NOON), resource=CHARGES)
    assert not any(key.startswith("hard_declines") for key in watch.indicators)


def test_an_old_record_that_fails_now_fails_now() -> None:
    watch = watching(retries_exhausted=FailureLimit(at_most=0, over=DAY))
    old = replace(charge("1", after(days=-21), FailureKind.RETRIES_EXHAUSTED), noticed=NOON)
    watch.looks(GATEWAY, NOON, old, resource=CHARGES)
    assert watch.alerts["retries_exhausted/gateway/cobalt"].onset == NOON


def test_what_failed_before_we_looked_is_not_held_against_today() -> None:
    watch = watching(retries_exhausted=FailureLimit(at_most=0, over=DAY))
    watch.looks(GATEWAY, NOON, charge("1", after(days=-2), FailureKind.RETRIES_EXHAUSTED), resource=CHARGES)
    assert watch.moved == []


def test_an_alert_whose_limit_is_taken_away_is_retired() -> None:
    watch = watching(hard_declines=FIVE_AN_HOUR)
    watch.looks(GATEWAY, NOON, *charges(6, NOON, HARD), resource=CHARGES)
    watch.catalog = catalog({})
    watch.waits(after(minutes=1))
    assert watch.alerts["hard_declines/gateway/cobalt"].explanation == "no longer configured"


def test_an_incident_that_somebody_ended_is_opened_again_by_a_new_failure_only() -> None:
    watch = watching(retries_exhausted=FailureLimit(at_most=0, over=DAY))
    exhausted = FailureKind.RETRIES_EXHAUSTED
    watch.looks(GATEWAY, NOON, charge("1", NOON, exhausted), resource=CHARGES)
    (alert,) = watch.alerts.values()
    number = IncidentId("INC-1")
    ended = replace(
        opened(number, Opened(at=NOON, onset=NOON, nodes=alert.nodes, blind=False)),
        active=frozenset({str(alert.key)}),
        resolved=after(hours=1),
    )

    def reopened() -> list[str]:
        alerts = {str(alert.key): replace(alert, incident=number)}
        evaluated = Evaluated(moved=(), alerts=alerts, backlog=frozenset(), indicators=(watch.indicators,))
        return [str(one.key) for one in respond(evaluated, {number: ended}, CONTEXT, 2, after(hours=3)).alerts]

    assert reopened() == []
    watch.looks(GATEWAY, after(hours=2), charge("2", after(hours=2), exhausted), resource=CHARGES)
    assert reopened() == ["retries_exhausted/gateway/cobalt"]


@given(bad=st.integers(0, 200), good=st.integers(0, 200), most=st.integers(0, 200))
def test_a_count_alarms_exactly_above_what_is_allowed_whatever_succeeds_beside_it(
    bad: int, good: int, most: int
) -> None:
    way = WAYS[HARD]
    tally = counted(Tally(over=HOUR), good=good, bad=bad, at=NOON)
    known = Indicator(key=IndicatorKey(kind=way.indicator, subject=GATEWAY, client=COBALT), tally=tally)
    verdict = judge_way(way, known, FailureLimit(at_most=most, over=HOUR), whole=True, now=NOON)
    assert verdict.move is (Move.CONFIRM if bad > most else Move.CLEAR)
