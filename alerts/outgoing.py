"""The heartbeat that we send out, so that somebody else pages when it stops: how it was of late."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """Whether a heartbeat is sent at all, when it was last taken, since when it is not, and why."""

    configured: bool = False
    succeeded: datetime | None = None
    failing_since: datetime | None = None
    reason: str = ""


def answered(known: Outgoing, reason: str, now: datetime) -> Outgoing:
    """Return what is known once a beat was taken, or once it was not, for a reason."""
    if not reason:
        return replace(known, succeeded=now, failing_since=None, reason="")
    return replace(known, failing_since=known.failing_since or now, reason=reason)
