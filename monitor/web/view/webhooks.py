"""What has come of a system's webhooks: when the last one came, and how many never did."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.situation import Situation
from probes.catalog import ClientId, System
from probes.sli import IndicatorKey, IndicatorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LostView:
    """How many of the records that looks showed came without a webhook; of one client, or of all."""

    client: ClientId | None
    lost: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhooksView:
    """A system's webhooks. `address` is where the vendor is to post them, below our own."""

    address: str
    last: datetime | None
    events: int
    refused: int
    over: timedelta
    all: LostView
    clients: tuple[LostView, ...]


def webhooks(situation: Situation, system: System, now: datetime) -> WebhooksView | None:
    """Return what has come of a system's webhooks, None where none are configured; clients with the most lost first."""
    if system.webhooks is None:
        return None
    reception = situation.receptions.get(system.id)
    found = (_lost(situation, system, client, now) for client in situation.config.catalog.clients)
    clients = sorted((one for one in found if one.lost), key=lambda one: (-one.lost, str(one.client)))
    return WebhooksView(
        address=f"/in/webhook/{system.id}",
        last=reception.last if reception else None,
        events=reception.events if reception else 0,
        refused=situation.refused[system.id],
        over=system.webhooks.lost.over,
        all=_lost(situation, system, None, now),
        clients=tuple(clients),
    )


def _lost(situation: Situation, system: System, client: ClientId | None, now: datetime) -> LostView:
    key = IndicatorKey(kind=IndicatorKind.WEBHOOKS_LOST, subject=system.id, client=client)
    known = situation.indicators.get(str(key))
    good, bad = known.tally.totals(now) if known else (0, 0)
    return LostView(client=client, lost=bad, total=good + bad)
