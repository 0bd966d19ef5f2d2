"""What is to be told, to whom, and with which key: pages and client notices as values.

A message refers to its channels (`env:NAME`, `file:PATH`); addresses are secrets and never here. Sending is for
`channels/`, what an attempt makes of its message for `settlement`, who goes first for `delivery_order`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.alert import IncidentId
from alerts.reason import ReasonClass
from probes.catalog import ClientId, SecretRef


class Lane(StrEnum):
    """Messages of one lane never wait for those of another."""

    URGENT = "urgent"
    NORMAL = "normal"
    BULK = "bulk"


class MessageKind(StrEnum):
    """A page goes to a person of ours, a notice to a client; a note tells one of ours something that can wait.

    A webhook tells a machine of an event: its body is what is posted, signed.
    """

    PAGE = "page"
    NOTICE = "notice"
    NOTE = "note"
    WEBHOOK = "webhook"


class Stage(StrEnum):
    """What a message says of its incident, or of a maintenance. `update` says that nothing but details has changed."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    UPDATE = "update"
    RESOLVED = "resolved"
    RETRACTED = "retracted"
    SCHEDULED = "scheduled"
    REMINDER = "reminder"
    MOVED = "moved"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"

    @property
    def closes(self) -> bool:
        """Whether it is the last word: nothing more is owed to who hears it."""
        return self in (Stage.RESOLVED, Stage.RETRACTED, Stage.COMPLETED, Stage.CANCELLED)


class MessageState(StrEnum):
    """Where a message stands in the outbox.

    `unknown` is an end: perhaps it arrived, and the receiver could not tell a repetition. An attempt whose end nobody
    knows leaves a message queued wherever it may be repeated.
    """

    QUEUED = "queued"
    ACCEPTED = "accepted"
    FAILED = "failed"
    SUPPRESSED = "suppressed"
    UNKNOWN = "unknown"


class DeliveryState(StrEnum):
    """How one attempt to hand a message to a channel ended; `sending` is an attempt whose end is not recorded yet."""

    SENDING = "sending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"


class MessageSeverity(StrEnum):
    """The colour a channel may give a message."""

    WARNING = "warning"
    FAILURE = "failure"
    SUCCESS = "success"
    INFO = "info"


class ChannelKind(StrEnum):
    """What a channel is, as laws and contracts speak of it."""

    MAIL = "mail"
    CHAT = "chat"
    TEXT = "text"
    PUSH = "push"
    WEBHOOK = "webhook"
    PAGING = "paging"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the messages that a digest tells as one: what is on record as told once the digest is accepted."""

    key: str
    stage: Stage
    incident: IncidentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing to tell one recipient. `key` is the idempotency key: the same in every attempt and on every channel.

    `recipient` is a display name (a person's id, a contact's name), `channels` are tried in order. `weight` is the
    tier's: heavier messages of a lane go first. It is not sent before `held_until`. Messages of one `thread` belong
    together: a receiver that can shows them as one conversation. `acknowledged_by` is who took the incident, in the
    message that tells so to a receiver which pages by itself. `html` says what `body` says, for channels that show it.

    One that is `withheld` is on record and never sent; the text says why. Where `kinds` is not empty, it leaves over a
    channel of these kinds alone. One that is to be `gathered` at an instant is told then, with others to the same
    reader, in a digest whose `parts` they are; `held_until` is a while later, in case that no digest comes. A
    webhook is `signed_with` each of its secrets.
    `trial` only tries a channel out: a receiver that pages by itself is not made to.
    """

    key: str
    kind: MessageKind
    lane: Lane
    stage: Stage
    recipient: str
    channels: tuple[SecretRef, ...]
    subject: str
    body: str
    created: datetime
    severity: MessageSeverity = MessageSeverity.WARNING
    weight: int = 0
    incident: IncidentId | None = None
    client: ClientId | None = None
    step: int | None = None
    held_until: datetime | None = None
    thread: str = ""
    acknowledged_by: str = ""
    html: str = ""
    trial: bool = False
    withheld: str = ""
    kinds: tuple[ChannelKind, ...] = ()
    gathered: datetime | None = None
    parts: tuple[Part, ...] = ()
    signed_with: tuple[SecretRef, ...] = ()

    @property
    def due(self) -> datetime:
        """When it may first be sent."""
        return self.created if self.held_until is None else max(self.created, self.held_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A message taken out of the outbox for one attempt, on one of its channels. `attempt` counts from 1.

    `repeated` says that nobody knows how an earlier attempt ended: it may have arrived already.
    """

    message: Message
    attempt: int
    channel: SecretRef
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """What a receiver with a life of its own calls what it took: a place, and a name there; either may be empty."""

    place: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt and how it ended. `reason` tells `why` in words, never with an address or an answer's text.

    `permanent` says that the channel will never take this message, so that it is not worth repeating there;
    `retry_after` is for how long the receiver sent us away. A `handle` says that it keeps what it took, and can be told
    more of it. `endpoint` is the kind of place that it went to, a scheme.
    """

    key: str
    attempt: int
    channel: SecretRef
    state: DeliveryState
    reason: str
    started: datetime
    ended: datetime
    permanent: bool = False
    retry_after: timedelta | None = None
    handle: Handle | None = None
    why: ReasonClass = ReasonClass.UNRECORDED
    endpoint: str = ""
