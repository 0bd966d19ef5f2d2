"""Canaries: a test message over each channel at its interval, so that a broken channel is known before it is needed.

What counts is a channel's last success, be it a canary's or a real message's. When one is due, when a channel counts as
broken and what is said of it is decided here; sending is for the outbox.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from probes.catalog import SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """What is known of one channel: when it was last tried, when it last took something, and how it fails since when.

    `told` is since when somebody knows that it is broken. Instants are when an attempt ended.
    """

    channel: SecretRef
    queued: datetime | None = None
    tried: datetime | None = None
    succeeded: datetime | None = None
    failing_since: datetime | None = None
    reason: str = ""
    told: datetime | None = None


def heard(known: Canary, *, accepted: bool, reason: str, now: datetime) -> Canary:
    """Return what is known of a channel once an attempt over it has ended."""
    if accepted:
        return replace(known, tried=now, succeeded=now, failing_since=None, reason="", told=None)
    return replace(known, tried=now, failing_since=known.failing_since or now, reason=reason)
