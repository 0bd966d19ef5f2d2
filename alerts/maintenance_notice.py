"""The messages that tell clients of maintenance: one for each contact of the client that a word is due to."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from alerts.audience import Planned, maintenance_audience
from alerts.checked import checked
from alerts.draft import Context
from alerts.forewarn import Word
from alerts.impact import terms_of
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage

LANES: Mapping[Stage, Lane] = {Stage.SCHEDULED: Lane.BULK, Stage.REMINDER: Lane.BULK, Stage.COMPLETED: Lane.BULK}
"""What nobody waits for; that something begins, is moved or does not take place is told as notices are."""


def maintenance_messages(word: Word, context: Context, now: datetime) -> Iterator[Message]:
    """Yield the messages of a word, none where the client is no more."""
    told, client = word.foretold, context.catalog.clients.get(word.foretold.client)
    if client is None:
        return
    terms = terms_of(client, context.catalog.tier_of(client.id), now)
    for place, contact in enumerate(client.contacts, start=1):
        audience = maintenance_audience(_planned(word), terms, contact, word.stage, now)
        letter = checked(replace(audience, at=_at(word, now)), context.words, context.forbidden).letter
        yield Message(
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
