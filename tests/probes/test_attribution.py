"""Whose trouble a failure is, told by comparison."""

import pytest

from probes.attribution import Beside, Cause, Host, Sum, beside, host_of, hosts_beside, ours, shared, siblings, together
from probes.catalog import Catalog, ClientId, System, SystemId
from probes.connector import Connector
from probes.detect import Evidence
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally, counted
from tests.cast import ACME, BOREAL, GATEWAY, HOUR, MINUTE, NOON

MAIN, SPARE, OTHER = map(SystemId, ("main", "spare", "other"))


def system(name: SystemId, address: str, connector: str = "stripe") -> System:
    return System(id=name, connector=Connector(name=connector), base_url=address)


def catalog(*systems: System) -> Catalog:
    return Catalog(tiers={}, clients={}, systems={one.id: one for one in systems}, flows={})


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://api.example.com/v1", Host(name="api.example.com", port=443)),
        ("http://api.example.com", Host(name="api.example.com", port=80)),
        ("http://127.0.0.1:8080/erp", Host(name="127.0.0.1", port=8080)),
        ("", None),
    ],
)
def test_the_host_of_a_system_is_the_one_in_its_address(address: str, host: Host | None) -> None:
    assert host_of(system(MAIN, address)) == host


def test_other_machines_are_tried_each_once_and_three_at_most_and_never_the_one_that_failed() -> None:
    known = [system(SystemId(f"s{number}"), f"https://h{number}.example.com:8443") for number in range(6)]
    same = system(SPARE, "https://h0.example.com:9000")
    double = system(OTHER, "https://h1.example.com:9000")
    tried = hosts_beside(catalog(*known, same, double), SystemId("s0"))
    assert [host.name for host in tried] == ["h1.example.com", "h2.example.com", "h3.example.com"]


@pytest.mark.parametrize(
    ("answers", "blamed"),
    [([], False), ([False], False), ([False, False], True), ([False, True], False), ([False, False, False], True)],
)
def test_our_own_network_is_blamed_only_where_two_other_hosts_are_out_of_reach_and_none_is_not(
    answers: list[bool],
    blamed: bool,  # noqa: FBT001 - what the table says
) -> None:
    assert ours({Host(name=str(number), port=1): answer for number, answer in enumerate(answers)}) is blamed


def test_accounts_are_siblings_at_the_same_host_under_the_same_connector() -> None:
    known = catalog(
        system(MAIN, "https://api.example.com/a"),
        system(SPARE, "https://api.example.com/b"),
        system(OTHER, "https://api.example.com/c", connector="xero"),
        system(GATEWAY, "https://elsewhere.example.com"),
    )
    assert siblings(known, MAIN) == (SPARE,)
    assert siblings(known, GATEWAY) == ()


def looks(name: SystemId, *, good: bool, ago: int = 0) -> Indicator:
    seen = NOON - ago * MINUTE
    return Indicator(
        key=IndicatorKey(kind=IndicatorKind.AVAILABILITY, subject=name),
        tally=Tally(over=HOUR),
        evidence=Evidence(good_since=seen if good else None, first_bad=None if good else seen),
        seen=seen,
    )


def test_an_account_is_compared_only_with_those_seen_since_it_began_to_fail() -> None:
    seen = beside({SPARE: looks(SPARE, good=True), OTHER: looks(OTHER, good=False, ago=2)}, NOON - MINUTE)
    assert seen == Beside(well=(SPARE,))


@pytest.mark.parametrize(
    ("well", "failing", "cause"),
    [
        ((), (), Cause.UNKNOWN),
        ((SPARE,), (), Cause.ACCOUNT),
        ((), (SPARE, OTHER), Cause.VENDOR),
        ((SPARE,), (OTHER,), Cause.UNKNOWN),
    ],
)
def test_the_cause_is_the_vendor_where_all_accounts_fail_and_the_account_where_none_other_does(
    well: tuple[SystemId, ...], failing: tuple[SystemId, ...], cause: Cause
) -> None:
    assert Beside(well=well, failing=failing).cause is cause


def records(client: ClientId, good: int, bad: int, subject: SystemId = GATEWAY) -> Indicator:
    key = IndicatorKey(kind=IndicatorKind.FAILURE_RATIO, subject=subject, client=client)
    return Indicator(key=key, tally=counted(Tally(over=HOUR), good=good, bad=bad, at=NOON))


def test_the_others_are_all_clients_with_records_on_the_system_less_the_one() -> None:
    known = [records(ACME, 10, 10), records(BOREAL, 99, 1), records(ClientId("idle"), 0, 0), records(ACME, 5, 5, MAIN)]
    everybody = together(known, IndicatorKind.FAILURE_RATIO, GATEWAY, NOON)
    assert everybody == Sum(clients=2, good=109, bad=11)
    assert everybody.without(10, 10) == Sum(clients=1, good=99, bad=1)


@pytest.mark.parametrize(
    ("rest", "also"),
    [
        (Sum(), None),
        (Sum(clients=3, good=99, bad=1), False),
        (Sum(clients=3, good=50, bad=50), True),
        (Sum(clients=23, good=886, bad=121), True),
        (Sum(clients=3, good=96, bad=4), False),
    ],
)
def test_the_others_fail_too_where_more_of_theirs_fail_than_is_allowed_and_chance_explains(
    rest: Sum,
    also: bool | None,  # noqa: FBT001 - what the table says
) -> None:
    assert shared(rest, allowed=0.02) is also
