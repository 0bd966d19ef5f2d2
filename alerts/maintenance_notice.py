"""The messages that tell clients of maintenance: one for each contact of the client that a word is due to.

And word to the team where what went out is not what was to be sent.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.audience import Planned, maintenance_audience
from alerts.checked import checked
from alerts.communications import reached
from alerts.draft import Context
from alerts.forewarn import Word
from alerts.impact import terms_of
from alerts.letter import Fallback
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.oncall import Person
from alerts.preferences import Reader
from alerts.proposing import note
from probes.catalog import ClientId

LANES: Mapping[Stage, Lane] = {Stage.SCHEDULED: Lane.BULK, Stage.REMINDER: Lane.BULK, Stage.COMPLETED: Lane.BULK}
"""What nobody waits for; that something begins, is moved or does not take place is told as notices are."""


NAMED = 10
"""So many reasons why texts were not sent as they are the team is told at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message, for whom it is, and why it says only the safe generic text where it does."""

    message: Message
    reader: Reader
    fallback: Fallback | None = None


def maintenance_messages(word: Word, context: Context, now: datetime) -> Iterator[Sent]:
    """Yield the messages of a word, none where the client is no more."""
    told, client = word.foretold, context.catalog.clients.get(word.foretold.client)
    if client is None:
        return
    terms = terms_of(client, context.catalog.tier_of(client.id), now)
    for place, contact in enumerate(client.contacts, start=1):
        audience = maintenance_audience(_planned(word), terms, contact, word.stage, now)
        letter = checked(replace(audience, at=_at(word, now)), context.words, context.forbidden).letter
        message = Message(
            key=f"maint/{told.key}/{len(told.told)}/{place}",
            kind=MessageKind.NOTICE,
            lane=LANES.get(word.stage, Lane.NORMAL),
            stage=word.stage,
            recipient=contact.name,
            channels=(contact.channel,),
            subject=letter.subject,
            body=letter.body,
            html=letter.html,
            created=now,
            severity=MessageSeverity.SUCCESS if word.stage is Stage.COMPLETED else MessageSeverity.INFO,
            weight=terms.weight,
            client=client.id,
            thread=f"maint/{told.number}/{client.id}",
        )
        reader = Reader(contact=contact, timezone=client.timezone, first=_begins(word))
        yield Sent(message=message, reader=reader, fallback=letter.fallback)


def _begins(word: Word) -> bool:
    """Whether the client hears of the maintenance for the first time, or anew."""
    before = word.foretold.told[:-1]
    return not before or before[-1][0].closes


def generic_notes(sent: Iterable[Sent], context: Context, now: datetime) -> Iterator[Message]:
    """Yield word to the team, or else to whose accounts they are, of clients who were sent the generic text."""
    failed = [one for one in sent if one.fallback is not None]
    if not failed:
        return
    clients = tuple(dict.fromkeys(one.message.client for one in failed if one.message.client is not None))
    reasons = dict.fromkeys(one.fallback.detail for one in failed if one.fallback is not None)
    number = "1 client was" if len(clients) == 1 else f"{len(clients):,} clients were"
    lines = (
        f"{number} sent the safe generic text of a maintenance and not what was to be sent.",
        *list(reasons)[:NAMED],
    )
    for person in _team(context, clients, now):
        subject = "Notices of maintenance went out with the generic text"
        yield note(f"{failed[0].message.key}/generic/{person.id}", person, subject, lines, now)


def _team(context: Context, clients: Iterable[ClientId], now: datetime) -> list[Person]:
    roster = context.roster
    found = list(reached(roster.communications.team, roster.people, roster.schedules, context.board, now))
    found = found or [roster.owner_of(client) for client in clients]
    return list({person.id: person for person in found}.values())


def _planned(word: Word) -> Planned:
    told = word.foretold
    return Planned(
        number=told.number,
        start=told.begins,
        end=told.ends,
        former=told.former if word.stage is Stage.MOVED else None,
        work=told.work,
        short=word.short,
        overran=told.overran is not None and word.stage is Stage.IN_PROGRESS,
    )


def _at(word: Word, now: datetime) -> datetime:
    """Return the instant that a word is about: a maintenance that was over in time is over since its end."""
    in_time = word.stage is Stage.COMPLETED and word.foretold.overran is None
    return min(now, word.foretold.ends) if in_time else now
