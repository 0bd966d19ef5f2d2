"""What is probed and how often: promises call for looks, quotas stretch them and say so."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from probes.bound import interval_within
from probes.budget import Quota, Window, rate
from probes.catalog import Catalog, Client, ClientId, End, Flow, FlowId, Probe, ProbeId, System, SystemId, Tier, TierId
from probes.conduct import ClockStart, Sla
from probes.connector import Connector
from probes.objectives import FailureRatio, Objectives, SyncLatency
from probes.plan import Experience, intervals, paced, probes_of, tiers_hurt, wants_of
from probes.shortfall import broken, strained
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
    return Client(id=ClientId(name), name=name, tier=TierId(its_tier), identifiers=dict.fromkeys(systems, (name,)))


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


SMALL = Quota(windows=(Window(limit=6, period=timedelta(minutes=1), burst=3),), reserve=0.2)


def spent(stretched: dict[str, float]) -> float:
    return sum(1 / gap for probe, gap in stretched.items() if probe.startswith("billing"))


def test_a_quota_that_cannot_bear_the_looks_spreads_what_it_bears_and_keeps_each_promise_that_it_can() -> None:
    known = catalog(PLATINUM, clients=(ACME,), quota=SMALL)
    stretched = gaps(known)
    assert spent(stretched) == pytest.approx(rate(SMALL), rel=1e-3)
    assert stretched["billing.invoices"] == pytest.approx(15, rel=0.01)
    assert stretched["billing.payments"] == pytest.approx(75, rel=0.01)
    (strain,) = strained(known)
    assert strain.system == BILLING
    assert strain.sustained == pytest.approx(0.08)
    assert strain.wanted == pytest.approx(13 / 60)
    assert list(broken(known)) == []


def test_what_serves_more_weight_is_looked_at_more_often() -> None:
    """The weight is that of all clients that a look serves: one list call is one look for each of them."""
    others = tuple(client(f"c{n}", "silver", BILLING) for n in range(99))
    known = catalog(SILVER, tier("payer", None, timedelta(days=9)), clients=(*others, client("p", "payer", BILLING)))
    lists = replace(known.systems[BILLING], quota=replace(SMALL, share=0.1))
    crowded = replace(known, systems={**known.systems, BILLING: lists})
    weights = {want.probe.resource: want.weight for want in wants_of(crowded)[BILLING]}
    assert weights == {"invoices": 99, "payments": 1}
    stretched = gaps(crowded)
    assert stretched["billing.payments"] == pytest.approx(99**0.5 * stretched["billing.invoices"], rel=1e-3)
    assert spent(stretched) == pytest.approx(0.1 * rate(SMALL), rel=1e-3)


def test_a_look_at_a_list_is_one_look_however_many_clients_it_covers() -> None:
    many = tuple(client(f"c{n}", "platinum", BILLING) for n in range(1000))
    few = catalog(PLATINUM, clients=(ACME,), quota=SMALL)
    crowd = catalog(PLATINUM, clients=many, quota=SMALL)
    assert [one.wanted for one in strained(crowd)] == [one.wanted for one in strained(few)]
    assert len(probes_of(crowd)) == len(probes_of(few))


def test_looks_that_cost_more_or_showed_incidents_more_often_are_planned_so() -> None:
    wants = wants_of(catalog(PLATINUM, clients=(ACME,), quota=SMALL))[BILLING]
    plain = paced(wants, 0.02)
    invoices, payments = (want.probe.id for want in wants)
    unlucky = paced(wants, 0.02, {payments: Experience(incidents=9)})
    assert unlucky[payments] < plain[payments]
    dear = paced(wants, 0.1, {invoices: Experience(cost=10)})
    assert sum(cost / dear[probe].total_seconds() for probe, cost in ((invoices, 10), (payments, 1))) <= 0.1 + 1e-6


def test_where_the_quota_bears_not_even_the_least_the_heaviest_tier_keeps_its_promise() -> None:
    rich = replace(PLATINUM, weight=100)
    known = catalog(rich, SILVER, clients=(ACME, ZEN), quota=replace(SMALL, share=0.6, reserve=0))
    late = {one.promise.path for one in broken(known)}
    assert late == {"objectives.sync_latency.within"}
    tight = catalog(rich, clients=(ACME,), quota=replace(SMALL, share=0.9, reserve=0))
    assert list(broken(tight)) == []


def test_a_promise_that_no_spread_can_keep_is_named_with_what_would_keep_it() -> None:
    tiny = Quota(windows=(Window(limit=2, period=timedelta(minutes=1), burst=1),), reserve=0)
    (late, *_) = broken(catalog(PLATINUM, clients=(ACME,), quota=tiny))
    assert (late.system, late.promise.tier, late.promise.path) == (
        BILLING,
        "platinum",
        "objectives.sync_latency.within",
    )
    assert late.every is None
    assert late.interval > late.promise.longest == timedelta(seconds=15)
    enough = Quota(
        windows=(Window(limit=round(2 * late.needed + 0.5), period=timedelta(minutes=1), burst=1),), reserve=0
    )
    assert list(broken(catalog(PLATINUM, clients=(ACME,), quota=enough))) == []
    longer = tier("platinum", late.promise.spared(late.interval), over=timedelta(minutes=15))
    relaxed = catalog(longer, clients=(ACME,), quota=tiny)
    assert "objectives.sync_latency.within" not in {one.promise.path for one in broken(relaxed)}


def test_a_configured_interval_that_breaks_a_promise_is_to_blame_itself() -> None:
    (late,) = broken(catalog(PLATINUM, clients=(ACME,), every=timedelta(seconds=20)))
    assert (late.every, late.interval) == (timedelta(seconds=20), timedelta(seconds=20))


def test_a_configured_interval_that_no_quota_bears_is_stretched_and_found() -> None:
    small = Quota(windows=(Window(limit=1, period=timedelta(minutes=1)),))
    known = catalog(PLATINUM, clients=(ACME,), quota=small, every=SECOND)
    assert spent(gaps(known)) == pytest.approx(rate(small), rel=1e-3)
    assert {one.system for one in strained(known)} == {BILLING}


def test_an_outage_must_be_found_while_there_is_time_to_do_what_was_promised() -> None:
    repaired = replace(BARE, sla=Sla(repair=timedelta(minutes=20), first_notice=timedelta(minutes=2)))
    (detection,) = {
        promise for want in wants_of(catalog(repaired, clients=(OLAF,)))[BILLING] for promise in want.promises
    }
    assert detection.longest == interval_within(timedelta(minutes=4))
    at_onset = replace(repaired, sla=replace(repaired.sla, starts=ClockStart.ONSET))
    lists = wants_of(catalog(at_onset, clients=(OLAF,)))[BILLING]
    assert {want.longest for want in lists} == {interval_within(timedelta(minutes=1))}


def test_a_repair_that_is_promised_sooner_than_an_outage_can_be_confirmed_is_found() -> None:
    hasty = replace(BARE, sla=Sla(repair=timedelta(minutes=2)))
    late = list(broken(catalog(hasty, clients=(OLAF,))))
    assert {one.promise.path for one in late} == {"sla.repair"}
    assert all(one.promise.longest < timedelta() for one in late)


def test_an_ample_quota_is_no_finding() -> None:
    assert list(strained(catalog(PLATINUM, SILVER, clients=(ACME, ZEN)))) == []


def test_whom_a_system_hurts_is_counted_in_one_pass_and_the_same_as_listed() -> None:
    known = catalog(PLATINUM, SILVER, BARE, clients=(ACME, ZEN, OLAF, client("far", "silver", ERP)))
    listed = {system: Counter(one.tier for one in known.clients_of(system)) for system in known.systems}
    assert tiers_hurt(known) == listed
