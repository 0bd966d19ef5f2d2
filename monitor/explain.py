"""One look, now, told in full: what was asked, what the quota said, what was seen, and what it adds up to.

It stores nothing and tells nobody; the running process is not touched, except that the vendor's quota is.
"""

import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.clock import Clock
from monitor.load import Config
from monitor.loops.looking import FIRST_WINDOW
from monitor.loops.quotas import Counted, Quotas
from monitor.problem import ConfigError
from monitor.secrets import Secrets
from monitor.situation import Situation
from monitor.store import AlreadyRunning, Store, StoreThread
from monitor.tokens import StoredTokens
from monitor.units import spelled
from probes.adapters.fast import FastTransport
from probes.adapters.http import Call, HttpxTransport, Transport, shared_client
from probes.adapters.look import Instruments, Look, look
from probes.adapters.oauth import Tokens, TokensInMemory, TokenStore
from probes.answer import Answer, Failure
from probes.auth import AuthKind
from probes.budget import Balance, remaining
from probes.catalog import Catalog, ClientId, Probe, ProbeId, System
from probes.cursor import Cursor, since
from probes.observation import Observation
from probes.plan import intervals, probes_of

EXAMPLES = 10
"""How many records are shown in full."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request, and what came back."""

    call: Call
    answer: Answer | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One look: what was seen, what is left of the quota's balance (counted from full), and every request."""

    observation: Observation
    balance: Balance
    exchanges: tuple[Exchange, ...] = ()


class _Overhearing:
    """A transport that remembers what went through it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.exchanges: list[Exchange] = []

    async def send(self, call: Call, now: Callable[[], datetime]) -> Answer | Failure:
        """Return the answer."""
        answer = await self._transport.send(call, now)
        self.exchanges.append(Exchange(call=call, answer=answer))
        return answer


@contextmanager
def kept(system: System, database: Callable[[], str]) -> Iterator[TokenStore]:
    """Where tokens are kept: a rotated refresh token in the database, for it could not be had again.

    Raises:
        ConfigError: Tierwatch runs, and a second renewal beside its own would break the connection.
    """
    if system.connector.auth.kind is not AuthKind.OAUTH2_REFRESH:
        yield TokensInMemory()
        return
    try:
        store = Store(database())
    except AlreadyRunning:
        advice = "see the system's page instead, or stop it first"
        raise ConfigError(f"Tierwatch runs and keeps the tokens of {system.id}; {advice}") from None
    thread = StoreThread(store)
    try:
        yield StoredTokens(store, thread)
    finally:
        thread.close()


async def observed(config: Config, probe: Probe, clock: Clock, database: Callable[[], str]) -> Seen:
    """Look once; return what was seen. `database` is asked for only where tokens must be kept.

    Raises:
        ConfigError: the system's credential is not to be had.
    """
    system = config.catalog.systems[probe.system]
    alone = Situation(config=config, started=clock.now())
    resource = system.connector.resources.get(probe.resource)
    first = since(Cursor(probe=ProbeId(probe.id)), resource, FIRST_WINDOW, clock.now()) if resource else None
    secret, secrets = Secrets().of(system)
    request = Look(probe=probe, system=system, secret=secret, secrets=secrets, since=first)
    tls = ssl.create_default_context()
    with kept(system, database) as store:
        async with shared_client(tls, FastTransport(tls)) as client:
            transport = _Overhearing(HttpxTransport(client))
            counted = Counted(transport, Quotas(lambda: alone, lambda *_: None), system.id)
            instruments = Instruments(
                transport=counted,
                take=counted.take,
                heard=counted.heard,
                now=clock.now,
                sleep_until=clock.sleep_until,
                tokens=Tokens(transport, store, clock.now, clock.sleep_until),
            )
            observation = await look(request, instruments)
            return Seen(
                observation=observation,
                balance=alone.balances.get(system.id, Balance()),
                exchanges=tuple(transport.exchanges),
            )


def told(config: Config, probe: Probe, seen: Seen, *, fully: bool = False) -> Iterator[str]:
    """Yield the lines that explain a look; `fully` with each request, and with the records themselves."""
    system, observation = config.catalog.systems[probe.system], seen.observation
    took, sent = observation.answered - observation.sent, f"{observation.requests} requests"
    sent = sent if observation.requests != 1 else "1 request"
    yield f"probe {probe.id}: {observation.outcome}{f' ({observation.reason})' if observation.reason else ''}"
    yield f"  asked    {system.base_url}, {sent} in {took.total_seconds():.3f} s"
    yield from _requests(seen) if fully else ()
    yield f"  planned  every {intervals(config.catalog)[probe.id].total_seconds():.3g} s"
    yield from _quota(config, probe, observation, seen.balance)
    yield from _clock(observation)
    yield from _lag(observation)
    yield from _records(config.catalog, probe, observation)
    yield from _examples(config.catalog, probe, observation) if fully else ()
    yield from _promises(config.catalog, probe, observation) if fully else ()


def _requests(seen: Seen) -> Iterator[str]:
    for number, exchange in enumerate(seen.exchanges, 1):
        call, answer = exchange.call, exchange.answer
        came = f"{answer.status}, {len(answer.body)} bytes" if isinstance(answer, Answer) else answer.reason
        yield f"    {number}. {call.method} {urlsplit(call.url).path}: {came}"
        for name, value in call.query.items():
            yield f"       {name} = {value}"
        # What is posted as a form holds the credential; what is posted as JSON is the definition's.
        if call.content is not None and call.headers.get("Content-Type") == "application/json":
            yield f"       {call.content.decode()}"


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


def _lag(observation: Observation) -> Iterator[str]:
    if observation.lag:
        yield f"  lag      the vendor may take {spelled(observation.lag)} to show a record; no sync is blamed for it"


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


def _examples(catalog: Catalog, probe: Probe, observation: Observation) -> Iterator[str]:
    for record in observation.records[:EXAMPLES]:
        whose = catalog.client_in(probe.system, record.client) or f"unknown client {record.client}"
        ways = f", {', '.join(record.kinds)} {record.code}".rstrip() if record.kinds else ""
        money = f", {record.money.amount} {record.money.currency}" if record.money else ""
        fields = "".join(f", {name} = {value}" for name, value in record.fields.items())
        yield f"    {record.id}: {whose}, created {record.created:%Y-%m-%d %H:%M:%S} UTC{money}{ways}{fields}"
    if len(observation.records) > EXAMPLES:
        yield f"    and {len(observation.records) - EXAMPLES} more"


def _promises(catalog: Catalog, probe: Probe, observation: Observation) -> Iterator[str]:
    """What the records fold to: on each flow that they travel, and for each client whose payments they are."""
    for flow in catalog.flows_of(probe.system):
        for end, word in ((flow.source, "source"), (flow.destination, "destination")):
            if (end.system, end.resource) == (probe.system, probe.resource):
                keys = sum(end.field in record.fields for record in observation.records)
                yield f"  folds to flow {flow.id}: {keys} records seen at its {word}, matched by {end.field}"
    settled: Counter[ClientId] = Counter()
    failed: Counter[ClientId] = Counter()
    for record in observation.records:
        client = catalog.client_in(probe.system, record.client)
        if client is not None and record.failed is not None:
            settled[client] += 1
            failed[client] += record.failed
    for client, count in sorted(settled.items()):
        promise = catalog.tier_of(client).objectives.failure_ratio
        against = f", promised is less than {promise.below:.3g}" if promise else ""
        yield f"  folds to {client}: failure ratio {failed[client]}/{count} = {failed[client] / count:.3g}{against}"
