"""Where a receiver keeps a thread of ours: what it called our first message, so that the next ones join or change it.

Slack names a message by its `ts`; others need no handle, for they know a thread by a key that we choose.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from probes.catalog import SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One thread on one channel. `place` and `handle` are the receiver's own names of where it is, and of its head.

    `latest` is when something was last said in it.
    """

    channel: SecretRef
    thread: str
    place: str
    handle: str
    latest: datetime

    @property
    def key(self) -> str:
        """By which it is kept."""
        return conversation_key(self.channel, self.thread)


def conversation_key(channel: SecretRef, thread: str) -> str:
    """Return the key of a channel's thread; neither can be read back from it."""
    return hashlib.sha256(f"{channel}\n{thread}".encode(errors="replace")).hexdigest()
