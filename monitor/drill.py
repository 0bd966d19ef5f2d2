"""A drill: a message that says it is one, over each channel of a person or of a client, and how each took it.

It goes out from this command, by the same channels as pages and notices; no incident begins and nothing is recorded.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Annotated

import typer

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
    for recipient, kind, channels in _reached(config, target):
        for channel in channels:
            yield Message(
                key=f"drill/{target}/{channel}/{now.isoformat()}",
                kind=kind,
                lane=Lane.URGENT,
                stage=Stage.UPDATE,
                recipient=recipient,
                channels=(channel,),
                subject=SUBJECT,
                body=BODY,
                created=now,
                severity=MessageSeverity.INFO,
            )


def _reached(config: Config, target: str) -> Iterator[tuple[str, MessageKind, tuple[SecretRef, ...]]]:
    what, _, name = target.partition(":")
    people: Mapping[PersonId, object] = config.roster.people
    if what == "person" and name in people:
        yield name, MessageKind.PAGE, config.roster.people[PersonId(name)].channels
    elif what == "client" and name in config.catalog.clients:
        contacts = config.catalog.clients[ClientId(name)].contacts
        yield from ((contact.name, MessageKind.NOTICE, (contact.channel,)) for contact in contacts)
    else:
        raise ConfigError(f"{target} is nobody in the configuration; write person:ID or client:ID")


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
    watched, clock = configuration(config), SystemClock()
    try:
        sent = asyncio.run(_sent(watched, list(messages(watched, target, clock.now())), clock))
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
