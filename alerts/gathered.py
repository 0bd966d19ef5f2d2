"""What came up for a reader in quiet hours, or since the last digest, as one message: how many, and each in full.

Never two clients in one, nor two readers. Each part is on record as told once the one message is accepted.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from html import escape

from alerts.alert import IncidentId
from alerts.incident import Incident
from alerts.instants import when
from alerts.message import Message, MessageSeverity, Part
from alerts.sentences import DIGEST
from alerts.storm import PREFIX
from alerts.words import Words
from probes.catalog import Catalog, Contact

Reader = tuple[str, str, tuple[str, ...]]


def digests(waiting: Iterable[Message], catalog: Catalog, words: Words, now: datetime) -> Iterator[Message]:
    """Yield one message for each reader to whom it is time to tell what was gathered."""
    readers: dict[Reader, list[Message]] = {}
    for one in waiting:
        if one.gathered is not None and one.gathered <= now and one.client is not None:
            readers.setdefault((one.client, one.recipient, one.channels), []).append(one)
    for (_, recipient, _), parts in readers.items():
        known = catalog.clients.get(parts[0].client) if parts[0].client is not None else None
        contact = next((one for one in known.contacts if one.name == recipient), None) if known else None
        language = (contact.language if contact else "") or (known.locale if known else "en")
        zone = _zone(contact, known.timezone if known else "UTC")
        yield _digest(sorted(parts, key=lambda one: (one.created, one.key)), words, (language, zone), now)


def overtaken(waiting: Iterable[Message], incidents: Mapping[IncidentId, Incident]) -> frozenset[str]:
    """Return the keys of what waits for a reader who was told meanwhile, at once, that it is over.

    Told behind the end, it would be the last word.
    """
    waiting = tuple(waiting)
    ends = [(_place(one), one.created) for one in waiting if one.stage.closes]
    return frozenset(
        one.key
        for one in waiting
        if not one.stage.closes
        and _over_since(one, incidents)
        and not any(place == _place(one) and at >= one.created for place, at in ends)
    )


def _place(one: Message) -> tuple[object, ...]:
    return one.incident, one.client, one.recipient, one.channels


def _over_since(one: Message, incidents: Mapping[IncidentId, Incident]) -> bool:
    incident = incidents.get(one.incident) if one.incident is not None else None
    impact = incident.impacts.get(one.client) if incident is not None and one.client is not None else None
    return impact is not None and any(stage.closes and at > one.created for stage, at in impact.queued)


def next_digest(waiting: Iterable[Message]) -> datetime | None:
    """Return when something that is gathered is told next, None where nothing is."""
    return min((one.gathered for one in waiting if one.gathered is not None), default=None)


def folded(told: Iterable[Message]) -> Mapping[str, str]:
    """Return in which digest each of the messages is told that are parts of one."""
    return {part.key: one.key for one in told for part in one.parts}


def _zone(contact: Contact | None, zone: str) -> str:
    return contact.timezone or zone if contact is not None else zone


def _digest(parts: list[Message], words: Words, reader: tuple[str, str], now: datetime) -> Message:
    named = hashlib.blake2b("\n".join(one.key for one in parts).encode(errors="replace"), digest_size=8)
    one = replace(
        parts[-1],
        key=f"{PREFIX}{named.hexdigest()}",
        created=now,
        held_until=None,
        gathered=None,
        incident=None,
        weight=max(part.weight for part in parts),
        parts=tuple(Part(key=part.key, stage=part.stage, incident=part.incident) for part in parts),
    )
    if len(parts) == 1:
        return one
    catalogue = words.catalogue(reader[0])
    heads = [f"{part.subject} · {when(part.created, reader[1], reader[0])}" for part in parts]
    return replace(
        one,
        subject=catalogue.several(DIGEST, len(parts)).replace("{count}", str(len(parts))),
        body="\n\n".join(f"{head}\n{part.body}" for head, part in zip(heads, parts, strict=True)),
        html="\n".join(
            f"<h3>{escape(head)}</h3>\n{part.html or f'<p>{escape(part.body)}</p>'}"
            for head, part in zip(heads, parts, strict=True)
        ),
        severity=MessageSeverity.INFO,
        thread="",
    )
