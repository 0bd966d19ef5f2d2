"""What one request costs in CPU over our network and over httpx's own: one host, many hosts, and many over TLS.

The vendor is another process and does as good as nothing. Both networks lie under the client that Tierwatch uses, in
one process, in turns; only their ratio says something on another machine.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from time import process_time

import httpx

from probes.adapters.fast import FastTransport
from probes.adapters.http import Call, HttpxTransport, shared_client
from probes.answer import Answer
from tests.bench.elsewhere import Elsewhere
from tests.bench.origin import CLOSING, HOSTS, Origin, origin
from tests.bench.result import Result

AT_ONCE = 50
ROUNDS = 7
REQUESTS = 200
FEW_ROUNDS = 2
"""Of what takes seconds: httpx's own network over many hosts, and hand-shakes."""

KEPT = timedelta(minutes=1)
"""Longer than Tierwatch keeps an idle connection, so that both networks keep theirs for the next round."""

MANY = 200
FLEET = 500
PATIENCE = timedelta(minutes=1)
MICROSECONDS = 1e6
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A client over one of the two networks."""

    client: httpx.AsyncClient

    async def cost(self, urls: Sequence[str]) -> float:
        """Ask for all addresses, several at once; return the CPU of one request in microseconds."""
        left = iter(urls)
        begun = process_time()
        await asyncio.gather(*(self._ask(left) for _ in range(AT_ONCE)))
        return (process_time() - begun) / len(urls) * MICROSECONDS

    async def _ask(self, left: Iterator[str]) -> None:
        for url in left:
            answer = await HttpxTransport(self.client).send(Call(url=url, deadline=PATIENCE), lambda: NOW)
            assert isinstance(answer, Answer), answer


async def _in_turns(askers: Iterable[Asker], urls: Sequence[Sequence[str]], rounds: int) -> list[tuple[float, ...]]:
    """Return for each asker what its addresses cost in each round; the first, which makes connections, is left out."""
    turns = list(zip(askers, urls, strict=True))
    costs = [[await asker.cost(addresses) for asker, addresses in turns] for _ in range(rounds + 1)]
    return list(zip(*costs[1:], strict=True))


def _urls(scheme: str, port: int, hosts: int, requests: int, path: str = "/kept") -> Sequence[str]:
    return tuple(f"{scheme}://{host}:{port}{path}" for host in islice(cycle(HOSTS[:hosts]), requests))


def _beside(where: str, costs: Sequence[tuple[float, ...]], goals: tuple[float, float | None]) -> Iterator[Result]:
    """Yield the cost of ours and of httpx's own at the same addresses; goals are the ratio's and ours, in us."""
    ours, theirs = costs
    share = tuple(one / other for one, other in zip(ours, theirs, strict=True))
    yield Result(name=f"CPU of a request, {where}, of httpx's own network's", unit="x", values=share, goal=goals[0])
    yield Result(name="  CPU of a request over ours", unit="us", values=ours, goal=goals[1], digits=0)
    yield Result(name="  CPU of a request over httpx's own", unit="us", values=theirs, digits=0)


async def _measured(world: Origin) -> tuple[Result, ...]:
    trust = world.trust
    pool = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=KEPT.total_seconds())
    own = httpx.AsyncHTTPTransport(verify=trust, limits=pool)
    async with shared_client(trust, FastTransport(trust, KEPT)) as ours, shared_client(trust, own) as theirs:
        fast = Asker(client=ours)
        both = (fast, Asker(client=theirs))
        one = await _in_turns(both, 2 * [_urls("http", world.plain, 1, REQUESTS)], ROUNDS)
        many = await _in_turns(both, 2 * [_urls("http", world.plain, MANY, MANY)], FEW_ROUNDS)
        kept = await _in_turns((fast, fast), _fleet(world, "/kept"), ROUNDS)
        new = await _in_turns((fast, fast), _fleet(world, CLOSING), FEW_ROUNDS)
    return (
        *_beside("one host", one, (1 / 3, 1000.0)),
        *_beside(f"{MANY} hosts", many, (1 / 10, None)),
        *_dearer("connections kept", kept, 1.3),
        *_dearer("a new connection each", new, None),
    )


def _fleet(world: Origin, path: str) -> Sequence[Sequence[str]]:
    return [_urls(scheme, port, FLEET, FLEET, path) for scheme, port in (("http", world.plain), ("https", world.tls))]


def _dearer(how: str, costs: Sequence[tuple[float, ...]], goal: float | None) -> Iterator[Result]:
    """Yield what TLS costs at the same hosts."""
    plain, covered = costs
    ratios = tuple(tls / bare for tls, bare in zip(covered, plain, strict=True))
    yield Result(
        name=f"CPU of a request, {FLEET} hosts over TLS, {how}, of one without", unit="x", values=ratios, goal=goal
    )
    yield Result(name="  CPU of a request over TLS", unit="us", values=covered, digits=0)


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return what requests cost; the world outside is not asked."""
    del world
    with origin() as served:
        return asyncio.run(_measured(served))
