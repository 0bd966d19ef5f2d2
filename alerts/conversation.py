"""Where a receiver keeps a thread of ours: what it called our messages, so that the next ones join or change them.

PagerDuty and Opsgenie know an alert by a key that we choose, Slack names a message by its `ts`. What belongs to one
thread is decided here; speaking to receivers is for `channels/`.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.alert import IncidentId
from alerts.message import Handle, Message
from probes.catalog import ClientId, SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One thread on one channel, with what the receiver calls it: a place, and a name there.

    `latest` is when something was last said in it, `recipient` whose channel it is, of a client where
    there is one, `incident` what it is about.
    `acknowledged` says that the receiver was told that somebody has it: what is new must ring again. `earlier` are the
    names that it had before.
    """

    channel: SecretRef
    thread: str
    place: str
    handle: str
    latest: datetime
    recipient: str = ""
    incident: IncidentId | None = None
    client: ClientId | None = None
    acknowledged: bool = False
    earlier: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """By which it is kept."""
        return conversation_key(self.channel, self.thread)


def conversation_key(channel: SecretRef, thread: str) -> str:
    """Return the key of a channel's thread; neither can be read back from it."""
    return hashlib.sha256(f"{channel}\n{thread}".encode(errors="replace")).hexdigest()


def thread_of(message: Message) -> str:
    """Return the thread that a message belongs to, empty where it stands alone. Two clients never share one."""
    about = message.thread or message.incident or ""
    whose = f"{message.client}/" if message.client else ""
    return about if about.startswith(whose) else f"{whose}{about}"


def went_on(
    known: Conversation | None, message: Message, channel: SecretRef, handle: Handle, now: datetime
) -> Conversation | None:
    """Return a thread once a receiver has taken a message of it; None where that was its last word, or there is none.

    A receiver that was told of the acknowledgement is told of the end under every name that the thread had.
    """
    thread = thread_of(message)
    if not thread or message.stage.closes:
        return None
    fresh = Conversation(
        channel=channel,
        thread=thread,
        place=handle.place,
        handle=handle.name,
        latest=now,
        recipient=message.recipient,
        incident=message.incident,
        client=message.client,
        acknowledged=bool(message.acknowledged_by),
    )
    if known is None:
        return fresh
    renamed = (known.handle,) if known.handle not in ("", handle.name) else ()
    return replace(fresh, earlier=(*known.earlier, *renamed))
