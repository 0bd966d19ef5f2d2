"""`tierwatch reconcile FLOW`: both ends of a flow compared by hand, between two instants, within so many requests.

It stores nothing and tells nobody; the running process is not touched, except that the vendors' quotas are.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from monitor.clock import Clock, SystemClock
from monitor.command import ConfigPath, configuration, explained, fail, settings
from monitor.comparing import REQUESTS, Budget, Found, Reader, Span, compare, reader_of
from monitor.explain import kept
from monitor.load import Config, ConfigError
from monitor.loops.quotas import Counted, Quotas
from monitor.secrets import Secrets
from monitor.situation import Situation
from probes.adapters.fast import FastTransport
from probes.adapters.http import HttpxTransport, Transport, shared_client
from probes.adapters.look import Instruments
from probes.adapters.oauth import Tokens
from probes.catalog import End, Flow, FlowId

commands = typer.Typer(no_args_is_help=True)

USUAL = timedelta(hours=1)
"""How long a record may be on its way where nobody says otherwise: younger ones are not compared."""

NAMED = 50
"""Differences that are shown by their keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be compared, and at what price."""

    flow: Flow
    start: datetime
    end: datetime
    usual: timedelta = USUAL
    requests: int = REQUESTS


def flow_named(config: Config, name: str) -> Flow:
    """Return a flow.

    Raises:
        ConfigError: there is none of this name; the text names those there are.
    """
    known = config.catalog.flows
    if FlowId(name) not in known:
        raise ConfigError(f"no flow {name}; there are {', '.join(known) or 'none'}")
    return known[FlowId(name)]


def instant(text: str) -> datetime:
    """Return an instant that is written in ISO 8601; one without a zone is in UTC. Raises ConfigError for others."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{text} is no instant; write it like 2026-11-20T08:00Z") from None
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


def comparable(wish: Wish, now: datetime) -> Wish:
    """Return the wish, some of whose time can be compared.

    Raises:
        ConfigError: it ends before it begins, or all of it is so young that its records may be on their way.
    """
    if wish.end <= wish.start:
        raise ConfigError("--to is not after --from; nothing lies between them")
    if wish.start >= now - wish.usual:
        minutes = wish.usual // timedelta(minutes=1)
        asked = "choose an earlier --from, or a smaller --in-flight"
        raise ConfigError(f"all records since --from may be on their way for {minutes} min (--in-flight); {asked}")
    return wish


async def reconciled(config: Config, wish: Wish, clock: Clock, database: Callable[[], str]) -> Found:
    """Compare the ends of a flow; return what they do not agree on.

    Raises:
        ConfigError: a credential is not to be had.
    """
    tls = ssl.create_default_context()
    async with shared_client(tls, FastTransport(tls)) as client:
        return await compared_over(HttpxTransport(client), config, wish, clock, database)


async def compared_over(
    transport: Transport, config: Config, wish: Wish, clock: Clock, database: Callable[[], str]
) -> Found:
    """Compare the ends of a flow by way of a transport.

    Quotas are taken from as if nobody else did: the command knows nothing of a process that runs.
    """
    catalog, budget = config.catalog, Budget(wish.requests)
    alone = Situation(config=config, started=clock.now())
    quotas = Quotas(lambda: alone, lambda *_: None)
    span = Span(start=wish.start, end=wish.end, young=clock.now() - wish.usual, usual=wish.usual)

    def reader(end: End, stack: ExitStack) -> Reader:
        system = catalog.systems[end.system]
        tokens = Tokens(transport, stack.enter_context(kept(system, database)), clock.now, clock.sleep_until)
        counted = Counted(transport, quotas, system.id)
        tools = Instruments(
            transport=counted,
            take=budget.taking(counted.take),
            heard=counted.heard,
            now=clock.now,
            sleep_until=clock.sleep_until,
            tokens=tokens,
        )
        return reader_of(catalog, end, Secrets().of(system), tools, budget)

    with ExitStack() as stack:
        readers = reader(wish.flow.source, stack), reader(wish.flow.destination, stack)
        return await compare(catalog, wish.flow, span, readers, budget)


def lines(wish: Wish, found: Found) -> Iterator[str]:
    """Yield what was found, line by line."""
    yield f"flow {wish.flow.id}, {wish.start:%Y-%m-%d %H:%M:%S %Z} to {wish.end:%Y-%m-%d %H:%M:%S %Z}"
    for one in found.differences[:NAMED]:
        client = found.clients.get(one.key)
        created = found.created.get(one.key)
        whose = f", of {client}" if client else ""
        yield f"  {one.ending}: {one.key}{whose}{f', created {created:%Y-%m-%d %H:%M:%S} UTC' if created else ''}"
    if len(found.differences) > NAMED:
        yield f"  and {len(found.differences) - NAMED} more"
    for window in found.unread[:1]:
        yield f"  not compared from {window.start:%Y-%m-%d %H:%M:%S %Z} on: {found.reason}"
    yield f"{found.sentence}; {found.compared} windows were compared"


@commands.command()
def reconcile(  # noqa: PLR0913, PLR0917 - the options of a command
    flow: Annotated[str, typer.Argument(help="The flow to compare.")],
    config: ConfigPath,
    since: Annotated[str, typer.Option("--from", help="The first instant, like 2026-11-20T08:00Z.")],
    until: Annotated[str, typer.Option("--to", help="The last instant.")],
    requests: Annotated[int, typer.Option("--requests", min=2, help="Requests that it may cost.")] = REQUESTS,
    in_flight: Annotated[
        int, typer.Option("--in-flight", min=0, help="Minutes that a record may be on its way.")
    ] = int(USUAL / timedelta(minutes=1)),
) -> None:
    """Compare both ends of a flow between two instants: what is missing, mismatched or orphaned."""
    watched = configuration(config)
    try:
        wish = Wish(
            flow=flow_named(watched, flow),
            start=instant(since),
            end=instant(until),
            usual=timedelta(minutes=in_flight),
            requests=requests,
        )
        clock = SystemClock()
        found = asyncio.run(reconciled(watched, comparable(wish, clock.now()), clock, lambda: settings().database))
    except ConfigError as error:
        fail(explained(error))
    for line in lines(wish, found):
        typer.echo(line)
    raise typer.Exit(1 if found.differences or found.unread else 0)
