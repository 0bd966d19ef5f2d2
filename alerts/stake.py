"""What is at stake in an incident: how many clients of which tiers, what they pay, and what is due to them soon.

It says what is known and how it was worked out, for whoever has to decide; nothing is decided by it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from alerts.evaluate import span
from alerts.incident import Incident
from alerts.severity import next_cutoff
from probes.catalog import Catalog, Client, ClientId, TierId
from probes.cutoff import Upcoming


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRenewal:
    """The first contract of a hurt client that ends unless it is renewed, and how many days from today (UTC)."""

    client: ClientId
    day: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What is at stake. `tiers` are counts of clients, the gravest tier first; `revenue` is a year's, by currency.

    `priced` of the clients have a revenue written down, `unpriced` have none and count for nothing in it. `how` are
    sentences that say how each number was worked out.
    """

    tiers: Mapping[TierId, int] = field(default_factory=dict)
    revenue: Mapping[str, float] = field(default_factory=dict)
    priced: int = 0
    unpriced: int = 0
    renewal: NextRenewal | None = None
    cutoff: Upcoming | None = None
    how: tuple[str, ...] = ()

    @property
    def clients(self) -> int:
        """How many clients are concerned."""
        return sum(self.tiers.values())


def stake(incident: Incident, catalog: Catalog, now: datetime) -> Stake:
    """Return what is at stake: of the clients that are still hurt, or of all that were where the incident is over."""
    hurt = [impact for impact in incident.hurt if impact.recovered is None or not incident.open]
    clients = [catalog.clients[impact.terms.client] for impact in hurt if impact.terms.client in catalog.clients]
    priced = [client.revenue for client in clients if client.revenue is not None]
    revenue: dict[str, float] = {}
    for one in priced:
        revenue[one.currency] = revenue.get(one.currency, 0.0) + one.yearly
    known = Stake(
        tiers=Counter(impact.terms.tier for impact in hurt),
        revenue=revenue,
        priced=len(priced),
        unpriced=len(hurt) - len(priced),
        renewal=_next_renewal(clients, now),
        cutoff=next_cutoff(incident, catalog, now) if incident.open else None,
    )
    return replace(known, how=tuple(_how(known)))


def hurt_now(incident: Incident) -> tuple[ClientId, ...]:
    """Return the clients that an incident hurts and that have not recovered."""
    return tuple(client for client, one in incident.impacts.items() if one.recovered is None)


def _next_renewal(clients: Iterable[Client], now: datetime) -> NextRenewal | None:
    today = now.date()
    coming = [(one.renewal, one.id) for one in clients if one.renewal is not None and one.renewal >= today]
    if not coming:
        return None
    day, client = min(coming)
    return NextRenewal(client=client, day=day, days=(day - today).days)


def _how(known: Stake) -> Iterator[str]:
    yield "clients: those that are hurt and have not recovered, by the tier that each was hurt under"
    if known.revenue:
        left_out = f"; {known.unpriced:,} without one are left out" if known.unpriced else ""
        yield f"revenue: the sum of what is written for {known.priced:,} of them for a year, not a loss{left_out}"
    if known.renewal is not None:
        yield "renewal: the first day of theirs that is written, counted in days of UTC"
    if known.cutoff is not None:
        yield "cut-off: the first of theirs that this incident can be in the way of"


def lines(known: Stake, now: datetime) -> tuple[str, ...]:
    """Return what is at stake in words for a page, nothing where nobody is hurt."""
    if not known.clients:
        return ()
    tiers = ", ".join(f"{count:,} {tier}" for tier, count in known.tiers.items())
    parts = [tiers, *(f"{amount:,.0f} {currency} a year" for currency, amount in sorted(known.revenue.items()))]
    if known.revenue and known.unpriced:
        parts[-1] += f" (of {known.priced:,} of {known.clients:,} clients)"
    if known.renewal is not None:
        one = known.renewal
        parts.append(f"{one.client} is to renew in {one.days:,} {'day' if one.days == 1 else 'days'} ({one.day})")
    if known.cutoff is not None:
        parts.append(f"{span(known.cutoff.at - now)} to {known.cutoff.cutoff.name} of {known.cutoff.client}")
    return (f"At stake: {'; '.join(parts)}.",)
