"""The page of reports: how long things took, by whatever one wants to know, and what clients' months come to."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from alerts.clocks import Promise
from alerts.month import months_so_far
from alerts.report import Dimension, Phase
from monitor.web.render import Page
from monitor.web.reports import found

router = APIRouter(include_in_schema=False)

SHOWN = 100
Written = Annotated[str, Query(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")]


@router.get("/reports")
async def show(page: Page, by: Annotated[Dimension, Query()] = Dimension.TIER, month: Written = "") -> Response:
    """Show the report."""
    situation = page.desk.situation
    months = list(months_so_far(situation.config.catalog, situation.incidents.values(), page.now))
    worst = sorted(months, key=lambda one: (-(one.used or 0), -one.breach_time, one.name))
    context = {
        "lines": await found(page.desk, by, month or None),
        "by": by,
        "dimensions": list(Dimension),
        "month": month,
        "phases": list(Phase),
        "promises": list(Promise),
        "months": worst[:SHOWN],
        "left": max(0, len(worst) - SHOWN),
    }
    return page.show("reports.html", context)
