"""One look, now, told in full: what was asked, what the quota said, what was seen, and what it adds up to.

It stores nothing and tells nobody; the running process is not touched, except that the vendor's quota is.
"""

import ssl
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from monitor.clock import Clock
from monitor.load import Config
from monitor.loops.looking import FIRST_WINDOW
from monitor.problem import ConfigError
from monitor.secrets import Secrets
from probes.adapters.fast import FastTransport
from probes.adapters.http import HttpxTransport, shared_client
from probes.adapters.look import Instruments, Look, look
from probes.budget import Balance, Grant, remaining, take
from probes.catalog import Catalog, Probe, ProbeId
from probes.cursor import Cursor, since
from probes.observation import Observation
from probes.plan import intervals, probes_of


def probe_named(catalog: Catalog, name: str) -> Probe:
    """Return the probe of that name, or the first of the system of that name.

    Raises:
        ConfigError: there is none; the text names those there are.
    """
    probes = probes_of(catalog)
    for probe in probes:
        if name in (probe.id, probe.system):
            return probe
    raise ConfigError(f"no probe {name}; there are {', '.join(probe.id for probe in probes)}")


async def observed(config: Config, probe: Probe, clock: Clock) -> tuple[Observation, Balance]:
    """Look once; return what was seen and what is left of the quota's balance, counted from full.

    Raises:
        ConfigError: the system's credential is not to be had.
    """
    system = config.catalog.systems[probe.system]
    balances = [Balance()]

    def granted(purpose: object, now: object) -> Grant:
        grant = take(system.quota, balances[0], purpose, 1, now)  # type: ignore[arg-type]
        balances[0] = grant.balance
        return grant

    resource = system.connector.resources.get(probe.resource)
    first = since(Cursor(probe=ProbeId(probe.id)), resource, FIRST_WINDOW, clock.now()) if resource else None
    secret = Secrets().resolve(system.credential) if system.credential else None
    request = Look(probe=probe, system=system, secret=secret, since=first)
    tls = ssl.create_default_context()
    async with shared_client(tls, FastTransport(tls)) as client:
        instruments = Instruments(
            transport=HttpxTransport(client), take=granted, now=clock.now, sleep_until=clock.sleep_until
        )
        return await look(request, instruments), balances[0]


def told(config: Config, probe: Probe, observation: Observation, balance: Balance) -> Iterator[str]:
    """Yield the lines that explain a look."""
    system = config.catalog.systems[probe.system]
    took = observation.answered - observation.sent
    yield f"probe {probe.id}: {observation.outcome}{f' ({observation.reason})' if observation.reason else ''}"
    yield f"  asked    {system.base_url}, {observation.requests} requests in {took.total_seconds():.3f} s"
    yield f"  planned  every {intervals(config.catalog)[probe.id].total_seconds():.3g} s"
    yield from _quota(config, probe, observation, balance)
    yield from _clock(observation)
    yield from _records(config.catalog, probe, observation)


def _quota(config: Config, probe: Probe, observation: Observation, balance: Balance) -> Iterator[str]:
    system = config.catalog.systems[probe.system]
    left = remaining(system.quota, balance, observation.answered)
    for window, count in zip(system.quota.windows, left, strict=False):
        share = f"{system.quota.share:.0%} of {window.limit} per {window.period.total_seconds():g} s"
        yield f"  quota    {share}, {count} more at once"
    if not system.quota.windows:
        yield "  quota    unknown: neither the vendor nor the configuration tells; we ask modestly"
    for one in observation.news.allowances:
        period = f" per {one.period.total_seconds():g} s" if one.period else " in flight" if one.concurrent else ""
        of, spare = ("?" if number is None else f"{number}" for number in (one.limit, one.remaining))
        yield f"  vendor   says {spare} of {of}{period} are left"


def _clock(observation: Observation) -> Iterator[str]:
    offset = observation.clock_offset
    if offset is not None and abs(offset) > timedelta(seconds=1):
        yield f"  clock    the vendor's is {offset.total_seconds():+.0f} s off ours"


def _records(catalog: Catalog, probe: Probe, observation: Observation) -> Iterator[str]:
    whole = "the whole list" if observation.whole else "not the whole list"
    yield f"  records  {len(observation.records)} ({whole})"
    counts: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for record in observation.records:
        client = catalog.client_in(probe.system, record.client) or "unknown client"
        counts[client] += 1
        failed[client] += bool(record.failed)
    for client, count in sorted(counts.items()):
        bad = f", {failed[client]} failed" if failed[client] else ""
        yield f"    {client}: {count}{bad}"
