"""What is watched: the systems and the flows, and the page of each."""

from fastapi import APIRouter
from starlette.responses import Response

from monitor.web.lookup import NotFound
from monitor.web.render import Page
from monitor.web.view import flows, heartbeats, systems
from monitor.web.view.endings import hops_of
from monitor.web.view.upkeep import upkeep
from monitor.web.view.windows import windows
from probes.catalog import FlowId, SystemId

router = APIRouter(include_in_schema=False)

STANDINGS_SHOWN = 100


@router.get("/systems")
async def list_systems(page: Page) -> Response:
    """List the systems with their looks and quotas."""
    return page.show("systems.html", {"systems": systems.systems(page.desk.situation, page.now)})


@router.get("/systems/{system}")
async def show_system(page: Page, system: str) -> Response:
    """Show one system."""
    catalog = page.desk.situation.config.catalog
    if system not in catalog.systems:
        raise NotFound(f"there is no system {system}; it may have left the configuration")
    view = systems.system(page.desk.situation, SystemId(system), page.now)
    touching = [flows.flow(page.desk.situation, flow.id, page.now) for flow in catalog.flows_of(SystemId(system))]
    kept = upkeep(page.desk.situation, SystemId(system))
    return page.show("system.html", {"view": view, "flows": touching, "upkeep": kept})


@router.get("/flows")
async def list_flows(page: Page) -> Response:
    """List the flows with their latency and what is on its way."""
    return page.show("flows.html", {"flows": flows.flows(page.desk.situation, page.now)})


@router.get("/flows/{flow}")
async def show_flow(page: Page, flow: str, shown: int = STANDINGS_SHOWN) -> Response:
    """Show one flow."""
    # Where a way of several hops is named, its first hop shows all of them.
    flow = next((hop.id for hop in hops_of(page.desk.situation, FlowId(flow))), flow)
    if flow not in page.desk.situation.config.catalog.flows:
        raise NotFound(f"there is no flow {flow}; it may have left the configuration")
    view = flows.flow(page.desk.situation, FlowId(flow), page.now)
    runs = heartbeats.heartbeats(page.desk.situation, page.now, FlowId(flow))
    due = windows(page.desk.situation, FlowId(flow), page.now)
    return page.show("flow.html", {"view": view, "shown": max(1, shown), "heartbeats": runs, "windows": due})
