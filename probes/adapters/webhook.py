"""Opens a webhook: whether it is the vendor's, which events are in it, and which records they announce.

Records are read as those of a list are, so they can be folded like them. What was posted comes from outside: whatever
is in it, the result is what was read of it or why it was refused, never an exception.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from probes.authentic import refusal
from probes.catalog import System
from probes.observation import Record
from probes.path import at, text
from probes.record import read_record
from probes.webhook import Announces, Posted, Refusal, Scheme, Webhook

MOST_EVENTS = 1000
"""So many events in one webhook are read; one with more is unreadable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A record that an event announces; `record` is None where the event tells its id alone, or is unreadable."""

    resource: str
    id: str
    record: Record | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, with what it announces."""

    id: str
    kind: str
    heard: tuple[Heard, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is needed to open a system's webhooks.

    `fields` are the fields that looks at each resource read, and so are to be read here; `skew` is how far the vendor's
    clock is off ours.
    """

    system: System
    webhook: Webhook
    secret: str
    fields: Mapping[str, Sequence[str]]
    skew: timedelta = timedelta()


def opened(envelope: Envelope, posted: Posted, now: datetime) -> tuple[Event, ...] | Refusal:
    """Return the events of a webhook, or why it is refused.

    Raises:
        ValueError: our own secret is not written in the form that the definition says.
    """
    signature = envelope.webhook.signature
    if signature.scheme is not Scheme.FIELDS and (refused := refusal(signature, envelope.secret, posted, (), now)):
        # Nothing of what a stranger sends is parsed.
        return refused
    rows = _rows(envelope.webhook, posted.body)
    if rows is None:
        return Refusal.UNSIGNED if signature.scheme is Scheme.FIELDS else Refusal.UNREADABLE
    if signature.scheme is Scheme.FIELDS and (refused := refusal(signature, envelope.secret, posted, rows, now)):
        return refused
    try:
        events = [_event(envelope, posted, row, now) for row in rows]
    except RecursionError:
        return Refusal.UNREADABLE
    return tuple({event.id: event for event in events}.values())


def _rows(webhook: Webhook, body: bytes) -> list[object] | None:
    try:
        value = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    found = at(value, webhook.events_path)
    rows = found if isinstance(found, list) else [found]
    items = [at(row, webhook.item_path) for row in rows]
    return items if len(items) <= MOST_EVENTS and all(isinstance(item, dict) for item in items) else None


def _event(envelope: Envelope, posted: Posted, row: object, now: datetime) -> Event:
    webhook = envelope.webhook
    kind = ".".join(text(at(row, path)) or "" for path in webhook.kind_paths)
    fitting = (one for one in webhook.announces if one.covers(kind))
    heard = (_heard(envelope, one, row, now) for one in fitting)
    return Event(id=_id(webhook, posted, row), kind=kind, heard=tuple(one for one in heard if one is not None))


def _id(webhook: Webhook, posted: Posted, row: object) -> str:
    """The vendor's id of an event; without one, the hash of the event, which a repetition has too."""
    given = text(posted.headers.get(webhook.id_header.lower(), "")) if webhook.id_header else None
    parts = [text(at(row, path)) for path in webhook.id_paths]
    named = given or text("/".join(_named(parts)))
    return named or sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


def _named(parts: Sequence[str | None]) -> Iterator[str]:
    """The parts of an id where its first one is there; nothing without it."""
    if parts and parts[0] is not None:
        yield from (part or "" for part in parts)


def _heard(envelope: Envelope, announces: Announces, row: object, now: datetime) -> Heard | None:
    resource = envelope.system.connector.resources[announces.resource]
    if announces.record_path is None:
        name = text(at(row, announces.record_id_path))
        return Heard(resource=resource.name, id=name) if name is not None else None
    listed = at(row, announces.record_path)
    record = read_record(resource, envelope.fields.get(resource.name, ()), envelope.skew, listed, now)
    return Heard(resource=resource.name, id=record.id, record=record) if isinstance(record, Record) else None
