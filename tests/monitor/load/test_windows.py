"""What is written of batch flows, stagnation and cut-offs becomes the values that are watched."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from probes.batch import BUSINESS, EVERY, Batch
from probes.catalog import ClientId, Cutoff, FlowId, TierId
from probes.patience import Stagnation
from tests.monitor.load.written import PARTS, config, found

SYNC = FlowId("sync")


def flows(extra: str) -> str:
    """Return the flow with more written of it."""
    return PARTS["flows"].replace(", mode: realtime", extra)


def test_everything_that_is_written_of_a_batch_is_taken_over(tmp_path: Path) -> None:
    text = """, mode: batch, batch: {begins: "01:00", finished_by: "06:00", cut: "00:00", days: business,
        timezone: Europe/Berlin, holidays: DE-BY, at_least: 5}"""
    assert config(tmp_path, flows=flows(text)).catalog.flows[SYNC].batch == Batch(
        begins=time(1),
        finished_by=time(6),
        cut=time(0),
        days=BUSINESS,
        zone="Europe/Berlin",
        holidays="DE-BY",
        at_least=5,
    )


@pytest.mark.parametrize(
    ("days", "meant"), [("every", EVERY), ("business", frozenset(range(5))), ("[mon, sat]", frozenset({0, 5}))]
)
def test_days_are_a_word_or_a_list_and_the_zone_is_the_clients_by_default(
    tmp_path: Path, days: str, meant: frozenset[int]
) -> None:
    text = f', mode: batch, batch: {{begins: "22:00", finished_by: "02:00", days: {days}, timezone: client}}'
    batch = config(tmp_path, flows=flows(text)).catalog.flows[SYNC].batch
    assert batch is not None
    assert (batch.days, batch.zone, batch.at_least) == (meant, None, None)


def test_a_realtime_flow_has_limits_for_its_silence(tmp_path: Path) -> None:
    plain = config(tmp_path).catalog.flows[SYNC]
    assert (plain.batch, plain.stagnation) == (None, Stagnation())
    text = ", stagnation: {at_least: 3m}"
    flow = config(tmp_path, flows=flows(text)).catalog.flows[SYNC]
    assert flow.stagnation == Stagnation(at_least=timedelta(minutes=3), at_most=timedelta(hours=4))


def test_cut_offs_stand_at_a_tier_or_a_client(tmp_path: Path) -> None:
    tiers = PARTS["tiers"] + '    cutoffs: {report: {cron: "0 17 * * fri", timezone: Europe/Madrid}}\n'
    clients = PARTS["clients"].replace(
        "tier: gold,", 'tier: gold, cutoffs: {run: {cron: "0 6 1 * *", flow: sync, raise_within: 1h, raise_to: gold}},'
    )
    catalog = config(tmp_path, tiers=tiers, clients=clients).catalog
    assert catalog.tiers[TierId("gold")].cutoffs == (
        Cutoff(name="report", expression="0 17 * * fri", zone="Europe/Madrid"),
    )
    assert catalog.clients[ClientId("acme")].cutoffs == (
        Cutoff(
            name="run",
            expression="0 6 1 * *",
            flow=SYNC,
            raise_within=timedelta(hours=1),
            raise_to=TierId("gold"),
        ),
    )


def test_a_tier_that_only_a_cut_off_raises_to_is_in_use(tmp_path: Path) -> None:
    tiers = PARTS["tiers"] + "  critical: {weight: 90, escalation: all}\n"
    raised = PARTS["clients"].replace(
        "tier: gold,", 'tier: gold, cutoffs: {run: {cron: "0 6 1 * *", raise_within: 1h, raise_to: critical}},'
    )
    assert [one for one in found(tmp_path, tiers=tiers) if "no client is in this tier" in one]
    assert not [one for one in found(tmp_path, tiers=tiers, clients=raised) if "no client is in this tier" in one]
