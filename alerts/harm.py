"""Whom alerts hurt: each client under the terms of its own contract, from its own instant."""

from collections.abc import Iterable
from datetime import datetime

from alerts.alert import HURTS_EVERYBODY, Alert, AlertState
from alerts.draft import Context, Draft
from alerts.impact import terms_of
from alerts.timeline import ClientsHurt, Hurt
from probes.catalog import Catalog, ClientId
from probes.contract_state import ContractState


def _hurt_by(alert: Alert, catalog: Catalog) -> Iterable[ClientId]:
    """Return whom an alert hurts: its client, or everybody on a system that is down. Not seeing hurts nobody."""
    if alert.state is not AlertState.FIRING:
        return ()
    if alert.key.client is not None:
        return (alert.key.client,) if alert.key.client in catalog.clients else ()
    if alert.clients:
        return sorted(alert.clients & catalog.clients.keys())
    if alert.system is None or alert.key.kind not in HURTS_EVERYBODY:
        return ()
    return (client.id for client in catalog.clients_of(alert.system))


def hurt(draft: Draft, alerts: Iterable[Alert], context: Context, now: datetime) -> None:
    """Add the clients that alerts newly hurt to an incident."""
    onsets: dict[ClientId, datetime] = {}
    for alert in alerts:
        for client in _hurt_by(alert, context.catalog):
            if context.quiet.contract(client, now).state is ContractState.TERMINATED:
                continue
            onsets[client] = min(alert.onset, onsets.get(client, alert.onset))
    catalog, known = context.catalog, draft.incident.impacts
    fresh = tuple(
        Hurt(terms=terms_of(catalog.clients[client], catalog.tier_of(client), now), onset=onset)
        for client, onset in onsets.items()
        if client not in known or known[client].recovered is not None
    )
    if fresh:
        draft.add(ClientsHurt(at=now, hurt=fresh))
