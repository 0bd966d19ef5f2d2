"""Canaries: a test message over each channel at its interval, so that a broken channel is known before it is needed.

What counts is a channel's last success, be it a canary's or a real message's. When one is due, when a channel counts as
broken and what is said of it is decided here; sending is for the outbox.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.oncall import Person
from probes.catalog import ClientId, SecretRef

SUBJECT = "[TEST] This channel is being tried out"
BODY = "This is a test: nothing is wrong and nothing is to be done. It shows that this channel reaches you."

DAY = timedelta(days=1)
BROKEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """How often channels are tried out, those of people and perhaps those of clients; None: never.

    A channel that has failed for `broken_after` is told of.
    """

    every: timedelta | None = None
    clients: timedelta | None = None
    broken_after: timedelta = BROKEN_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A channel that is tried out at an interval, and whose it is: a person's, or a contact's of a client."""

    channel: SecretRef
    recipient: str
    every: timedelta
    client: ClientId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What is known of one channel: when it was last tried, when it last took something, and how it fails since when.

    `queued` is when a test message was last written for it. `told` is since when somebody knows that it is broken.
    Instants are when an attempt ended.
    """

    channel: SecretRef
    queued: datetime | None = None
    tried: datetime | None = None
    succeeded: datetime | None = None
    failing_since: datetime | None = None
    reason: str = ""
    told: datetime | None = None

    def broken(self, broken_after: timedelta, now: datetime) -> bool:
        """Return whether it has failed for longer than it may."""
        return self.failing_since is not None and now - self.failing_since >= broken_after


def heard(known: Canary, *, accepted: bool, reason: str, now: datetime) -> Canary:
    """Return what is known of a channel once an attempt over it has ended."""
    if accepted:
        return replace(known, tried=now, succeeded=now, failing_since=None, reason="", told=None)
    return replace(known, tried=now, failing_since=known.failing_since or now, reason=reason)


NEWS = timedelta(minutes=1)
"""A success so shortly after another is no news."""


def is_news(known: Canary, *, accepted: bool, now: datetime) -> bool:
    """Return whether an attempt says something that is worth keeping: thousands of successes in a row do not."""
    return not accepted or known.failing_since is not None or known.succeeded is None or now - known.succeeded >= NEWS


@dataclass(slots=True, kw_only=True)
class Round:
    """What comes of looking at all canaries once: messages, what is known after it, and when to look again."""

    messages: list[Message] = field(default_factory=list)
    canaries: dict[SecretRef, Canary | None] = field(default_factory=dict)
    again: datetime | None = None

    def by(self, at: datetime) -> None:
        """Look again at an instant at the latest."""
        self.again = at if self.again is None else min(self.again, at)


def due(
    tried: Iterable[Tried], known: Mapping[SecretRef, Canary], settings: Canaries, catch_all: Person, now: datetime
) -> Round:
    """Return the test messages that are due, word of channels that are broken, and what is no longer tried out."""
    found, channels = Round(), {one.channel: one for one in tried}
    found.canaries |= {channel: None for channel in known if channel not in channels}
    for channel, one in channels.items():
        canary = known.get(channel) or Canary(channel=channel)
        canary = _told(found, one, canary, settings, catch_all, now)
        last = max((at for at in (canary.queued, canary.tried) if at is not None), default=None)
        if last is None or last + one.every <= now:
            found.messages.append(message(one, now))
            canary, last = replace(canary, queued=now), now
        found.by(last + one.every)
        if canary != known.get(channel):
            found.canaries[channel] = canary
    return found


def _told(  # noqa: PLR0913, PLR0917 - what is looked at, and what is known of it
    found: Round, one: Tried, canary: Canary, settings: Canaries, catch_all: Person, now: datetime
) -> Canary:
    since = canary.failing_since
    if since is None or canary.told is not None:
        return canary
    if not canary.broken(settings.broken_after, now):
        found.by(since + settings.broken_after)
        return canary
    found.messages.append(alarm(one, canary, since, catch_all, now))
    return replace(canary, told=now)


def message(one: Tried, now: datetime) -> Message:
    """Return the message that tries a channel out."""
    return Message(
        key=f"canary/{short(one.channel)}/{now:%Y%m%dT%H%M%S}",
        kind=MessageKind.NOTE,
        lane=Lane.BULK,
        stage=Stage.UPDATE,
        recipient=one.recipient,
        channels=(one.channel,),
        subject=SUBJECT,
        body=BODY,
        created=now,
        severity=MessageSeverity.INFO,
        client=one.client,
        trial=True,
    )


def alarm(one: Tried, canary: Canary, since: datetime, catch_all: Person, now: datetime) -> Message:
    """Return the note that a channel is broken, to whoever is told when nobody else is left."""
    whose = f"{one.recipient} of {one.client}" if one.client is not None else one.recipient
    last = f"{canary.succeeded:%Y-%m-%d %H:%M} UTC" if canary.succeeded is not None else "never"
    return Message(
        key=f"canary/broken/{short(one.channel)}/{since:%Y%m%dT%H%M%S}",
        kind=MessageKind.NOTE,
        lane=Lane.NORMAL,
        stage=Stage.UPDATE,
        recipient=catch_all.id,
        channels=catch_all.channels,
        subject=f"A channel of {whose} is broken",
        body=(
            f"A channel of {whose} has taken nothing since {since:%Y-%m-%d %H:%M} UTC ({canary.reason}).\n"
            f"It last took something: {last}. Whoever is told by it is not told until it is mended.\n"
            "`tierwatch notify test` tries it out at once."
        ),
        created=now,
        severity=MessageSeverity.FAILURE,
    )


def short(channel: SecretRef) -> str:
    """Return a name of a channel for keys, from which it cannot be read."""
    return hashlib.sha256(channel.encode(errors="replace")).hexdigest()[:16]


def channels_of(people: Iterable[Person], every: timedelta) -> Iterator[Tried]:
    """Yield every channel of people, each once: the first who has it counts."""
    seen = set[SecretRef]()
    for person in people:
        for channel in person.channels:
            if channel not in seen:
                seen.add(channel)
                yield Tried(channel=channel, recipient=person.id, every=every)
