"""A storm of messages to one reader: past the first ten within ten minutes, further ones are told as one digest.

A digest has counts and what weighs most; each message in it is on record as part of it. Word of an end, and what weighs
more than everything before it, always goes by itself. Messages to different clients never come together.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.delivery_order import Waiting
from alerts.message import Lane, Message, MessageKind, Part, Stage
from probes.catalog import ClientId, SecretRef

MOST = 10
WINDOW = timedelta(minutes=10)
EVERY: Mapping[Lane, timedelta] = {
    Lane.URGENT: timedelta(minutes=1),
    Lane.NORMAL: timedelta(minutes=5),
    Lane.BULK: timedelta(minutes=5),
}
"""How far digests to one reader are apart."""

FEWEST = 2
NAMED = 20
"""So many messages of a digest are named, the heaviest first; the rest are counted."""

PREFIX = "digest/"
ONE_BY_ONE = frozenset({"pagerduty", "opsgenie"})
"""Kinds of endpoint that keep an alert of each incident, and gather by themselves: a digest would never end there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whose messages may come together: one recipient, by one channel, as one client's."""

    lane: Lane
    client: ClientId | None
    recipient: str
    channel: SecretRef


def reader_of(one: Waiting) -> Reader:
    """Return whose message it is."""
    return Reader(lane=one.lane, client=one.client, recipient=one.recipient, channel=one.channel)


def past_the_first(waiting: Iterable[Waiting], begun: int) -> list[Waiting]:
    """Return those of one reader's messages that are too many, where so many have begun within the window."""
    new = sorted(
        (one for one in waiting if not one.retry and not one.key.startswith(PREFIX)), key=lambda one: one.order
    )
    return new[max(0, MOST - begun) :]


def foldable(messages: Iterable[Message], heaviest: int | None) -> list[Message]:
    """Return those that may be part of a digest, where the heaviest of those before had this weight.

    Word to a receiver that somebody has an incident stands alone: within a digest it would stop no paging there.
    """
    known = -1 if heaviest is None else heaviest
    those = (
        one for one in messages if one.kind is not MessageKind.WEBHOOK and not one.parts and not one.acknowledged_by
    )
    return [one for one in those if not one.stage.closes and one.weight <= known]


def digest(messages: Sequence[Message], now: datetime) -> Message:
    """Return one message that stands for several to the same reader: how many, and the heaviest in full."""
    told = sorted(messages, key=lambda one: (-one.weight, one.created, one.key))
    first = told[0]
    named = hashlib.blake2b("\n".join(sorted(one.key for one in told)).encode(errors="replace"), digest_size=8)
    return Message(
        key=f"{PREFIX}{named.hexdigest()}",
        kind=first.kind,
        lane=first.lane,
        stage=Stage.UPDATE,
        recipient=first.recipient,
        channels=first.channels,
        subject=f"{first.subject} (+{len(told) - 1})",
        body=_body(told),
        created=now,
        severity=first.severity,
        weight=first.weight,
        client=first.client,
        kinds=first.kinds,
        parts=tuple(Part(key=one.key, stage=one.stage, incident=one.incident) for one in told),
    )


def _body(told: Sequence[Message]) -> str:
    """The heaviest in full, the others by their subjects; a page also says what this is."""
    others = [f"- {one.subject}" for one in told[1:NAMED]]
    rest = len(told) - NAMED
    more = (f"- (+{rest})",) if rest > 0 else ()
    head: tuple[str, ...] = ()
    if told[0].kind is MessageKind.PAGE:
        incidents = len({one.incident for one in told})
        head = (f"{len(told)} pages about {incidents} incidents in one, for too many came one by one.", "")
    return "\n".join((*head, told[0].body, "", *others, *more))
