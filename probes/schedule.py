"""When a probe looks next: on a grid of its own, whose phase is spread by hash and whose instants jitter a little.

A grid does not drift with the length of the looks. Fixed phases keep a thousand probes from asking in the same second,
and the jitter keeps two of them from meeting for ever; +-10 % costs 0.3 % of the mean detection delay.
How long the interval is, is `plan`'s work.
"""

import hashlib
from datetime import UTC, datetime, timedelta

from probes.catalog import ProbeId

JITTER = 0.1
"""The part of the interval by which an instant may be early or late."""

APART = timedelta(seconds=1)
"""How far apart three confirming looks are at most; one that takes longer is followed by the next at once."""

BURST = 5
"""A first failure is confirmed within a fifth of the interval: who is looked at every second wants to know at once."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def next_due(probe: ProbeId, interval: timedelta, seed: int, after: datetime) -> datetime:
    """Return the probe's first instant later than `after`; the same arguments give the same instant.

    Instants are 0.8 to 1.2 intervals apart. A look that took longer than the interval skips instants, never piles up.
    """
    phase = interval * _fraction(f"phase {seed} {probe}")
    slot = (after - EPOCH - phase) // interval
    while (due := _slot(probe, interval, seed, slot) + phase) <= after:
        slot += 1
    return due


def _slot(probe: ProbeId, interval: timedelta, seed: int, slot: int) -> datetime:
    jitter = interval * JITTER * (2 * _fraction(f"jitter {seed} {probe} {slot}") - 1)
    return EPOCH + slot * interval + jitter


def _fraction(text: str) -> float:
    """A number from 0 up to 1 that depends on nothing but the text, in every process and version."""
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def confirmations(first_failure: datetime, interval: timedelta, row: int = 3) -> tuple[datetime, ...]:
    """Return the instants of the looks that confirm or refute a first failure, where it takes a row of such a length.

    As many looks as the row needs fit into the same time, two seconds or a fifth of the interval, and one more follows:
    what a large fleet pays for few false alarms is a look, not a delay.
    """
    apart = min(2 * APART, interval / BURST) / (row - 1)
    return tuple(first_failure + (n + 1) * apart for n in range(row))
