"""Keeps storms of messages readable: remembers what each reader was sent lately, and folds what is too much.

What is too much, and what a digest says, is decided in `alerts/storm`; the digest and the end of its parts are one
transaction. What was sent before a restart is forgotten: a storm then begins anew.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alerts.delivery_order import Waiting
from alerts.message import Message
from alerts.storm import EVERY, FEWEST, PREFIX, WINDOW, Reader, digest, foldable, past_the_first, reader_of
from monitor.changes import Changes


@dataclass(slots=True)
class Lately:
    """What one reader was sent within the window: when, and the heaviest of it; and when the last digest was made."""

    begun: list[datetime] = field(default_factory=list)
    heaviest: int | None = None
    digested: datetime | None = None

    def forget(self, now: datetime) -> None:
        """Drop what is older than the window."""
        self.begun = [at for at in self.begun if now - at < WINDOW]
        if not self.begun:
            self.heaviest = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calm:
    """Who waits to be told one by one, and when to ask again for the sake of those who do not."""

    waiting: Sequence[Waiting]
    again: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Storms:
    """What readers were sent lately. `read` gives messages by their keys, `commit` writes changes."""

    read: Callable[[Sequence[str]], Awaitable[Sequence[Message]]]
    commit: Callable[[Changes], Awaitable[None]]
    _lately: dict[Reader, Lately] = field(default_factory=dict)

    def began(self, one: Waiting, now: datetime) -> None:
        """Count a message that goes out for the first time."""
        if not one.retry and not one.key.startswith(PREFIX):
            known = self._lately.setdefault(reader_of(one), Lately())
            known.begun.append(now)
            known.heaviest = max(one.weight, known.heaviest or 0)

    async def calm(self, waiting: Sequence[Waiting], now: datetime) -> Calm:
        """Return who waits once what is too much was folded, and without those who wait for the next digest."""
        gone, again = set[str](), list[datetime]()
        for reader, those in self._crowds(waiting, now):
            keys, at = await self._folded(reader, those, now)
            gone |= keys
            again += () if at is None else (at,)
        return Calm(waiting=tuple(one for one in waiting if one.key not in gone), again=min(again, default=None))

    def _crowds(self, waiting: Sequence[Waiting], now: datetime) -> Iterator[tuple[Reader, list[Waiting]]]:
        groups: dict[Reader, list[Waiting]] = defaultdict(list)
        for one in waiting:
            if one.due <= now:
                groups[reader_of(one)].append(one)
        for reader, known in list(self._lately.items()):
            known.forget(now)
            if not known.begun and reader not in groups:
                del self._lately[reader]
        for reader, those in groups.items():
            begun = self._lately.get(reader)
            if many := past_the_first(those, 0 if begun is None else len(begun.begun)):
                yield reader, many

    async def _folded(
        self, reader: Reader, those: list[Waiting], now: datetime
    ) -> tuple[frozenset[str], datetime | None]:
        """Return which of too many messages do not go by themselves, and when the next digest is due if they wait."""
        known = self._lately.setdefault(reader, Lately())
        heaviest = max((one.weight for one in those), default=0) if known.heaviest is None else known.heaviest
        folded = foldable(await self.read([one.key for one in those]), heaviest)
        keys = frozenset(one.key for one in folded)
        if known.digested is not None and now - known.digested < EVERY[reader.lane]:
            return keys, known.digested + EVERY[reader.lane]
        if len(folded) < FEWEST:
            return frozenset(), None
        one = digest(folded, now)
        await self.commit(Changes(messages=(one,), folded={part.key: one.key for part in one.parts}))
        known.digested = now
        return keys, None
