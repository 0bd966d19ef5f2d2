"""One system with two lists, known to one client, in a situation that was just planned."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.loops.looking import plan_looks
from monitor.situation import Situation
from probes.budget import Quota, Window
from probes.catalog import Catalog, Client, ClientId, ProbeId, System, SystemId, Tier, TierId
from probes.conduct import Sla
from probes.failure import FailureClass, Outcome
from probes.objectives import FailureRatio, Objectives
from probes.observation import Observation
from tests.monitor.web import town
from tests.probes.definitions import PAYMENTS, VENDOR

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
GATEWAY = SystemId("gateway")
PAYMENTS_PROBE, REFUNDS_PROBE = ProbeId("gateway.payments"), ProbeId("gateway.refunds")
AMPLE = Quota(windows=(Window(limit=1000, period=timedelta(seconds=1)),))


def situation(quota: Quota = AMPLE) -> Situation:
    """Return what is known at the start with a quota: two lists, each wanted once a minute."""
    ratio = FailureRatio(below=0.02, over=timedelta(minutes=30))
    gold = Tier(
        id=TierId("gold"), weight=40, objectives=Objectives(failure_ratio=ratio), sla=Sla(), escalation="integrations"
    )
    acme = Client(id=ClientId("acme"), name="Acme", tier=gold.id, identifiers={GATEWAY: ("m-acme",)})
    lists = {"payments": PAYMENTS, "refunds": replace(PAYMENTS, name="refunds")}
    gateway = System(
        id=GATEWAY, connector=replace(VENDOR, resources=lists), base_url="https://gateway.example", quota=quota
    )
    watched = Catalog(tiers={gold.id: gold}, clients={acme.id: acme}, systems={GATEWAY: gateway}, flows={})
    made = replace(town.situation(), config=replace(town.config(), catalog=watched), sights={}, balances={})
    plan_looks(made, 0, NOW)
    return made


def observation(outcome: Outcome = Outcome.GOOD, failure: FailureClass | None = None, requests: int = 1) -> Observation:
    """Return a look at the payments that ended now."""
    return Observation(
        probe=PAYMENTS_PROBE,
        system=GATEWAY,
        resource="payments",
        outcome=outcome,
        failure=failure,
        sent=NOW,
        answered=NOW,
        requests=requests,
    )
