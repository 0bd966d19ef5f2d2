"""When and by which channels a client's contacts are told, and what not: their hours, digests, laws and wishes.

Notices are written by others and pass through `addressed` before they are kept. It never leaves a message out: one that
is not to be sent is returned with the reason, so that it is on record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from alerts.contact_mark import ContactMark, mark_key, mark_of
from alerts.message import ChannelKind, Lane, Message, MessageKind, Stage
from alerts.recurrence import Recurrence, next_span, span_at
from probes.catalog import Catalog, Client, ClientId, Contact, SecretRef
from probes.manners import Digest, QuietHours

LATE = timedelta(minutes=10)
"""A message that was to be gathered and is in no digest so long after goes out by itself."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NoticeClass(StrEnum):
    """Notices of one class, as contacts choose among them and tiers exempt them: several stages in one word."""

    BEGINNING = "beginning"
    NEWS = "news"
    END = "end"
    MAINTENANCE = "maintenance"


CLASSES: Mapping[NoticeClass, tuple[Stage, ...]] = {
    NoticeClass.BEGINNING: (Stage.INVESTIGATING,),
    NoticeClass.NEWS: (Stage.IDENTIFIED, Stage.MONITORING, Stage.UPDATE),
    NoticeClass.END: (Stage.RESOLVED, Stage.RETRACTED),
    NoticeClass.MAINTENANCE: (
        Stage.SCHEDULED,
        Stage.REMINDER,
        Stage.MOVED,
        Stage.IN_PROGRESS,
        Stage.COMPLETED,
        Stage.CANCELLED,
    ),
}


BEGINNINGS: Mapping[Stage, Stage] = {
    Stage.IDENTIFIED: Stage.INVESTIGATING,
    Stage.MONITORING: Stage.INVESTIGATING,
    Stage.IN_PROGRESS: Stage.SCHEDULED,
}
"""As what a stage counts for who hears of a thing for the first time by it: that there is one is owed to them."""


class Unsent(StrEnum):
    """Why a message is not sent to a contact, beside what its mark says."""

    NOT_WANTED = "its contact is sent other notices"
    NOT_ALLOWED = "no channel of its contact may be used where it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """Where a contact is: the kinds of `channels` over which it may be told."""

    name: str
    channels: frozenset[ChannelKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What decides how contacts are told. `kinds` are those of the channels whose addresses could be looked up."""

    catalog: Catalog = field(default_factory=lambda: Catalog(tiers={}, clients={}, systems={}, flows={}))
    jurisdictions: Mapping[str, Jurisdiction] = field(default_factory=dict)
    marks: Mapping[str, ContactMark] = field(default_factory=dict)
    kinds: Mapping[SecretRef, ChannelKind] = field(default_factory=dict)


NO_PREFERENCES = Preferences()
"""Everybody is told everything at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """For whom a message was written: a contact, its client's zone, and whether it is the first that they hear."""

    contact: Contact | None = None
    timezone: str = "UTC"
    first: bool = False


UNKNOWN = Reader()
NO_READERS: Mapping[str, Reader] = {}


def addressed(
    messages: Iterable[Message], preferences: Preferences, now: datetime, readers: Mapping[str, Reader] = NO_READERS
) -> tuple[Message, ...]:
    """Return messages as their contacts want and may be told them; what is not a notice to a known contact as it is.

    `readers` are for whom they were written, by their keys: whose client has left is still told as they may be.
    """
    return tuple(_addressed(one, preferences, readers.get(one.key, UNKNOWN), now) for one in messages)


def tried_out(message: Message, preferences: Preferences, now: datetime) -> Message:
    """Return a test message as its reader may be sent it: over kinds of channel that are allowed, and in no quiet hour.

    One to somebody of ours is returned as it is.
    """
    client = preferences.catalog.clients.get(message.client) if message.client is not None else None
    contacts = client.contacts if client is not None else ()
    contact = next((one for one in contacts if one.name == message.recipient), None)
    if client is None or contact is None:
        return message
    kinds = allowed(contact, preferences)
    at = told_at(replace(contact, digest=None), contact.timezone or client.timezone, now)
    restricted = () if kinds == frozenset(ChannelKind) else tuple(sorted(kinds))
    return replace(message, kinds=restricted, held_until=at)


def wanted(contact: Contact) -> frozenset[Stage]:
    """Return the stages that a contact is sent: what becomes of a thing is told to whoever is told of the thing."""
    if not contact.wants:
        return frozenset(Stage)
    chosen = frozenset(Stage(one) for one in contact.wants if one in set(Stage))
    planned = frozenset(CLASSES[NoticeClass.MAINTENANCE])
    fates = _FATES if chosen & planned else frozenset[Stage]()
    ends = _ENDS if chosen - planned else frozenset[Stage]()
    return chosen | fates | ends


_ENDS = frozenset(CLASSES[NoticeClass.END])
_FATES = frozenset({Stage.MOVED, Stage.COMPLETED, Stage.CANCELLED})


def allowed(contact: Contact, preferences: Preferences) -> frozenset[ChannelKind]:
    """Return the kinds of channel over which a contact may be told, all where nothing restricts it."""
    place = preferences.jurisdictions.get(contact.jurisdiction)
    return frozenset(ChannelKind) if place is None else place.channels


def told_at(contact: Contact, zone: str, now: datetime) -> datetime | None:
    """Return when what is to be told now is told at the earliest by the reader's hours, None where that is at once."""
    at = now if contact.digest is None else _next_digest(contact.digest, zone, now)
    if contact.quiet is not None:
        quiet = span_at(_hours(contact.quiet, zone), at)
        at = quiet.ends if quiet is not None else at
    return at if at > now else None


def _addressed(message: Message, preferences: Preferences, reader: Reader, now: datetime) -> Message:
    if message.kind is not MessageKind.NOTICE or message.client is None or message.withheld:
        return message
    client = preferences.catalog.clients.get(message.client)
    contact = _contact(message, client) or reader.contact
    if contact is None:
        return message
    stage = BEGINNINGS.get(message.stage, message.stage) if reader.first else message.stage
    why = _unsent(message.client, stage, contact, preferences)
    if why is not None:
        return replace(message, withheld=str(why))
    message = _restricted(message, allowed(contact, preferences), preferences)
    at_any_hour = preferences.catalog.tier_of(client.id).at_any_hour if client is not None else ()
    if message.withheld or stage in at_any_hour:
        return message
    at = told_at(contact, contact.timezone or (client.timezone if client is not None else reader.timezone), now)
    return message if at is None else replace(message, lane=Lane.BULK, gathered=at, held_until=at + LATE)


def _restricted(message: Message, kinds: frozenset[ChannelKind], preferences: Preferences) -> Message:
    """Return a message that leaves over some kinds of channel alone; one that is not looked up yet may be of these."""
    if kinds == frozenset(ChannelKind):
        return message
    known = preferences.kinds
    channels = tuple(one for one in message.channels if one not in known or known[one] in kinds)
    if message.channels and not channels:
        return replace(message, withheld=str(Unsent.NOT_ALLOWED))
    return replace(message, channels=channels, kinds=tuple(sorted(kinds)))


def _contact(message: Message, client: Client | None) -> Contact | None:
    """The contact that a message goes to: of several of one name, the one whose channel it leaves over."""
    named = [one for one in client.contacts if one.name == message.recipient] if client is not None else []
    return next((one for one in named if one.channel in message.channels), named[0] if named else None)


def _unsent(client: ClientId, stage: Stage, contact: Contact, preferences: Preferences) -> str | None:
    if stage not in wanted(contact):
        return Unsent.NOT_WANTED
    if not preferences.marks:
        return None
    known = preferences.marks.get(mark_key(client, contact.name))
    return mark_of(known, client, contact).withholds(stage)


def _hours(quiet: QuietHours, zone: str) -> Recurrence:
    return Recurrence(zone=zone, begins=quiet.begins, ends=quiet.ends)


def _next_digest(digest: Digest, zone: str, now: datetime) -> datetime:
    """Return when the next digest is due: daily on the reader's clock, or at whole multiples of its interval in UTC."""
    if digest.at is not None:
        coming = next_span(Recurrence(zone=zone, begins=digest.at, ends=digest.at), now)
        return coming.begins if coming is not None else now
    if not digest.every:
        return now
    return EPOCH + ((now - EPOCH) // digest.every + 1) * digest.every
