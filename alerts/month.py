"""What a month has come to for a client: how long it was hurt, for how long promises were broken, what is given back.

A fold over incidents, open ones included. Time counts once, however many promises or incidents it is about; time that a
pause excludes counts for nobody. A month begins on a day of the client's own, at midnight of its zone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from whenever import Date, Instant, Time

from alerts.calendar import Interval, total, without
from alerts.clocks import PauseCause, Promise
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.reckoning import Goal, counting, reached, target_of, terms_at
from alerts.spans import Span, onset_of, spans_of
from probes.catalog import Catalog, Client, ClientId, TierId
from probes.credit import CreditStep, Month, credit

AGREED = frozenset({PauseCause.MAINTENANCE, PauseCause.CONTRACT_STATE})
"""While a clock stands still for these, a client is not hurt either: it was agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthSoFar:
    """What the month of a client has come to. `budget` is for how long promises may be broken in it, None for no limit.

    `availability` is 0 to 1, of the whole month as if nothing more happened in it; `given` the credit that it has come
    to.
    """

    client: ClientId
    name: str
    tier: TierId
    period: Interval
    hurt: timedelta
    breaches: int
    breach_time: timedelta
    budget: timedelta | None
    availability: float
    given: CreditStep | None

    @property
    def used(self) -> float | None:
        """Which share of the budget is used, over 1 where it is exceeded; None without a budget."""
        return None if self.budget is None else self.breach_time / self.budget


def period_of(client: Client, now: datetime) -> Interval:
    """Return the month of a client's contract that an instant lies in."""
    today = Instant(now).to_tz(client.timezone).to_stdlib().date()
    first = date(today.year, today.month, client.month_begins)
    if today < first:
        first = _month_later(first, -1)
    return Interval(start=_midnight(first, client.timezone), end=_midnight(_month_later(first, 1), client.timezone))


def month_so_far(client: Client, catalog: Catalog, incidents: Iterable[Incident], now: datetime) -> MonthSoFar:
    """Return what the present month of a client has come to."""
    return _sum(client, catalog, _hurting(client.id, incidents), period_of(client, now), now)


def months_so_far(catalog: Catalog, incidents: Iterable[Incident], now: datetime) -> Iterator[MonthSoFar]:
    """Yield what the month has come to, for each client that incidents hurt, in the order of clients."""
    hurt: dict[ClientId, list[tuple[Incident, Impact]]] = {}
    for incident in incidents:
        for client, impact in incident.impacts.items():
            hurt.setdefault(client, []).append((incident, impact))
    for known in catalog.clients.values():
        if known.id in hurt:
            yield _sum(known, catalog, hurt[known.id], period_of(known, now), now)


def _hurting(client: ClientId, incidents: Iterable[Incident]) -> list[tuple[Incident, Impact]]:
    return [(one, one.impacts[client]) for one in incidents if client in one.impacts]


def _sum(
    client: Client, catalog: Catalog, hurting: list[tuple[Incident, Impact]], period: Interval, now: datetime
) -> MonthSoFar:
    tier = catalog.tier_of(client.id)
    broken = [one for incident, impact in hurting for one in overdue(incident, impact, now)]
    within = [_cut(part, period) for one in broken for part in one.parts]
    hurt = total(_cut(one, period) for incident, impact in hurting for one in hurt_in(incident, impact, now))
    breach_time = total(one for one in within if one.length > timedelta())
    breaches = sum(period.start <= one.since < period.end for one in broken)
    share = max(0.0, 1 - hurt / period.length)
    come_to = Month(availability=share, breaches=breaches, breach_time=breach_time)
    return MonthSoFar(
        client=client.id,
        name=client.name,
        tier=tier.id,
        period=period,
        hurt=hurt,
        breaches=breaches,
        breach_time=breach_time,
        budget=tier.breach_budget,
        availability=share,
        given=credit(tier.credits, come_to),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A promise that was broken: since when, and the intervals in which it was and the clock ran."""

    promise: Promise
    since: datetime
    parts: tuple[Interval, ...]


def overdue(incident: Incident, impact: Impact, now: datetime) -> Iterator[Broken]:
    """Yield each promise to a client that was or is broken, with the time for which it is."""
    if not _may_be(incident, impact, now):
        return
    for promise in Promise:
        if impact.clocks.cancels(promise) is None:
            for run in spans_of(incident, impact, promise):
                yield from _overdue(impact, promise, run, now)


def _may_be(incident: Incident, impact: Impact, now: datetime) -> bool:
    """Whether it went on for longer than the shortest time that was promised: mostly it did not."""
    targets = [target_of(impact.terms, promise) for promise in Promise]
    shortest = min((one for one in targets if one is not None), default=None)
    begun = min(onset_of(impact), impact.joined, incident.opened)
    return bool(impact.earlier) or (shortest is not None and (incident.resolved or now) - begun > shortest)


def _overdue(impact: Impact, promise: Promise, run: Span, now: datetime) -> Iterator[Broken]:
    end = now if run.stopped is None else run.stopped
    target = target_of(terms_at(impact, end), promise)
    if target is None or end - run.start <= target:
        return
    due = reached(impact, Goal(promise=promise, start=run.start, target=target), end)
    parts = tuple(counting(impact, promise, due, end, end)) if due < end else ()
    if parts:
        yield Broken(promise=promise, since=due, parts=parts)


def hurt_in(incident: Incident, impact: Impact, now: datetime) -> Iterator[Interval]:
    """Yield when an incident hurt a client, without the time in which that was agreed."""
    last = impact.recovered or incident.resolved or now
    spells = [Interval(start=one.start, end=max(one.start, one.end or last)) for one in impact.spells]
    if not spells or impact.clocks.start is not None:
        spells = [Interval(start=onset_of(impact), end=max(onset_of(impact), last)), *spells[1:]]
    agreed = [
        Interval(start=one.since, end=max(one.since, one.until or last))
        for one in impact.clocks.pauses
        if one.cause in AGREED
    ]
    yield from without(sorted(spells), agreed)


def told(months: Iterable[MonthSoFar]) -> Iterator[str]:
    """Yield a line for each tier with a budget: how much of it the client has used that has used most of it."""
    worst: dict[TierId, MonthSoFar] = {}
    for one in months:
        if one.used is not None and (one.tier not in worst or one.used > (worst[one.tier].used or 0)):
            worst[one.tier] = one
    for tier, one in worst.items():
        minutes, budget = one.breach_time // MINUTE, (one.budget or timedelta()) // MINUTE
        yield f"{tier}: {minutes:,} of {budget:,} breach minutes of {one.period.start + DAY:%B} used ({one.name})"


MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def _cut(one: Interval, period: Interval) -> Interval:
    start = max(one.start, period.start)
    return Interval(start=start, end=max(start, min(one.end, period.end)))


def _month_later(day: date, months: int) -> date:
    return Date(day.isoformat()).add(months=months).to_stdlib()


def _midnight(day: date, zone: str) -> datetime:
    return Date(day.isoformat()).at(Time()).assume_tz(zone, disambiguation="compatible").to_instant().to_stdlib()
