"""The tick that tells clients of maintenance: what is due is told and put down in one transaction, the heaviest first.

What is due is for `alerts.forewarn`. Nothing is worked out again until a window, the configuration or the time says so.
"""

from datetime import datetime, timedelta
from itertools import chain

from alerts.concerned import plans_of
from alerts.draft import Context
from alerts.foretold import outlived
from alerts.forewarn import Word, next_word, words_due
from alerts.maintenance_notice import generic_notes, maintenance_messages
from alerts.preferences import addressed
from monitor.changes import Changes
from monitor.deciding import context
from monitor.desk import Desk
from monitor.situation import Situation

AT_ONCE = 100
"""So many clients are told in one pass: making their letters keeps everything else waiting."""

SOON = timedelta(milliseconds=50)
EVERY = timedelta(minutes=10)
"""What nothing has changed of is looked at again so often: leads and spans come with time alone."""

STILL = timedelta(seconds=10)
"""How often it is asked whether what overran is over."""


class Forewarning:
    """The tick of maintenance notices."""

    def __init__(self, desk: Desk) -> None:
        """Begin with everything to be looked at."""
        self._desk = desk
        self._seen: tuple[object, ...] = ()
        self._due: datetime | None = None

    async def tick(self, now: datetime) -> datetime | None:
        """Tell what is due; return when more may be."""
        situation = self._desk.situation
        seen = (situation.config, *situation.windows.values())
        same = len(seen) == len(self._seen) and all(one is other for one, other in zip(seen, self._seen, strict=True))
        if same and self._due is not None and now < self._due <= now + EVERY:
            return self._due
        wait = await self._desk.decide(lambda known: told(known, context(known, self._desk.links), now))
        self._seen, self._due = seen, wait
        return self._due


def told(situation: Situation, known: Context, now: datetime) -> tuple[datetime, Changes]:
    """Return when more may be due, and what is told now."""
    plans, records = plans_of(known, now), situation.foretold
    due = sorted(words_due(plans, records.values(), now), key=lambda word: _rank(word, known))
    changes = _changes(due[:AT_ONCE], situation, known, now)
    if due:
        return now + SOON, changes
    overran = any(one.open and one.overran is not None for one in records.values())
    coming = (next_word(plans, records.values(), now), now + (STILL if overran else EVERY))
    return min(at for at in coming if at is not None), changes


def _rank(word: Word, known: Context) -> tuple[int, datetime]:
    return -known.catalog.tier_of(word.foretold.client).weight, word.foretold.begins


def _changes(due: list[Word], situation: Situation, known: Context, now: datetime) -> Changes:
    sent = [*chain.from_iterable(maintenance_messages(word, known, now) for word in due)]
    readers = {one.message.key: one.reader for one in sent}
    messages = addressed((one.message for one in sent), known.preferences, now, readers)
    return Changes(
        foretold={
            **dict.fromkeys(outlived(situation.foretold, now)),
            **{word.foretold.key: word.foretold for word in due},
        },
        messages=(*messages, *generic_notes(sent, known, now)),
    )
