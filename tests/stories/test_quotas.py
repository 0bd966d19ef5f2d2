"""Quotas through a day: never more than allowed, and what is seldom seen is shown as that."""

import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.sandbox.faults import Fault
from probes.catalog import ProbeId, SystemId
from probes.failure import Outcome
from tests.stories.day import Day, a_day

pytestmark = pytest.mark.story

BILLING = SystemId("billing")
INVOICES = ProbeId("billing.invoices")


def few_requests(folder: Path) -> None:
    file = folder / "systems.yaml"
    text = file.read_text("utf-8")
    changed = re.sub(r"quota: \{share: 20%\}", "quota: {rate: 60/min, concurrent: 1}", text, count=1)
    assert changed != text
    assert "overlap: 15s" in changed
    # So that a look at invoices takes two requests.
    file.write_text(changed.replace("overlap: 15s", "overlap: 30s"), "utf-8")


def requests_of(day: Day, system: str) -> float:
    value = day.application.instruments.registry.get_sample_value("tierwatch_probe_requests_total", {"system": system})
    assert value is not None
    return value


@pytest.mark.answers("airbytehq/airbyte#22384")
async def test_a_small_quota_is_never_exceeded_and_nothing_is_called_an_outage(tmp_path: Path) -> None:
    """From formbricks #5842 and capi-release #166: a probe that is rate-limited itself is no outage."""
    async with a_day(tmp_path, configure=few_requests) as day:
        spent = [requests_of(day, "billing")]
        for _ in range(18):
            await day.advance(seconds=10)
            spent.append(requests_of(day, "billing"))
        # The requests of a look are counted when it ends, up to half a minute after the first of them.
        assert all(later - sooner <= 1.5 * 60 for sooner, later in zip(spent, spent[6:], strict=False))
        assert 60 < spent[-1] <= 3.5 * 60
        sights = day.application.situation.sights
        assert sights[INVOICES].interval > timedelta(seconds=3.5)
        assert sights[INVOICES].wanted == timedelta(seconds=3)
        assert outcomes(day)[Outcome.BAD] == 0
        assert not any(key.startswith("availability/billing") for one in day.incidents for key in one.alerts)


def outcomes(day: Day) -> Counter[str]:
    found: Counter[str] = Counter()
    for metric in day.application.instruments.probe_runs.collect():
        for sample in metric.samples:
            if sample.labels.get("system") == BILLING and sample.name.endswith("_total"):
                found[sample.labels["outcome"]] += int(sample.value)
    return found


@pytest.mark.answers("airbytehq/airbyte#4818")
async def test_a_vendor_that_throttles_is_asked_less_and_less_and_then_as_before(tmp_path: Path) -> None:
    """From airbyte #4818: retries on a rate limit make it worse, so a refused look is one request and no more."""
    async with a_day(tmp_path) as day:
        await day.advance(seconds=30)
        day.breaks(Fault.BILLING_THROTTLED)
        began, before = day.clock.now(), requests_of(day, "billing")
        await day.advance(seconds=45)
        assert requests_of(day, "billing") - before == outcomes(day)[Outcome.THROTTLED] > 0
        balance = day.application.situation.balances[BILLING]
        sight = day.application.situation.sights[INVOICES]
        assert balance.speed < 0.2
        assert since(sight.throttled_since) - began < timedelta(seconds=10)
        day.mends(Fault.BILLING_THROTTLED)
        await day.advance(minutes=4)
        assert day.application.situation.balances[BILLING].speed == 1
        assert sight.throttled_since is None
        assert sight.interval == sight.wanted
        assert outcomes(day)[Outcome.BAD] == 0


def since(instant: datetime | None) -> datetime:
    assert instant is not None
    return instant
