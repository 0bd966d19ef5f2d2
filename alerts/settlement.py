"""What an attempt makes of its message: done, another attempt and when, or given up.

Waits are doubled from round to round and jittered, so that what failed together does not come back together; the jitter
is made of the message's key and the attempt, so that it is the same whoever asks. What a receiver says of when to come
back is honoured. How an endpoint as a whole is spared is for `breaker` and `endpoint`.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.message import Delivery, DeliveryState, Message, MessageKind, MessageState
from probes.catalog import SecretRef

MAX_ATTEMPTS = 40
FIRST_BACKOFF = timedelta(seconds=2)
LONGEST_BACKOFF = timedelta(minutes=5)
JITTER = 0.25
"""A wait is longer than its round's by less than this share of it."""

LONGEST_HEED = timedelta(hours=1)
"""How long a receiver may send us away at most."""

LONGEST_HEED_OF_PAGES = timedelta(minutes=1)

RECOGNISING = frozenset({"json", "jsons", "mailto", "mailtos", "pagerduty", "opsgenie"})
"""Kinds of endpoint that can tell a repetition by its key: a header, a Message-ID, a deduplication key or an alias."""

REPEATED = "Possibly repeated"
REPEATED_BODY = "This may be the second time that this message reaches you: nobody knows what became of the first."


def channel_for(channels: tuple[SecretRef, ...], attempt: int) -> SecretRef:
    """Return the channel of an attempt: each in its order, then round again."""
    return channels[(attempt - 1) % len(channels)]


def chance(key: str, attempt: int) -> float:
    """Return a number from 0 up to 1 that looks like chance, and is the same for the same attempt at a message."""
    drawn = hashlib.blake2b(f"{key}\n{attempt}".encode(errors="replace"), digest_size=6).digest()
    return int.from_bytes(drawn, "big") / 2**48


def backoff(message: Message, attempt: int) -> timedelta | None:
    """Return how long to wait after a failed attempt, None when it was the last.

    The recipient's next channel is tried at once; once all have failed, rounds are doubled apart from 2 s up to 5 min,
    each longer by less than a quarter.
    """
    if attempt >= MAX_ATTEMPTS:
        return None
    if attempt % len(message.channels):
        return timedelta()
    rounds = attempt // len(message.channels)
    wait = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** (rounds - 1))
    return wait * (1 + JITTER * chance(message.key, attempt))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What an attempt makes of its message: the message's state, and when the next attempt is due (None: never).

    `message` is whose attempt it was, where that is at hand.
    """

    delivery: Delivery
    state: MessageState
    next_at: datetime | None
    message: Message | None = None


def settlement(message: Message, delivery: Delivery) -> Settlement:
    """Return what follows from an attempt.

    An unknown outcome is sent again with the same key where the receiver can recognise that, or where never is worse
    than twice: a page. A channel that refuses for good is not worth repeating when it is the only one.
    """
    state, again = _following(message, delivery)
    return Settlement(delivery=delivery, state=state, next_at=again, message=message)


def _following(message: Message, delivery: Delivery) -> tuple[MessageState, datetime | None]:
    if delivery.state is DeliveryState.ACCEPTED:
        return MessageState.ACCEPTED, None
    if delivery.state is DeliveryState.UNKNOWN and not may_repeat(message, delivery.endpoint):
        return MessageState.UNKNOWN, None
    wait = backoff(message, delivery.attempt)
    hopeless = delivery.permanent and len(message.channels) == 1
    if wait is None or hopeless:
        return MessageState.FAILED, None
    return MessageState.QUEUED, delivery.ended + max(wait, heeded(message, delivery))


def may_repeat(message: Message, endpoint: str) -> bool:
    """Return whether a message may go again to where it perhaps arrived. Before any endpoint was named, it may."""
    sure = message.kind in (MessageKind.PAGE, MessageKind.WEBHOOK)
    return sure or not endpoint or endpoint in RECOGNISING


def heeded(message: Message, delivery: Delivery) -> timedelta:
    """Return how long a receiver sent us away for; not at all where the recipient has another channel to go by."""
    if delivery.retry_after is None or len(message.channels) > 1:
        return timedelta()
    longest = LONGEST_HEED_OF_PAGES if message.kind is MessageKind.PAGE else LONGEST_HEED
    return max(timedelta(), min(longest, delivery.retry_after))


def as_repeated(message: Message) -> Message:
    """Return a message as it goes out where it may have arrived already: it says so, and has the same key.

    What a machine reads says so by its key alone.
    """
    if message.kind is MessageKind.WEBHOOK:
        return message
    subject = f"{REPEATED}: {message.subject}"
    html = f"{message.html}<p>{REPEATED_BODY}</p>" if message.html else ""
    return replace(message, subject=subject, body=f"{message.body}\n\n{REPEATED_BODY}", html=html)
