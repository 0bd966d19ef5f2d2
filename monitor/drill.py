"""A drill or a test: a message that says it is one, over each channel of somebody, and how each took it.

It goes out from this command, by the same channels as pages and notices; no incident begins and nothing is recorded.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import aclosing
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from alerts import canary
from alerts.channels import Channel, verdict
from alerts.channels.dispatch import Channels
from alerts.message import Claim, Delivery, DeliveryState, Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.oncall import PersonId
from monitor.clock import SystemClock
from monitor.command import ConfigPath, configuration, fail
from monitor.load import Config, ConfigError
from monitor.secrets import Secrets
from monitor.web.measure import reference
from probes.catalog import ClientId, SecretRef

SUBJECT = "[DRILL] This is a drill"
BODY = "This is a drill: nothing is wrong and nothing is to be done. It shows that this channel reaches you."

commands = typer.Typer(no_args_is_help=True)


def messages(config: Config, target: str, now: datetime) -> Iterator[Message]:
    """Yield a message for each channel of a `person:ID` or of the contacts of a `client:ID`.

    Raises:
        ConfigError: the configuration has nobody of that name.
    """
    kind, _, name = target.partition(":")
    known = _person(config, name) if kind == "person" else _client(config, name) if kind == "client" else ()
    if not known:
        raise ConfigError(f"{target} is nobody in the configuration; write person:ID or client:ID")
    yield from (_message(f"drill/{target}", one, (SUBJECT, BODY), now) for one in known)


def trials(config: Config, target: str, now: datetime) -> Iterator[Message]:
    """Yield a test message for each channel of a person or of a client's contacts, or for one channel alone.

    A target is a `person:ID`, a `client:ID`, the reference of a channel, or a name that only one of them has.

    Raises:
        ConfigError: the configuration has nobody of that name, or both a person and a client.
    """
    reached = tuple(_named(config, target))
    if not reached:
        raise ConfigError(
            f"{target} is nobody in the configuration; write person:ID, client:ID, or a channel's env:NAME"
        )
    yield from (_message(f"test/{target}", one, (canary.SUBJECT, canary.BODY), now) for one in reached)


Reached = tuple[str, MessageKind, SecretRef]


def _named(config: Config, target: str) -> Iterator[Reached]:
    kind, _, name = target.partition(":")
    if kind in {"env", "file"}:
        yield from islice((one for one in _everybody(config) if one[2] == target), 1)
        return
    people = tuple(_person(config, name if kind == "person" else target)) if kind != "client" else ()
    clients = tuple(_client(config, name if kind == "client" else target)) if kind != "person" else ()
    if people and clients:
        raise ConfigError(f"{target} is a person and a client; write person:{target} or client:{target}")
    yield from people or clients


def _everybody(config: Config) -> Iterator[Reached]:
    yield from (one for person in config.roster.people for one in _person(config, person))
    yield from (one for client in config.catalog.clients for one in _client(config, client))


def _person(config: Config, name: str) -> tuple[Reached, ...]:
    person = config.roster.people.get(PersonId(name))
    return tuple((person.id, MessageKind.PAGE, channel) for channel in person.channels) if person is not None else ()


def _client(config: Config, name: str) -> tuple[Reached, ...]:
    client = config.catalog.clients.get(ClientId(name))
    contacts = client.contacts if client is not None else ()
    return tuple((contact.name, MessageKind.NOTICE, contact.channel) for contact in contacts)


def _message(key: str, reached: Reached, words: tuple[str, str], now: datetime) -> Message:
    recipient, kind, channel = reached
    subject, body = words
    return Message(
        key=f"{key}/{channel}/{now.isoformat()}",
        kind=kind,
        lane=Lane.URGENT,
        stage=Stage.UPDATE,
        recipient=recipient,
        channels=(channel,),
        subject=subject,
        body=body,
        created=now,
        severity=MessageSeverity.INFO,
    )


async def drilled(message: Message, channel: Channel, secrets: Secrets, now: datetime) -> Delivery:
    """Return how the one channel of a message took it."""
    claim = Claim(message=message, attempt=1, channel=message.channels[0])
    try:
        address = secrets.resolve(claim.channel)
    except ConfigError:
        return verdict.SECRET_NOT_FOUND.delivery(claim, now, now)
    return await channel.send(claim, address, now)


@commands.command()
def drill(
    target: Annotated[str, typer.Argument(help="person:ID, or client:ID for its contacts.")], config: ConfigPath
) -> None:
    """Send a message that says it is a drill over each channel of somebody; status 1 where one did not take it."""
    _carry_out(config, target, messages)


notify = typer.Typer(no_args_is_help=True, help="Try out how people and clients are told.")
commands.add_typer(notify, name="notify")


@notify.command("test")
def try_out(
    target: Annotated[str, typer.Argument(help="A person, a client, or the reference of a channel (env:NAME).")],
    config: ConfigPath,
) -> None:
    """Send a test message over each channel of somebody, or over one; status 1 where one did not take it."""
    _carry_out(config, target, trials)


Worded = Callable[[Config, str, datetime], Iterator[Message]]


def _carry_out(path: Path, target: str, worded: Worded) -> None:
    watched, clock = configuration(path), SystemClock()
    try:
        sent = asyncio.run(_sent(watched, list(worded(watched, target, clock.now())), clock))
    except ConfigError as error:
        fail(str(error))
    for delivery in sent:
        typer.echo(f"{reference(delivery.channel)}: {delivery.state}, {delivery.reason}".rstrip(", "))
    if not sent or any(one.state is not DeliveryState.ACCEPTED for one in sent):
        fail(f"{target} was not reached over every channel.", 1)


async def _sent(config: Config, told: list[Message], clock: SystemClock) -> list[Delivery]:
    channel = Channels(now=clock.now, allow_private=config.allow_private_destinations)
    await asyncio.to_thread(channel.warm_up)
    async with aclosing(channel):
        return [await drilled(message, channel, Secrets(), clock.now()) for message in told]
