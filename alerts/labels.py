"""The labels of an alert of ours: what matchers are held against.

`alertname` is the kind as Prometheus would spell it (`SyncLatency`), `kind` as it is spelt here (`sync_latency`), and
`severity` is its urgency (`page`, `ticket`). What an alert is about stands in `system`, `vendor`, `region`, `flow`,
`source`, `destination`, `client` and `tier`, as far as it is about one; `subject` is what its key names. An alert that
hurts several clients has their labels added one by one (`with_client`).
"""

from collections.abc import Mapping
from functools import lru_cache

from alerts.alert import Alert, AlertKind
from probes.catalog import Catalog, ClientId


@lru_cache
def name_of(kind: AlertKind) -> str:
    """Return the name of a kind of alert as Prometheus' rules are named."""
    return "".join(word.capitalize() for word in kind.split("_"))


def labels_of(alert: Alert, catalog: Catalog) -> Mapping[str, str]:
    """Return the labels of an alert; none is empty. One of others has those that it was reported with."""
    if alert.labels:
        return dict(alert.labels)
    found = {
        "alertname": name_of(alert.key.kind),
        "kind": str(alert.key.kind),
        "severity": str(alert.urgency),
        "subject": alert.key.subject,
        **_of_system(alert, catalog),
        **_of_flow(alert, catalog),
    }
    return found if alert.key.client is None else with_client(found, alert.key.client, catalog)


def with_client(labels: Mapping[str, str], client: ClientId, catalog: Catalog) -> Mapping[str, str]:
    """Return labels of an alert as they are for one of the clients that it hurts."""
    known = catalog.clients.get(client)
    return {**labels, "client": client, **({"tier": known.tier} if known is not None else {})}


def _of_system(alert: Alert, catalog: Catalog) -> Mapping[str, str]:
    if alert.system is None:
        return {}
    system = catalog.systems.get(alert.system)
    if system is None:
        return {"system": alert.system}
    where = {"region": system.region} if system.region else {}
    return {"system": alert.system, "vendor": system.vendor_name, **where}


def _of_flow(alert: Alert, catalog: Catalog) -> Mapping[str, str]:
    if alert.flow is None:
        return {}
    flow = catalog.flows.get(alert.flow)
    ends = {"source": flow.source.system, "destination": flow.destination.system} if flow is not None else {}
    return {"flow": alert.flow, **ends}
