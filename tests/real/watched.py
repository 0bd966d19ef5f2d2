"""A few minutes of Tierwatch among real parts: faults come and go, Prometheus scrapes, spans arrive.

It is played once for all tests that look at what can be seen from outside; what they expect stands with them.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from monitor.sandbox.faults import Fault
from tests.real.otlp import Collector, collector
from tests.real.process import Served, Vendors, eventually, tierwatch, vendors
from tests.real.prometheus import Prometheus, prometheus

TIERS = Path(__file__).parent / "configuration" / "tiers.yaml"
BY = "madrid-1"
SOON = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was played, still running. `secrets` are those that the configuration refers to."""

    served: Served
    prometheus: Prometheus
    collector: Collector
    secrets: Mapping[str, str]

    @property
    def exposition(self) -> str:
        """What Prometheus scrapes."""
        return self.served.get("/metrics").text


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """Play it; yield when everything has been scraped."""
    with vendors() as sandbox, collector() as spans:
        secrets = sandbox.configuration(folder / "config")
        shutil.copy(TIERS, folder / "config")
        settings = {"TIERWATCH_OTLP_ENDPOINT": spans.address}
        with (
            tierwatch(folder / "config", folder / "data", secrets, settings) as served,
            prometheus(folder / "prometheus", served.address) as scraping,
        ):
            _erp_stops(sandbox, served)
            _gateway_and_billing_fail(sandbox, scraping)
            assert served.post("/-/reload").json()["reloaded"]
            eventually(lambda: spans.named("tierwatch.delivery"), "a delivery's span", SOON)
            yield Watched(served=served, prometheus=scraping, collector=spans, secrets=secrets)


def _erp_stops(sandbox: Vendors, served: Served) -> None:
    """One whole incident: it opens, is acknowledged, its clients are told, and it ends because the data caught up."""
    eventually(lambda: {one["state"] for one in served.items("/api/v1/systems")} == {"OK"}, "every system was seen")
    sandbox.switch(Fault.ERP_STOPPED, on=True)
    incident = eventually(lambda: served.items("/api/v1/incidents"), "an incident", SOON)[0]["id"]
    served.post(f"/api/v1/incidents/{incident}/acknowledge", {"by": BY}).raise_for_status()
    eventually(lambda: _told(served), "a notice was accepted", SOON)
    sandbox.switch(Fault.ERP_STOPPED, on=False)
    eventually(lambda: served.get(f"/api/v1/incidents/{incident}").json()["resolved"], "the incident's end", SOON)


def _told(served: Served) -> list[str]:
    """The keys of the notices that were accepted by their receivers."""
    messages = served.items("/api/v1/deliveries")
    return [one["key"] for one in messages if (one["kind"], one["state"]) == ("notice", "accepted")]


def _gateway_and_billing_fail(sandbox: Vendors, scraping: Prometheus) -> None:
    """Payments are declined until that is an incident, which stays open; billing throttles us for a moment."""
    sandbox.switch(Fault.GATEWAY_DECLINES, on=True)
    sandbox.switch(Fault.BILLING_THROTTLED, on=True)
    eventually(lambda: scraping.query("tierwatch_throttled_total > 0"), "billing throttled us", SOON)
    sandbox.switch(Fault.BILLING_THROTTLED, on=False)
    eventually(lambda: scraping.query("tierwatch_incidents_open > 0"), "an open incident", SOON)
