"""Which records webhooks have announced: so that no record counts twice, and a webhook that never came is found out.

A record that a look shows is expected to be announced within a grace; one that is not was lost on its way. Only records
that were created after webhooks began to come count, and only for a while, so what is remembered is bounded by that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from probes.catalog import ClientId, SystemId
from probes.cursor import version
from probes.observation import Record

REMEMBERED = timedelta(hours=1)
"""For how long, beyond two graces, a record is remembered."""

MOST_REMEMBERED = 20_000
"""How many records are remembered of all systems; the oldest are forgotten first, and count as neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """A record that a webhook told of, a look showed, or both; `lost` once it was shown and not told of in time.

    `created` is on our clock. `version` is the state of the record that a webhook told last, "" where it told its id
    alone.
    """

    system: SystemId
    resource: str
    record: str
    created: datetime
    client: ClientId | None = None
    told: datetime | None = None
    seen: datetime | None = None
    version: str = ""
    lost: bool = False

    @property
    def key(self) -> str:
        """What it is remembered under."""
        return key_of(self.system, self.resource, self.record)

    @property
    def awaited(self) -> bool:
        """Whether a look has shown it and no webhook has told of it yet."""
        return self.seen is not None and self.told is None and not self.lost

    @property
    def latest(self) -> datetime:
        """The last instant at which anything was heard of it."""
        return max(at for at in (self.created, self.told, self.seen) if at is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """A record whose webhook came, or did not come in time; `client` is None where it is nobody's."""

    system: SystemId
    client: ClientId | None
    at: datetime
    lost: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What has come of a system's webhooks.

    Records created after `since` are expected to be announced: it is when the first webhook came, or when we began to
    listen again. `events` counts those that came for the first time.
    """

    system: SystemId
    since: datetime
    last: datetime
    events: int = 0


def key_of(system: SystemId, resource: str, record: str) -> str:
    """Return what a record is remembered under."""
    return f"{system}/{resource}/{record}"


def remembered_for(grace: timedelta) -> timedelta:
    """Return how long a record is remembered where webhooks have this grace."""
    return REMEMBERED + 2 * grace


def told(before: Announcement | None, news: Announcement) -> Announcement:
    """Return what is known of a record after a webhook told of it at `news.told`.

    One that was given up stays lost: it counted already.
    """
    if before is None:
        return news
    return replace(before, told=before.told or news.told, version=news.version or before.version)


def seen(before: Announcement | None, news: Announcement) -> Announcement | None:
    """Return what is known of a record after a look showed it at `news.seen`; None where a look did so before."""
    if before is None:
        return news
    return None if before.seen is not None else replace(before, seen=news.seen, client=news.client)


def news_to(known: Mapping[str, Announcement], system: SystemId, resource: str, record: Record) -> bool:
    """Return whether a record was not yet told of by a webhook in the state that it is in."""
    before = known.get(key_of(system, resource, record.id))
    return before is None or before.version != version(record)


def awaited(
    known: Mapping[str, Announcement], graces: Mapping[SystemId, timedelta], now: datetime
) -> Iterator[Announcement]:
    """Yield the records whose webhook is still to come, the last first; none is older than two graces."""
    oldest = now - 2 * max(graces.values(), default=timedelta())
    for one in reversed(list(known.values())):
        if one.awaited and one.system in graces:
            yield one
        elif one.latest < oldest:
            return


def overdue(
    known: Mapping[str, Announcement], graces: Mapping[SystemId, timedelta], now: datetime
) -> Iterator[Announcement]:
    """Yield the records whose webhook did not come within its grace, now lost, the first one first."""
    late = [one for one in awaited(known, graces, now) if due(one, graces) <= now]
    yield from (replace(one, lost=True) for one in reversed(late))


def due(one: Announcement, graces: Mapping[SystemId, timedelta]) -> datetime:
    """Return by when a record that is awaited must be told of: a grace after it was made, and after it was seen."""
    return max(one.created, one.seen or one.created) + graces[one.system]


def forgotten(known: Mapping[str, Announcement], graces: Mapping[SystemId, timedelta], now: datetime) -> Iterator[str]:
    """Yield the keys of what is to be remembered no longer: the old, what is no longer watched, what is too much.

    They are gone through as they were first heard of, up to the first that is to be kept: what is old behind that one
    is forgotten a little later.
    """
    too_many = len(known) - MOST_REMEMBERED
    for place, (key, one) in enumerate(known.items()):
        grace = graces.get(one.system)
        if place >= too_many and grace is not None and now - one.latest <= remembered_for(grace):
            return
        yield key


def reached(before: Reception | None, system: SystemId, events: int, now: datetime) -> Reception:
    """Return what has come of a system's webhooks after one more with so many new events."""
    if before is None:
        return Reception(system=system, since=now, last=now, events=events)
    return replace(before, last=now, events=before.events + events)
