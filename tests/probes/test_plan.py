"""What is probed and how often: promises call for looks, quotas stretch them and say so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from probes.budget import Quota, Window, rate
from probes.catalog import (
    Catalog,
    Client,
    ClientId,
    End,
    FailureRatio,
    Flow,
    FlowId,
    Objectives,
    Probe,
    ProbeId,
    Sla,
    SyncLatency,
    System,
    SystemId,
    Tier,
    TierId,
)
from probes.connector import Connector
from probes.plan import interval, intervals, probes_of, quota_findings
from tests.probes.definitions import PAYMENTS, VENDOR

BILLING, ERP = SystemId("billing"), SystemId("erp")
INVOICES = replace(PAYMENTS, name="invoices", failed=(), settled=())
SECOND = timedelta(seconds=1)
AMPLE = Quota(windows=(Window(limit=1000, period=SECOND),))


def tier(name: str, within: timedelta | None, over: timedelta | None = None) -> Tier:
    sync = None if within is None else SyncLatency(within=within, target=0.99, over=timedelta(hours=1))
    ratio = None if over is None else FailureRatio(below=0.02, over=over)
    objectives = Objectives(sync_latency=sync, failure_ratio=ratio)
    return Tier(id=TierId(name), weight=1, objectives=objectives, sla=Sla(), escalation="integrations")


def client(name: str, its_tier: str, *systems: SystemId) -> Client:
    return Client(id=ClientId(name), name=name, tier=TierId(its_tier), identifiers=dict.fromkeys(systems, name))


def catalog(*tiers: Tier, clients: tuple[Client, ...], quota: Quota = AMPLE, every: timedelta | None = None) -> Catalog:
    billing = Connector(name="billing", resources={"invoices": INVOICES, "payments": PAYMENTS}, whoami="/me")
    systems = [
        System(id=BILLING, connector=billing, base_url="https://billing.example", quota=quota, every=every),
        System(id=ERP, connector=replace(VENDOR, resources={"invoices": INVOICES}), base_url="https://erp.example"),
    ]
    source = End(system=BILLING, resource="invoices", field="number")
    flow = Flow(id=FlowId("invoices"), source=source, destination=replace(source, system=ERP, field="external_id"))
    return Catalog(
        tiers={one.id: one for one in tiers},
        clients={one.id: one for one in clients},
        systems={one.id: one for one in systems},
        flows={flow.id: flow},
    )


PLATINUM = tier("platinum", timedelta(seconds=30), over=timedelta(minutes=15))
SILVER = tier("silver", timedelta(minutes=4))
BARE = tier("bare", None)
ACME, ZEN, OLAF = client("acme", "platinum", BILLING), client("zen", "silver", BILLING), client("olaf", "bare", BILLING)


def gaps(known: Catalog) -> dict[str, float]:
    return {probe: gap.total_seconds() for probe, gap in intervals(known).items()}


def test_lists_of_flows_are_probed_with_the_fields_they_match_by() -> None:
    probes = probes_of(catalog(SILVER, clients=(ZEN,)))
    assert probes == (
        Probe(id=ProbeId("billing.invoices"), system=BILLING, resource="invoices", fields=("number",)),
        Probe(id=ProbeId("erp.invoices"), system=ERP, resource="invoices", fields=("external_id",)),
    )


def test_lists_that_can_fail_are_probed_where_a_failure_ratio_is_promised() -> None:
    assert "billing.payments" in gaps(catalog(PLATINUM, clients=(ACME,)))
    assert "billing.payments" not in gaps(catalog(PLATINUM, clients=(client("elsewhere", "platinum", ERP),)))


def test_a_system_without_a_list_to_watch_is_asked_who_we_are() -> None:
    known = catalog(BARE, clients=(OLAF,))
    without_flows = Catalog(tiers=known.tiers, clients=known.clients, systems=known.systems, flows={})
    assert probes_of(without_flows)[0] == Probe(id=ProbeId("billing"), system=BILLING, resource="")
    assert gaps(without_flows) == {"billing": 60, "erp": 60}


def test_the_shortest_promise_sets_the_pace_of_both_ends_of_a_flow() -> None:
    known = catalog(PLATINUM, SILVER, BARE, clients=(ACME, ZEN, OLAF))
    assert gaps(known) == {"billing.invoices": 5, "billing.payments": 60, "erp.invoices": 5}
    assert gaps(catalog(SILVER, BARE, clients=(ZEN, OLAF)))["erp.invoices"] == 40


@pytest.mark.parametrize(("within", "expected"), [(1, 1), (30, 5), (86400, 60)])
def test_the_pace_stays_between_a_second_and_a_minute(within: int, expected: int) -> None:
    known = catalog(tier("t", timedelta(seconds=within)), clients=(client("c", "t", BILLING),))
    assert gaps(known)["billing.invoices"] == expected


def test_the_configured_interval_overrides_the_promises() -> None:
    known = catalog(PLATINUM, clients=(ACME,), every=timedelta(seconds=7))
    assert {gap for probe, gap in gaps(known).items() if probe.startswith("billing")} == {7}


def test_a_quota_that_cannot_bear_the_looks_stretches_them_all_alike_and_says_so() -> None:
    small = Quota(windows=(Window(limit=6, period=timedelta(minutes=1), burst=3),), reserve=0.2)
    known = catalog(PLATINUM, clients=(ACME,), quota=small)
    stretched = gaps(known)
    demand = 1 / stretched["billing.invoices"] + 1 / stretched["billing.payments"]
    assert demand == pytest.approx(rate(small), rel=1e-3)
    assert stretched["billing.payments"] == pytest.approx(12 * stretched["billing.invoices"])
    (finding,) = quota_findings(known)
    assert finding.system == BILLING
    assert finding.message.startswith("systems.billing: its looks need 0.217 requests/s")
    assert "0.08/s: all looks come 2.7 times as far apart as wanted. Raise quota.share" in finding.message


def test_a_configured_interval_that_no_quota_bears_is_kept_and_found() -> None:
    small = Quota(windows=(Window(limit=1, period=timedelta(minutes=1)),))
    known = catalog(PLATINUM, clients=(ACME,), quota=small, every=SECOND)
    assert interval(known, probes_of(known)[0]) == SECOND
    assert "looks will be skipped" in quota_findings(known)[0].message


def test_an_ample_quota_is_no_finding() -> None:
    assert quota_findings(catalog(PLATINUM, SILVER, clients=(ACME, ZEN))) == ()
