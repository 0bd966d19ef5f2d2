"""The channels that are tried out, and the heartbeat that we send, as the page of who is on call shows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.loops.canarying import tried
from monitor.situation import Situation
from monitor.web.view.health import Health
from probes.catalog import ClientId, SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """One channel: whose it is, how it is, when it last took something and since when it does not; `why` it failed."""

    channel: SecretRef
    recipient: str
    client: ClientId | None
    every: timedelta
    health: Health
    succeeded: datetime | None
    failing_since: datetime | None
    why: str


MOST_OF_CLIENTS = 50
"""So many channels of clients are shown at most, those that fail first."""


def channels(situation: Situation, now: datetime) -> tuple[ChannelView, ...]:
    """Return the channels that are tried out: those of people, then those of clients that are worst."""
    views = tuple(_views(situation, now))
    clients = sorted((one for one in views if one.client is not None), key=lambda one: one.failing_since is None)
    return (*(one for one in views if one.client is None), *clients[:MOST_OF_CLIENTS])


def _views(situation: Situation, now: datetime) -> Iterator[ChannelView]:
    longest = situation.config.canaries.broken_after
    for one in tried(situation.config):
        known = situation.canaries.get(one.channel)
        health = Health.UNSEEN
        if known is not None and known.failing_since is not None:
            health = Health.FAILING if known.broken(longest, now) else Health.SUSPECT
        elif known is not None and known.succeeded is not None:
            health = Health.OK
        yield ChannelView(
            channel=one.channel,
            recipient=one.recipient,
            client=one.client,
            every=one.every,
            health=health,
            succeeded=known.succeeded if known is not None else None,
            failing_since=known.failing_since if known is not None else None,
            why=known.reason if known is not None else "",
        )
