"""What an incident does to one client, under the contract that it was hurt under, and from when to when.

These are values and how they follow from each other; which client an incident hurts is for `harm`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from alerts.clocks import UNTOUCHED, Clocks, clocks_of_both
from alerts.message import Stage
from probes.catalog import Client, ClientId, Contact, NoticePolicy, Tier, TierId
from probes.conduct import Sla
from probes.hours import at_home, settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The contract that a client was hurt under, from `begins` on; an open incident takes down when it is revised."""

    client: ClientId
    name: str
    tier: TierId
    weight: int
    sla: Sla
    timezone: str
    locale: str
    notices: NoticePolicy
    contacts: tuple[Contact, ...]
    begins: datetime | None = None


def terms_of(client: Client, tier: Tier, now: datetime) -> Terms:
    """Return what a client's contract says at this moment, with its calendars as they are at this moment."""
    return Terms(
        client=client.id,
        name=client.name,
        tier=tier.id,
        weight=tier.weight,
        sla=_by_value(tier.sla, client.timezone, now.date()),
        timezone=client.timezone,
        locale=client.locale,
        notices=tier.notices,
        contacts=client.contacts,
        begins=client.contract.start if client.contract is not None else None,
    )


@lru_cache(maxsize=4096)
def _by_value(sla: Sla, zone: str, day: date) -> Sla:
    """Return promises with a client's zone and the holidays around a day in their calendars."""
    if sla.hours.always and not sla.own:
        return sla
    own = tuple((name, settled(at_home(calendar, zone), day)) for name, calendar in sla.own)
    return replace(sla, hours=settled(at_home(sla.hours, zone), day), own=own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """From when to when somebody had an incident; `end` is None while it is so: it has not lapsed."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """From when to when something was wrong, by the data; `end` is None while it is.

    What comes back is a further spell of the same: what lies between two of them counts for nobody. Of an incident's
    spell, `paged` and `acknowledged` are the first of each in it, and `holds` are when somebody had it.
    """

    start: datetime
    end: datetime | None = None
    paged: datetime | None = None
    acknowledged: datetime | None = None
    holds: tuple[Hold, ...] = ()

    def lasted(self, now: datetime) -> timedelta:
        """Return how long it lasted, until now where it still does."""
        return max(timedelta(), (self.end or now) - self.start)


def lasted(spells: tuple[Spell, ...], now: datetime) -> timedelta:
    """Return how long spells lasted that follow each other."""
    return sum((spell.lasted(now) for spell in spells), timedelta())


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What an incident does to one client: hurt from its own onset until its own backlog has drained.

    `queued` lists the notices written for it, `told` the first instant at which each stage was accepted. Hurt again
    after it had recovered, it has a further one of `spells`; `onset` is that of the first, `recovered` of the last.
    `facts` is the fingerprint of what the last notice was written from.
    `earlier` are contracts that were in force before `terms`, each with the instant at which the next took its place.
    """

    terms: Terms
    joined: datetime
    onset: datetime
    recovered: datetime | None = None
    closed: datetime | None = None
    queued: tuple[tuple[Stage, datetime], ...] = ()
    told: Mapping[Stage, datetime] = field(default_factory=dict)
    spells: tuple[Spell, ...] = ()
    clocks: Clocks = UNTOUCHED
    earlier: tuple[tuple[datetime, Terms], ...] = ()
    facts: str = ""

    @property
    def owed(self) -> bool:
        """Whether the client was written to and its last notice was not the all-clear."""
        return bool(self.queued) and not self.queued[-1][0].closes

    def hurt_for(self, now: datetime) -> timedelta:
        """Return how long the client has been hurt, over all its spells."""
        return lasted(self.spells, now)


def newly_hurt(terms: Terms, onset: datetime, joined: datetime) -> Impact:
    """Return the impact on a client that was not hurt before."""
    spells = (Spell(start=onset),)
    return Impact(terms=terms, joined=joined, onset=onset, spells=spells)


def hurt_again(before: Impact, onset: datetime) -> Impact:
    """Return the impact with a further spell, which begins after the one before it has ended."""
    if before.recovered is None:
        return before
    fresh = Spell(start=max(onset, before.recovered))
    return replace(before, recovered=None, closed=None, spells=(*before.spells, fresh))


def ended(spells: tuple[Spell, ...], at: datetime) -> tuple[Spell, ...]:
    """Return spells of which the last has ended at an instant, or at its start where that is later."""
    if not spells or spells[-1].end is not None:
        return spells
    return (*spells[:-1], replace(spells[-1], end=max(at, spells[-1].start)))


def marked(
    spells: tuple[Spell, ...], *, paged: datetime | None = None, acknowledged: datetime | None = None
) -> tuple[Spell, ...]:
    """Return spells of which the last knows when somebody was first paged, and when somebody first acknowledged."""
    if not spells:
        return spells
    last = spells[-1]
    known = replace(last, paged=last.paged or paged, acknowledged=last.acknowledged or acknowledged)
    return (*spells[:-1], known)


def held(spells: tuple[Spell, ...], at: datetime, *, still: bool) -> tuple[Spell, ...]:
    """Return spells in the last of which somebody has the incident from an instant on, or nobody any more."""
    live = bool(spells and spells[-1].holds and spells[-1].holds[-1].end is None)
    if not spells or live == still:
        return spells
    before = spells[-1].holds
    holds = (*before, Hold(start=at)) if still else (*before[:-1], replace(before[-1], end=at))
    return (*spells[:-1], replace(spells[-1], holds=holds))


def held_earlier(spells: tuple[Spell, ...], since: datetime, at: datetime) -> tuple[Spell, ...]:
    """Return spells in the last of which somebody first had the incident `since` then, also if not now, at `at`."""
    if not spells:
        return spells
    first, *rest = spells[-1].holds or (Hold(start=since, end=max(since, at)),)
    holds = (replace(first, start=min(first.start, since)), *rest)
    return (*spells[:-1], replace(spells[-1], holds=holds))


def both(one: Impact, other: Impact) -> Impact:
    """Return what two incidents did to one client as one: hurt from the first until the last of its instants."""
    open_still = one.recovered is None or other.recovered is None
    recovered, closed = (one.recovered, other.recovered), (one.closed, other.closed)
    told = {**one.told, **other.told}
    first = one if one.joined <= other.joined else other
    return Impact(
        terms=first.terms,
        earlier=first.earlier,
        clocks=clocks_of_both(one.clocks, other.clocks),
        joined=min(one.joined, other.joined),
        onset=min(one.onset, other.onset),
        recovered=None if open_still else max(at for at in recovered if at is not None),
        closed=None if open_still else max((at for at in closed if at is not None), default=None),
        queued=_queued(one, other),
        told={stage: min(at for at in (one.told.get(stage), other.told.get(stage)) if at) for stage in told},
        spells=united(*one.spells, *other.spells),
        facts=max((one, other), key=lambda each: each.queued[-1][1] if each.queued else each.joined).facts,
    )


def _queued(one: Impact, other: Impact) -> tuple[tuple[Stage, datetime], ...]:
    """Return the notices of both; the end of one alone is no end for who was told of the other one as well."""
    found = sorted((*one.queued, *other.queued), key=lambda queued: queued[1])
    if (one.owed or other.owed) and found[-1][0].closes:
        found.pop()
    return tuple(found)


def united(*spells: Spell) -> tuple[Spell, ...]:
    """Return spells as the fewest that cover the same time, in their order; of them only the last can still go on."""
    found: list[Spell] = []
    for spell in sorted(spells, key=lambda one: one.start):
        last = found[-1] if found else None
        if last is not None and (last.end is None or last.end >= spell.start):
            end = None if last.end is None or spell.end is None else max(last.end, spell.end)
            found[-1] = replace(last, end=end)
        else:
            found.append(spell)
    return tuple(found)
