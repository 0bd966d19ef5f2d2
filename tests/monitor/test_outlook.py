"""What `tierwatch check` says of quotas and detection, and the bound that a running process keeps."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import main
from monitor.example import write_example
from monitor.limits import limits_of
from monitor.outlook import outlook, present_bound
from probes.bound import detection_bound
from probes.budget import Balance, Quota, Window
from probes.catalog import SystemId
from probes.plan import wants_of
from tests.monitor.load.written import PARTS, written
from tests.monitor.loops.fleet import GATEWAY, NOW, PAYMENTS_PROBE, situation

MINUTE = timedelta(minutes=1)


def lines(quota: Quota) -> list[str]:
    return list(outlook(situation(quota).config))


def test_demand_stands_against_what_the_quota_sustains() -> None:
    limits = (Window(limit=3, period=timedelta(seconds=1), burst=3), Window(limit=100_000, period=timedelta(days=1)))
    said = lines(Quota(windows=limits, concurrent=5, share=0.2, production=0.5))
    assert said[0] == (
        "system gateway: 2 probes need 2 requests/min; the quota sustains 11 requests/min (20% of 3/s and 100,000 per "
        "1d and 5 in flight, 50% left to production, 20% of it in reserve): 18% used"
    )


def test_a_limit_that_nobody_has_stated_is_said_to_be_unknown() -> None:
    assert lines(Quota(share=0.2))[0] == (
        "system gateway: 2 probes need 2 requests/min; the vendor's limit is unknown, a modest 9.6 requests/min is "
        "assumed: 21% used"
    )


def test_each_tier_has_its_guaranteed_bound_the_worst_system_first() -> None:
    assert lines(Quota())[1] == "tier gold: an outage is found within 1m44s (gateway 1m44s)"


def test_check_says_how_rarely_chance_pages_and_what_evidence_that_takes() -> None:
    assert lines(Quota())[2] == (
        "at 1% chance failures: one false page in 174 days over 2 checks (20,160 looks a week); 3 failures in a row "
        "page, or H=53 (+14 for a failure, -1 for a success)"
    )


def test_what_false_pages_the_owner_allows_sets_the_thresholds() -> None:
    here = situation().config
    strict = replace(here, false_pages_per_week=0.01)
    assert (limits_of(here, wants_of(here.catalog)).level, limits_of(strict, wants_of(here.catalog)).level) == (53, 56)


def test_the_bound_follows_what_the_process_has_learned() -> None:
    here = situation()
    assert present_bound(here, GATEWAY, NOW) == detection_bound(MINUTE)
    for sight in here.sights.values():
        sight.interval = 4 * MINUTE
    assert present_bound(here, GATEWAY, NOW) == detection_bound(4 * MINUTE)
    here.sights[PAYMENTS_PROBE].interval = MINUTE
    here.balances[GATEWAY] = Balance(not_before=NOW + 10 * MINUTE)
    assert present_bound(here, GATEWAY, NOW) == detection_bound(MINUTE) + 10 * MINUTE
    assert present_bound(here, SystemId("elsewhere"), NOW) is None


def check(folder: Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["check", "--no-secrets", str(folder)])
    return result.exit_code, result.output


def test_check_prints_the_outlook_and_ends_well_where_all_findings_are_accepted(tmp_path: Path) -> None:
    write_example(tmp_path)
    status, said = check(tmp_path)
    assert status == 0, said
    assert "accepted: " in said
    assert "(accepted by duty-manager until 2030-12-31: the accounting API is metered by the call)" in said
    assert "system accounting: " in said
    assert "tier platinum: an outage is found within " in said


@pytest.mark.parametrize(("rate", "status"), [("10/s, burst: 20", 0), ("10/h", 1)])
def test_a_contract_that_a_quota_cannot_honour_fails_the_check(tmp_path: Path, rate: str, status: int) -> None:
    systems = PARTS["systems"].replace("rate: 10/s, burst: 20", f"rate: {rate}")
    assert check(written(tmp_path, systems=systems))[0] == status
