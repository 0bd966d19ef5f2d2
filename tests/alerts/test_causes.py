"""What explains what: places above one another, several causes counted, late evidence, and what a start holds back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import Alert, AlertKind, AlertState, IncidentId
from alerts.causes import explained, live, places_of, vendor_node
from alerts.message import MessageKind
from alerts.wording import headline
from probes.catalog import Catalog, System, SystemId
from probes.connector import Connector
from probes.detect import Evidence
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally
from tests.alerts.shift import FIRST, Shift
from tests.cast import (
    ACME,
    BILLING,
    CATALOG,
    COBALT,
    CONTEXT,
    CRM,
    ERP,
    GATEWAY,
    HOUR,
    INVOICES,
    LEDGER,
    NOON,
    PAYOUTS,
    after,
    late,
    system_alert,
)
from tests.examples import examples

IDP, PAGE = SystemId("idp"), SystemId("page")
RESOLVED = AlertState.RESOLVED


def town(**changes: Mapping[str, Any]) -> Catalog:
    """Return the cast's systems with an identity provider, and with what else is said of each."""
    names = (*CATALOG.systems, IDP, PAGE)
    plain = {one: System(id=one, connector=Connector(name=one), base_url=f"https://{one}.example.com") for one in names}
    systems = {one: replace(system, **changes.get(one, {})) for one, system in plain.items()}
    return Catalog(tiers=CATALOG.tiers, clients=CATALOG.clients, systems=systems, flows=CATALOG.flows)


def watching(catalog: Catalog, started: datetime | None = None) -> Shift:
    return Shift(context=replace(CONTEXT, catalog=catalog, started=started))


def seen(shift: Shift, system: SystemId, at: datetime, *, well: bool = True) -> None:
    key = IndicatorKey(kind=IndicatorKind.AVAILABILITY, subject=system)
    evidence = Evidence(good_since=at) if well else Evidence(first_bad=at)
    shift.indicators[str(key)] = Indicator(key=key, tally=Tally(over=HOUR), evidence=evidence, seen=at)


LOGIN = {"depends_on": (IDP,)}
STRIPE = {"vendor": "stripe"}


def test_a_flow_stands_below_its_systems_and_these_below_what_they_depend_on_their_vendor_and_region() -> None:
    catalog = town(erp=LOGIN, idp={"vendor": "okta", "region": "eu-west"})
    above = places_of(catalog, {f"flow:{INVOICES.id}"})
    assert {"system:erp", "system:billing", "system:idp", "vendor:okta/eu-west", "region:eu-west"} <= above
    assert "system:crm" not in above


def test_systems_that_depend_on_each_other_do_not_stand_above_one_another_for_ever() -> None:
    catalog = town(erp={"depends_on": (CRM,)}, crm={"depends_on": (ERP,)})
    assert "system:crm" in places_of(catalog, {"system:erp"})


def test_what_a_dead_system_depends_on_is_one_incident_with_it_and_pages_once() -> None:
    shift = watching(town(erp=LOGIN, crm=LOGIN))
    shift.sees(NOON, system_alert(IDP))
    told = shift.sees(after(seconds=5), system_alert(ERP), system_alert(CRM))
    assert shift.open == [FIRST]
    assert {one.recipient for one in told if one.kind is MessageKind.PAGE} == set()


@pytest.mark.answers("prometheus/alertmanager#4303", "prometheus/alertmanager#4567", "prometheus/alertmanager#878")
def test_systems_whose_common_provider_is_well_are_incidents_of_their_own() -> None:
    shift = watching(town(erp=LOGIN, crm=LOGIN))
    shift.sees(NOON, system_alert(ERP))
    shift.sees(after(seconds=5), system_alert(CRM))
    assert shift.open == [FIRST, "INC-2"]


def test_late_evidence_joins_what_it_caused_and_stops_further_pages_for_it() -> None:
    shift = watching(town(erp=LOGIN, gateway=LOGIN))
    shift.sees(NOON, system_alert(ERP))
    shift.sees(after(seconds=5), system_alert(GATEWAY))
    paged = len(shift.pages())
    told = shift.sees(after(seconds=9), system_alert(IDP))
    assert (shift.open, len(shift.pages()), told) == ([FIRST], paged, [])
    other = shift.incidents[IncidentId("INC-2")]
    assert (other.merged, other.next_due) == (FIRST, None)
    assert shift.incidents[FIRST].nodes == {"system:idp"}
    assert any("INC-2/page" in key for key in shift.suppressed), "a page of it that still waits is not sent"
    assert [event.kind for event in shift.timelines[FIRST]][-2:] == ["alerts_joined", "taken_over"]


@pytest.mark.answers("OneUptime/oneuptime#3122")
def test_it_is_over_when_every_part_of_it_is() -> None:
    shift = watching(town(erp=LOGIN))
    shift.sees(NOON, system_alert(ERP), system_alert(IDP))
    shift.sees(after(minutes=5), system_alert(IDP, RESOLVED, after(minutes=5)))
    assert shift.open == [FIRST], "suppress creation, never resolution: the ERP is still down"
    shift.sees(after(minutes=6), system_alert(ERP, RESOLVED, after(minutes=6)))
    assert shift.open == []


def test_accounts_of_one_vendor_that_fail_together_are_one_incident_at_the_vendor() -> None:
    catalog = town(billing=STRIPE, gateway=STRIPE)
    shift = watching(catalog)
    shift.sees(NOON, system_alert(BILLING))
    assert shift.only.nodes == {"system:billing"}, "a single account's failure stays at its system"
    shift.sees(after(seconds=20), system_alert(GATEWAY))
    assert shift.only.nodes == {"vendor:stripe"}
    assert "vendor stripe fails, seen at billing, gateway" in str(shift.timelines[FIRST])
    assert headline(shift.only).startswith("Vendor stripe fails. System billing, gateway is down")


def test_where_another_account_is_well_it_is_not_the_vendor() -> None:
    shift = watching(town(billing=STRIPE, gateway=STRIPE, crm=STRIPE))
    seen(shift, CRM, after(seconds=15))
    shift.sees(NOON, system_alert(BILLING))
    shift.sees(after(seconds=20), system_alert(GATEWAY))
    assert len(shift.open) == 2


def test_vendors_of_one_region_that_fail_together_are_one_incident_at_the_region() -> None:
    west = {"region": "eu-west"}
    shift = watching(town(billing=west, crm=west, ledger={"region": "us-east"}))
    shift.sees(NOON, system_alert(BILLING))
    shift.sees(after(seconds=20), system_alert(CRM), system_alert(LEDGER))
    assert len(shift.open) == 2
    assert shift.incidents[FIRST].nodes == {"region:eu-west"}


def declared(at: datetime = NOON) -> Alert:
    return replace(system_alert(PAGE, kind=AlertKind.DECLARED_OUTAGE, at=at), explanation="page declares an outage")


def test_a_status_page_is_evidence_in_the_incident_and_makes_one_of_the_vendors_accounts() -> None:
    with_page = {"vendor": "stripe", "status_page": PAGE}
    shift = watching(town(billing=with_page, gateway=with_page, crm=with_page))
    seen(shift, CRM, after(seconds=15))
    shift.sees(NOON, system_alert(BILLING))
    shift.sees(after(seconds=20), system_alert(GATEWAY))
    assert len(shift.open) == 2
    shift.sees(after(minutes=9), declared(after(minutes=9)))
    assert shift.open == [FIRST]
    assert shift.incidents[FIRST].evidence == {"declared_outage/page": "page declares an outage"}
    shift.sees(after(minutes=10), *(system_alert(one, RESOLVED, after(minutes=10)) for one in (BILLING, GATEWAY)))
    assert shift.open == [], "a page that has not been taken down yet keeps nothing open"


SYSTEMS = (BILLING, GATEWAY, ERP, LEDGER, CRM, IDP)
ABOUT = (late(ACME), late(COBALT, flow=PAYOUTS), *(system_alert(one) for one in SYSTEMS))
GRAPH = town(erp=LOGIN, crm={"depends_on": (IDP, LEDGER)}, billing=STRIPE, gateway=STRIPE)
DIRECTLY = {ERP: {IDP}, CRM: {IDP, LEDGER}}
ENDS = {INVOICES.id: {BILLING, ERP}, PAYOUTS.id: {GATEWAY, LEDGER}}


def causes_by_hand(alert: Alert, down: frozenset[SystemId]) -> set[str]:
    """What explains an alert, written down again: its systems, what these depend on, and a vendor that fails."""
    below = ENDS[alert.flow] if alert.flow is not None else {SystemId(alert.key.subject)}
    over = below | {other for one in below for other in DIRECTLY.get(one, set())}
    if over & {BILLING, GATEWAY} and {BILLING, GATEWAY} <= down:
        over |= {BILLING, GATEWAY}
    return {f"availability/{one}" for one in over & down} - {str(alert.key)}


@pytest.mark.answers("prometheus/alertmanager#4504")
@settings(max_examples=examples(60))
@given(st.frozensets(st.sampled_from(SYSTEMS)), st.sampled_from(ABOUT))
def test_an_alert_is_explained_while_and_only_while_some_cause_lives(down: frozenset[SystemId], alert: Alert) -> None:
    alerts = {str(one.key): one for one in (system_alert(system) for system in sorted(down))}
    places = live(alerts, lambda _: None, GRAPH)
    assert explained(alert, places, GRAPH) == causes_by_hand(alert, down)


@settings(max_examples=examples(40))
@given(st.permutations(list(ABOUT)), st.integers(min_value=1, max_value=3))
def test_whatever_comes_first_what_has_one_cause_ends_as_one_incident(order: list[Alert], together: int) -> None:
    shift = watching(GRAPH)
    for place in range(0, len(order), together):
        shift.sees(after(seconds=place), *order[place : place + together])
    homes = {key: alert.incident for key, alert in shift.alerts.items()}
    assert all(shift.incidents[home].open for home in homes.values() if home is not None)
    assert homes["availability/erp"] == homes["availability/idp"]
    assert homes["availability/billing"] == homes["availability/gateway"]
    for key, home in homes.items():
        assert home is not None
        assert key in shift.incidents[home].active, "an alert is where it says that it is"


@pytest.mark.answers("prometheus/alertmanager#4064", "prometheus/alertmanager#2229")
def test_after_a_start_an_effect_that_is_seen_before_its_cause_is_not_paged_by_itself() -> None:
    shift = watching(town(erp=LOGIN), started=NOON)
    shift.sees(after(seconds=2), system_alert(ERP))
    assert "pages_held" in {event.kind for event in shift.timelines[FIRST]}
    shift.sees(after(seconds=4), system_alert(IDP))
    assert shift.pages() == []
    assert shift.waits(after(seconds=10)) == []
    told = shift.waits(after(seconds=20))
    assert [one.kind for one in told if one.kind is MessageKind.PAGE] == [MessageKind.PAGE]
    assert shift.open == [FIRST]


def test_after_a_start_nothing_is_held_where_each_cause_was_looked_at_or_none_is_thinkable() -> None:
    shift = watching(town(erp=LOGIN), started=NOON)
    seen(shift, IDP, after(seconds=1))
    assert shift.sees(after(seconds=2), system_alert(ERP)) != []
    alone = watching(town(), started=NOON)
    assert alone.sees(after(seconds=2), system_alert(CRM)) != []
    later = watching(town(erp=LOGIN), started=NOON)
    assert later.sees(after(minutes=2), system_alert(ERP)) != []


def test_an_effect_whose_incident_was_known_before_the_restart_is_never_paged_again() -> None:
    shift = watching(town(erp=LOGIN))
    shift.sees(NOON, system_alert(IDP))
    shift.context = replace(shift.context, started=after(minutes=1))
    paged = len(shift.pages())
    shift.sees(after(minutes=1, seconds=1), system_alert(ERP, at=after(minutes=1)))
    assert (shift.open, len(shift.pages())) == ([FIRST], paged)


def test_vendors_that_are_not_written_are_told_apart_by_connector_and_host() -> None:
    one = System(id=ERP, connector=Connector(name="sap"), base_url="https://a.example.com")
    other = replace(one, id=CRM, base_url="https://b.example.com")
    assert vendor_node(one) != vendor_node(other)
    assert vendor_node(replace(one, vendor="sap")) == vendor_node(replace(other, vendor="sap")) == "vendor:sap"
