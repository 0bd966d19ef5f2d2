"""Which alerts are one incident."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import Alert, IncidentId
from alerts.correlate import flow_nodes, flow_of, grouped, system_nodes, system_of
from alerts.incident import Incident
from tests.cast import (
    ACME,
    BILLING,
    BOREAL,
    COBALT,
    CRM,
    DUNE,
    ERP,
    GATEWAY,
    INVOICES,
    LEDGER,
    MINUTE,
    NOON,
    PAYOUTS,
    late,
    system_alert,
)

ALL = (
    late(ACME),
    late(BOREAL),
    late(COBALT),
    late(DUNE, flow=PAYOUTS),
    late(COBALT, flow=PAYOUTS),
    *(system_alert(system) for system in (BILLING, GATEWAY, ERP, LEDGER, CRM)),
)


def incident(number: int, nodes: frozenset[str], *, after_minutes: int = 0) -> Incident:
    opened = NOON + after_minutes * MINUTE
    return Incident(id=IncidentId(f"INC-{number}"), opened=opened, onset=opened, nodes=nodes, blind=False)


def partition(alerts: tuple[Alert, ...], *incidents: Incident) -> set[tuple[str | None, frozenset[str]]]:
    return {(one.incident, frozenset(str(alert.key) for alert in one.alerts)) for one in grouped(alerts, incidents)}


def keys(*alerts: Alert) -> frozenset[str]:
    return frozenset(str(alert.key) for alert in alerts)


def test_a_system_that_is_down_and_its_flows_and_clients_are_one_incident() -> None:
    alerts = (late(ACME), late(BOREAL), system_alert(ERP))
    assert partition(alerts) == {(None, keys(*alerts))}
    (group,) = grouped(alerts, ())
    assert group.nodes == system_nodes(ERP), "what is left in common is the system"


def test_both_ends_down_are_two_causes_and_the_flow_is_explained_by_one_of_them() -> None:
    groups = grouped((late(ACME), system_alert(ERP), system_alert(BILLING)), ())
    assert sorted(len(group.alerts) for group in groups) == [1, 2]


def test_unrelated_systems_are_two_incidents() -> None:
    assert partition((system_alert(ERP), system_alert(CRM))) == {
        (None, keys(system_alert(ERP))),
        (None, keys(system_alert(CRM))),
    }


def test_flows_that_share_no_system_are_two_incidents() -> None:
    assert len(grouped((late(ACME), late(DUNE, flow=PAYOUTS)), ())) == 2


def test_late_evidence_attaches_to_the_open_incident_in_either_order() -> None:
    flow_first = incident(1, flow_nodes(INVOICES))
    assert partition((system_alert(ERP),), flow_first) == {("INC-1", keys(system_alert(ERP)))}
    system_first = incident(1, system_nodes(ERP))
    assert partition((late(ACME),), system_first) == {("INC-1", keys(late(ACME)))}


def test_a_resolved_incident_takes_nothing_more() -> None:
    over = replace(incident(1, system_nodes(ERP)), resolved=NOON)
    assert partition((system_alert(ERP),), over) == {(None, keys(system_alert(ERP)))}


def test_what_the_incidents_place_cannot_explain_does_not_attach() -> None:
    narrowed = incident(1, system_nodes(ERP))
    assert partition((system_alert(BILLING),), narrowed) == {(None, keys(system_alert(BILLING)))}


def test_two_ends_that_go_down_in_one_pass_do_not_both_narrow_the_same_incident() -> None:
    open_flow = incident(1, flow_nodes(INVOICES))
    together = partition((system_alert(BILLING), system_alert(ERP)), open_flow)
    assert together == {("INC-1", keys(system_alert(BILLING))), (None, keys(system_alert(ERP)))}


def test_of_several_homes_the_one_that_says_most_takes_an_alert_and_then_the_oldest() -> None:
    wide = incident(1, flow_nodes(INVOICES) - system_nodes(ERP))
    narrow = incident(2, system_nodes(ERP), after_minutes=5)
    assert partition((late(ACME),), wide, narrow) == {("INC-2", keys(late(ACME)))}
    older, younger = incident(9, system_nodes(BILLING)), incident(3, system_nodes(ERP), after_minutes=1)
    assert partition((late(ACME),), younger, older) == {("INC-9", keys(late(ACME)))}


@pytest.mark.parametrize("order", list(permutations((late(ACME), late(BOREAL), system_alert(ERP), system_alert(CRM)))))
def test_the_order_within_a_pass_does_not_matter(order: tuple[Alert, ...]) -> None:
    assert partition(order) == {
        (None, keys(late(ACME), late(BOREAL), system_alert(ERP))),
        (None, keys(system_alert(CRM))),
    }


@given(st.lists(st.sampled_from(ALL), unique=True))
def test_every_alert_finds_exactly_one_home_whatever_the_order(alerts: list[Alert]) -> None:
    groups = grouped(alerts, ())
    assert sorted(str(alert.key) for group in groups for alert in group.alerts) == sorted(
        str(alert.key) for alert in alerts
    )
    assert partition(tuple(alerts)) == partition(tuple(reversed(alerts)))
    for group in groups:
        assert group.nodes
        assert all(group.nodes <= alert.nodes for alert in group.alerts), "the place left explains every alert"
    for group in groups:
        assert not any(group.nodes & other.nodes for other in groups if other is not group)


@given(st.lists(st.lists(st.sampled_from(ALL), unique=True), max_size=4))
def test_open_incidents_never_share_a_place(passes: list[list[Alert]]) -> None:
    places: dict[IncidentId, frozenset[str]] = {}
    for alerts in passes:
        incidents = [incident(int(name.removeprefix("INC-")), nodes) for name, nodes in places.items()]
        for group in grouped(alerts, incidents):
            name = group.incident or IncidentId(f"INC-{len(places)}")
            places[name] = places.get(name, group.nodes) & group.nodes
            assert places[name], "something is left that explains all of an incident's alerts"
    for name, nodes in places.items():
        assert not any(nodes & other for identity, other in places.items() if identity != name)


def test_a_node_is_read_back_as_what_it_names() -> None:
    assert {flow_of(node) for node in flow_nodes(INVOICES)} == {None, INVOICES.id}
    assert {system_of(node) for node in flow_nodes(INVOICES)} == {None, BILLING, ERP}
