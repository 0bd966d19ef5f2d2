"""The tick that tries channels out: writes the test messages that are due, and word of channels that are broken.

It also forgets threads that receivers kept of incidents long over.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta

from alerts.canary import Canary, Round, Tried, channels_of, due
from alerts.preferences import tried_out
from monitor.changes import Changes
from monitor.desk import Desk
from monitor.load import Config
from monitor.situation import Situation
from probes.catalog import SecretRef


def tried(config: Config) -> Iterator[Tried]:
    """Yield the channels that are tried out: those of people, and of clients' contacts where that is configured."""
    people, every, clients = config.roster.people.values(), config.canaries.every, config.canaries.clients
    own = tuple(channels_of(people, every)) if every is not None else ()
    yield from own
    seen = {one.channel for one in own}
    for client in config.catalog.clients.values() if clients is not None else ():
        for contact in client.contacts:
            if clients is not None and contact.channel not in seen:
                seen.add(contact.channel)
                yield Tried(channel=contact.channel, recipient=contact.name, every=clients, client=client.id)


def spread(channel: SecretRef, every: timedelta, now: datetime) -> Canary:
    """Return a client's channel that is not known yet, first due at some instant of its interval that is its own."""
    drawn = int.from_bytes(hashlib.sha256(channel.encode(errors="replace")).digest()[:6], "big") / 2**48
    return Canary(channel=channel, queued=now - every * (1 - drawn))


class Canarying:
    """The tick of canaries."""

    def __init__(self, desk: Desk, situation: Situation) -> None:
        self._desk = desk
        self._situation = situation

    async def tick(self, now: datetime) -> datetime | None:
        """Write what is due, and return when more is."""
        known = self._situation
        if not known.canaries and not any(_settings(known.config)) and not any(_old(known, now)):
            return None
        return (await self._desk.decide(lambda known: _decided(known, now))).again


FORGOTTEN = timedelta(days=40)
"""After so long a receiver's thread is forgotten whose end it never took."""


def _old(situation: Situation, now: datetime) -> Iterator[str]:
    yield from (key for key, one in situation.conversations.items() if now - one.latest > FORGOTTEN)


def _settings(config: Config) -> tuple[timedelta | None, timedelta | None]:
    return config.canaries.every, config.canaries.clients


def _decided(situation: Situation, now: datetime) -> tuple[Round, Changes]:
    config, known = situation.config, situation.canaries
    watched = tuple(tried(config))
    fresh = {
        one.channel: spread(one.channel, one.every, now)
        for one in watched
        if one.client is not None and one.channel not in known
    }
    found = due(watched, {**known, **fresh}, config.canaries, config.roster.catch_all, now)
    forgotten = dict.fromkeys(_old(situation, now))
    messages = tuple(tried_out(one, situation.preferences, now) for one in found.messages)
    return found, Changes(messages=messages, canaries={**fresh, **found.canaries}, conversations=forgotten)
