"""The connectors that ship, told in lines: how each is reached, what it lists, what its vendor tells of its limits."""

from collections.abc import Iterator

from monitor.load.connector import Connectors
from monitor.units import spelled
from probes.connector import Basis, Connector, Resource, Since


def listed() -> Iterator[str]:
    """Yield the lines, a few for each connector."""
    known = Connectors()
    for name in known.shipped():
        connector, _ = known.named(name)
        if connector is not None:
            yield from _told(connector)


def _told(connector: Connector) -> Iterator[str]:
    yield connector.name
    yield f"  address    {connector.base_url or 'the system names it (base_url)'}"
    yield f"  credential {connector.auth.kind}{', its refresh token rotates' if connector.auth.rotates else ''}"
    yield f"  limits     {_limits(connector)}; {_headroom(connector)}"
    if connector.status_page is not None:
        yield f"  status     {connector.status_page.url} ({connector.status_page.kind})"
    for resource in connector.resources.values():
        yield f"    {resource.name}: {_list(resource)}"


def _limits(connector: Connector) -> str:
    windows = [f"{window.limit} per {spelled(window.period)}" for window in connector.limits]
    at_once = [f"{connector.concurrent} at once"] if connector.concurrent else []
    return ", ".join((*windows, *at_once)) or "none are published"


def _headroom(connector: Connector) -> str:
    return "answers tell what is left" if connector.quota_headers else "what is left is unknown"


def _list(resource: Resource) -> str:
    kinds = dict.fromkeys(way.kind for way in resource.failures)
    failing = f"; tells {', '.join(kinds)}" if kinds else ""
    told = (resource.pagination.kind, *(_asked(resource.since) if resource.since is not None else ()))
    return f"{resource.path or 'by webhooks only'} ({', '.join(told)}){failing}"


def _asked(since: Since) -> Iterator[str]:
    yield f"by {'update' if since.on is Basis.UPDATED else 'creation'}"
    if since.lag:
        yield f"shown up to {spelled(since.lag)} late"
    if since.rescan is not None:
        yield f"read {spelled(since.rescan.back)} back every {spelled(since.rescan.every)}"
