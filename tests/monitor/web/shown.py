"""An office whose clients have status pages: named services, looks of two days, maintenance, and addresses of pages."""

from dataclasses import replace
from datetime import timedelta

from alerts.maintenance import Party, Scope, Window, WindowId
from alerts.services import Service, StatusPages
from alerts.uptime import HourCount
from monitor.issuing import issue_page
from probes.catalog import ClientId, SystemId
from tests.monitor.web import statuspage_shapes, town
from tests.monitor.web.office import MemoryOffice

HOUR = timedelta(hours=1)
FIRST, SECOND = list(town.clients().values())[:2]
FEEDS = ("history.atom", "history.rss", "updates.atom", "updates.rss")
EVERYTHING = ("", *FEEDS, "maintenance.ics", *(f"api/v2/{name}.json" for name in statuspage_shapes.DOCUMENTS))
PAGES = StatusPages(
    name="Example Sync",
    services=(
        Service(id="invoices", name="Invoice sync", flows=frozenset({town.INVOICES})),
        Service(id="cards", name="Card payments", systems=frozenset({SystemId("gateway")})),
    ),
)


def window(name: str, start: timedelta) -> Window:
    return Window(
        id=WindowId(name),
        title="db-7.internal: vacuum",
        party=Party.US,
        scope=Scope(systems=frozenset({SystemId("gateway")})),
        zone="UTC",
        starts=town.NOW + start,
        ends=town.NOW + start + HOUR,
        updated=town.STARTED,
    )


def furnish(office: MemoryOffice) -> None:
    """Name the services, count looks of two days, and plan maintenance."""
    office.situation.config = replace(office.situation.config, pages=PAGES)
    first = town.NOW.replace(minute=0, second=0, microsecond=0) - 48 * HOUR
    office.store.hours = [
        HourCount(system=SystemId(name), hour=first + n * HOUR, good=60, bad=n == 3, unknown=2, excluded_bad=n == 5)
        for n in range(48)
        for name in ("billing", "gateway", "erp")
    ]
    for one in (window("coming", 2 * HOUR), window("now", -HOUR / 2), window("gone", -30 * HOUR)):
        office.situation.windows[one.id] = one


async def issued(office: MemoryOffice, client: ClientId = FIRST.id) -> str:
    """Return the path of a new address of a client's page."""
    key, _ = await office.decide(issue_page(client, "the service desk", "ana", town.NOW))
    return f"/status/{key}/"
