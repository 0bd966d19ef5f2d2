"""Whether somebody is on call whenever a contract promises it: schedules against contract hours, as intervals.

A gap is a stretch with nobody on call that lies within the hours of clients who depend on the schedule. Nobody is left
untold in one: its pages go to the catch-all, which is said here for how long.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.calendar import Interval, joined, openings
from alerts.escalation import Policy
from alerts.oncall import Schedule, stretches
from alerts.override import Board
from alerts.roster import Roster
from alerts.rotation import never_empty
from probes.catalog import Catalog, Client, ClientId, Tier, TierId
from probes.hours import Calendar, at_home


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependent:
    """Clients of a tier whose pages a schedule takes, and the hours in which their contracts count."""

    tier: TierId
    clients: tuple[ClientId, ...]
    calendar: Calendar
    promised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """From when to when nobody of a schedule is on call although contracts count; `promised` where one says how soon.

    `clients` are those for whom it counts somewhere in it, `tiers` theirs.
    """

    schedule: str
    start: datetime
    end: datetime
    tiers: tuple[TierId, ...]
    clients: tuple[ClientId, ...]
    promised: bool

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


def dependents(schedule: str, catalog: Catalog, roster: Roster) -> tuple[Dependent, ...]:
    """Return who depends on a schedule: the clients of every tier whose policy pages it, by the hours that count."""
    paged = {tier: _paged(catalog.tiers[tier], roster) for tier in catalog.tiers}
    found: dict[tuple[TierId, Calendar], list[ClientId]] = {}
    for client in catalog.clients.values():
        if schedule in paged[client.tier]:
            found.setdefault((client.tier, _hours_of(client, catalog)), []).append(client.id)
    return tuple(
        Dependent(tier=tier, clients=tuple(clients), calendar=calendar, promised=_promised(catalog, tier))
        for (tier, calendar), clients in found.items()
    )


def schedules_of(policy: Policy, roster: Roster) -> frozenset[str]:
    """Return the names of the schedules that a policy pages, with those of the one that it gives way to."""
    other = roster.policies.get(policy.otherwise)
    steps = (*policy.steps, *(other.steps if other is not None else ()))
    targets = (target for step in steps for target in (step, step.instead) if target is not None)
    return frozenset(target.schedule.name for target in targets if target.schedule is not None)


def _paged(tier: Tier, roster: Roster) -> frozenset[str]:
    names = {tier.escalation, *roster.concerns.get(tier.id, {}).values()}
    return frozenset().union(*(schedules_of(roster.policies[name], roster) for name in names))


def _hours_of(client: Client, catalog: Catalog) -> Calendar:
    return at_home(catalog.tiers[client.tier].sla.hours_of("acknowledge"), client.timezone)


def _promised(catalog: Catalog, tier: TierId) -> bool:
    sla = catalog.tiers[tier].sla
    return sla.acknowledge is not None or sla.repair is not None or sla.first_notice is not None


def gaps(schedule: Schedule, board: Board, who: Iterable[Dependent], start: datetime, end: datetime) -> list[Gap]:
    """Return the gaps of a schedule between two instants, in order, each as long as it is the same clients' gap."""
    if not board.of(schedule.name) and any(never_empty(rotation) for rotation in schedule.rotations):
        return []
    empty = [Interval(start=one.start, end=one.end) for one in stretches(schedule, board, start, end) if not one.people]
    if not empty:
        return []
    hours = [(one, tuple(openings(one.calendar, start, end))) for one in who]
    shared = (piece for _, open_ in hours for piece in meeting(empty, open_))
    return [_gap(schedule.name, piece, hours) for piece in joined(sorted(shared))]


def _gap(schedule: str, piece: Interval, hours: Iterable[tuple[Dependent, tuple[Interval, ...]]]) -> Gap:
    hurt = [one for one, open_ in hours if any(True for _ in meeting((piece,), open_))]
    return Gap(
        schedule=schedule,
        start=piece.start,
        end=piece.end,
        tiers=tuple(sorted({one.tier for one in hurt})),
        clients=tuple(sorted({client for one in hurt for client in one.clients})),
        promised=any(one.promised for one in hurt),
    )


def meeting(some: Iterable[Interval], others: Iterable[Interval]) -> Iterator[Interval]:
    """Yield what intervals have in common, both given in order and without overlaps of their own."""
    left, right = iter(some), iter(others)
    one, other = next(left, None), next(right, None)
    while one is not None and other is not None:
        start, end = max(one.start, other.start), min(one.end, other.end)
        if start < end:
            yield Interval(start=start, end=end)
        if one.end <= other.end:
            one = next(left, None)
        else:
            other = next(right, None)


def all_gaps(catalog: Catalog, roster: Roster, board: Board, start: datetime, end: datetime) -> tuple[Gap, ...]:
    """Return the gaps of all schedules, the earliest first."""
    found = (
        gap
        for name, schedule in roster.schedules.items()
        for gap in gaps(schedule, board, dependents(name, catalog, roster), start, end)
    )
    return tuple(sorted(found, key=lambda one: (one.start, one.schedule)))


def months_after(start: datetime, months: int) -> datetime:
    """Return the instant so many months of a calendar's average length later."""
    return start + months * timedelta(days=365.2425 / 12)


def by_schedule(found: Iterable[Gap]) -> Mapping[str, tuple[Gap, ...]]:
    """Return gaps by their schedule."""
    grouped: dict[str, list[Gap]] = {}
    for gap in found:
        grouped.setdefault(gap.schedule, []).append(gap)
    return {name: tuple(one) for name, one in grouped.items()}
