"""Debian's Prometheus scrapes us through faults: each metric that we promise answers a question put to it."""

import re
from datetime import datetime

import pytest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from monitor.sandbox.clients import COMPANIES
from tests.real.process import eventually
from tests.real.prometheus import complaints
from tests.real.watched import TIERS, Watched

pytestmark = [pytest.mark.real("prometheus", "promtool"), pytest.mark.story]

QUESTIONS = {
    "probe runs": "sum by (system) (tierwatch_probe_runs_total{outcome='good'}) > 5",
    "probe duration": (
        "histogram_quantile(0.95, sum by (le, system) (rate(tierwatch_probe_duration_seconds_bucket[1m]))) < 10"
    ),
    "last success": "time() - tierwatch_probe_last_success_timestamp_seconds{system='erp'} < 20",
    "sync latency": (
        "sum by (flow) (tierwatch_sync_latency_seconds_sum) / sum by (flow) (tierwatch_sync_latency_seconds_count) < 30"
    ),
    "oldest unsynced age": "max_over_time(tierwatch_sync_oldest_unsynced_record_age_seconds[5m]) > 8",
    "unsynced records": "max_over_time(tierwatch_sync_unsynced_records[5m]) >= 2",
    "records in time": "sum by (tier) (tierwatch_sync_records_good_total) > 0",
    "records late": "sum by (flow) (increase(tierwatch_sync_records_bad_total[5m])) > 0",
    "records good": "sum by (system, tier) (tierwatch_records_good_total) > 0",
    "records bad": "sum by (system) (increase(tierwatch_records_bad_total{system='gateway'}[2m])) > 5",
    "quota limit": "tierwatch_quota_limit{system='billing', window='1s'} == 100",
    "quota remaining": "min_over_time(tierwatch_quota_remaining{system='billing'}[5m]) < 10",
    "quota wait": "tierwatch_quota_wait_seconds_count{system='billing'} > 5",
    "throttled": "increase(tierwatch_throttled_total{system='billing'}[5m]) > 0",
    "alerts": "max_over_time(tierwatch_alerts{kind='sync_latency', state='firing'}[5m]) > 0",
    "incidents open": "sum(tierwatch_incidents_open) == 1",
    "incidents": "tierwatch_incidents_total == 2",
    "acknowledge seconds": "sum(increase(tierwatch_incident_acknowledge_seconds_count[5m])) > 0",
    "repair seconds": "sum(increase(tierwatch_incident_repair_seconds_count[5m])) > 0",
    "deliveries": "tierwatch_deliveries_total{kind='page', state='accepted'} > 0",
    "outbox age": "tierwatch_outbox_oldest_age_seconds < 60",
    "tick lag": "max(tierwatch_tick_lag_seconds) < 10",
    "reload success": "tierwatch_config_last_reload_successful == 1",
    "reload time": "time() - tierwatch_config_last_reload_success_timestamp_seconds < 120",
}
LABELS = {
    *("system", "probe", "outcome", "flow", "tier", "client", "kind", "state", "window", "tick", "grade", "le"),
    *("chain", "ending", "hop", "result", "assertion", "cutoff", "schedule", "currency"),
    *("by", "cause", "change", "incident", "phase", "reason", "what"),
    *("endpoint", "lane", "move"),
}
"""The last ones are words of ours, like `open` and `ended` of an incident, and no names."""

UNITLESS = {
    "tierwatch_probe_ssl_earliest_cert_expiry",
    "tierwatch_heartbeat_late",
    "tierwatch_notice_drafts",
    "tierwatch_channel_breaker_endpoints",
    "tierwatch_channel_broken",
    "tierwatch_dunning_calls_waiting",
    "tierwatch_dunning_holds",
    "tierwatch_incidents_undecided",
    "tierwatch_maintenance_told",
    "tierwatch_notice_drafts_late",
    "tierwatch_outgoing_heartbeat_failing",
    "tierwatch_one_sided_clients",
    "tierwatch_quota_known",
    "tierwatch_status_conflicts",
    "tierwatch_undeclared_statuses",
    "tierwatch_unknown_identifiers",
    "tierwatch_alerts",
    "tierwatch_overdue_steps",
    "tierwatch_revenue_at_risk",
    "tierwatch_alerts_explained",
    "tierwatch_end_debts",
    "tierwatch_kept_back",
    "tierwatch_contracts",
    "tierwatch_silences",
    "tierwatch_oncall_overrides_active",
    "tierwatch_oncall_people",
    "tierwatch_batch_waiting_records",
    "tierwatch_client_info",
    "tierwatch_config_findings",
    "tierwatch_config_last_reload_successful",
    "tierwatch_flow_info",
    "tierwatch_incidents_open",
    "tierwatch_intake_active_alerts",
    "tierwatch_quota_limit",
    "tierwatch_reconciliation_missing_records",
    "tierwatch_reconciliation_sampled_records",
    "tierwatch_quota_remaining",
    "tierwatch_store_writable",
    "tierwatch_sync_mismatched_records",
    "tierwatch_sync_missing_records",
    "tierwatch_sync_orphaned_records",
    "tierwatch_sync_unsynced_records",
}


def families(played: Watched) -> list[Metric]:
    """Return what is exposed, family by family, without what has Alertmanager's names."""
    exposed = text_string_to_metric_families(played.exposition)
    return [one for one in exposed if not one.name.startswith("alertmanager_")]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_query_for_each_promised_metric_returns_data(played: Watched, question: str) -> None:
    assert eventually(lambda: played.prometheus.query(QUESTIONS[question]), question)


def test_the_metrics_of_an_incident_say_what_its_record_says(played: Watched) -> None:
    (ended,) = played.served.items("/api/v1/incidents?state=resolved")
    ask = played.prometheus.query
    assert [one.value for one in ask("sum(tierwatch_incident_repair_seconds_count)")] == [ended["clients_recovered"]]
    assert ended["clients_recovered"] == ended["clients_hurt"] > 0
    (took,) = ask("sum(tierwatch_incident_acknowledge_seconds_sum)")
    timeline = played.served.get(f"/api/v1/incidents/{ended['id']}").json()["timeline"]
    paged = next(datetime.fromisoformat(one["at"]) for one in timeline if one["kind"] == "paged")
    waited = datetime.fromisoformat(ended["acknowledged"]) - paged
    assert took.value == pytest.approx(waited.total_seconds(), abs=0.01)


def test_promtool_finds_nothing_to_complain_about(played: Watched) -> None:
    assert not complaints(played.exposition)


def test_promtool_would_complain() -> None:
    assert "counter metrics should have" in complaints("# HELP pulls Pulls.\n# TYPE pulls counter\npulls 1\n")


def test_every_name_has_our_prefix_and_its_unit(played: Watched) -> None:
    for family in families(played):
        assert family.name.startswith("tierwatch_")
        assert family.documentation.endswith(".")
        assert not re.search(r"_(created|ms|milliseconds|minutes|percent|count|type)$", family.name), family.name
        if family.type != "counter":
            assert family.name.endswith(("_seconds", "_ratio")) or family.name in UNITLESS, family.name


def test_every_label_is_of_a_kind_that_is_bounded(played: Watched) -> None:
    used = {label for family in families(played) for sample in family.samples for label in sample.labels}
    assert used - LABELS == set()
    assert not [sample.name for family in families(played) for sample in family.samples if "_created" in sample.name]


def test_no_name_of_a_client_and_no_secret_is_exposed(played: Watched) -> None:
    exposition = played.exposition
    forbidden = {played.served.token, *played.secrets.values()}
    forbidden |= {text for one in COMPANIES for text in (one.name, one.customer, one.merchant)}
    assert [text for text in forbidden if text in exposition] == []
    assert all(f'client="{one.id}"' in exposition for one in COMPANIES)


def test_a_reload_that_fails_shows_until_one_succeeds(played: Watched) -> None:
    file = played.served.data.parent / "config" / TIERS.name
    before = file.read_text(encoding="utf-8")
    file.write_text("tiers: none\n", encoding="utf-8")
    try:
        assert not played.served.post("/-/reload").json()["reloaded"]
        eventually(lambda: played.prometheus.query("tierwatch_config_last_reload_successful == 0"), "a failed reload")
    finally:
        file.write_text(before, encoding="utf-8")
    assert played.served.post("/-/reload").json()["reloaded"]
    eventually(lambda: played.prometheus.query("tierwatch_config_last_reload_successful == 1"), "a good reload")
