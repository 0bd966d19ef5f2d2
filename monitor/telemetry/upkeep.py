"""Gauges of what systems need to be kept up: ends of certificates and credentials, and clocks. Read at each scrape.

An end stays exposed after it has passed: that is when somebody asks for it.
"""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.upkeep import credential_end
from monitor.situation import Situation
from probes.upkeep import Upkeep


def upkeep_gauges(situation: Situation) -> Iterator[Metric]:
    """Yield what is known; of systems of which nothing is, nothing."""
    ends = _family(
        "probe_ssl_earliest_cert_expiry", "When the first of the certificates that a system shows ends, in Unix time."
    )
    expiry = _family("token_expiry_timestamp_seconds", "When our credential for a system ends, where somebody says so.")
    skew = _family("clock_skew_seconds", "A system's clock minus ours, by the dates of its answers.")
    bound = _family("clock_skew_bound_seconds", "Within what the clock skew is known.")
    for name, system in situation.config.catalog.systems.items():
        known = situation.upkeep.get(name) or Upkeep(system=name)
        if known.certificate is not None:
            ends.add_metric([name], known.certificate.earliest.timestamp())
        end = credential_end(system, known)
        if end is not None:
            expiry.add_metric([name], end.timestamp())
        if known.clock is not None:
            skew.add_metric([name], known.clock.offset.total_seconds())
            bound.add_metric([name], known.clock.bound.total_seconds())
    yield from (family for family in (ends, expiry, skew, bound) if family.samples)


def _family(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"tierwatch_{name}", text, labels=("system",))
