"""The REST API of reports: how long it took to detect, acknowledge, tell and repair; what clients' months come to."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from alerts.clocks import Promise
from alerts.incident import Incident
from alerts.month import MonthSoFar, months_so_far
from alerts.report import Dimension, Figure, Line, Phase
from monitor.reporting import MOST_READ, READ_AT_ONCE, as_csv, lines_of, over
from monitor.web.api import REFUSALS
from monitor.web.guard import Desk, bearer_scheme
from monitor.web.office import Office
from monitor.web.shapes import Listing, Shape

router = APIRouter(
    prefix="/api/v1/reports", tags=["reports"], responses=dict(REFUSALS), dependencies=[Depends(bearer_scheme)]
)

Month = Annotated[str | None, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="Of UTC, like 2026-11.")]


class FigureShape(Shape):
    """A mean, at least and at most where the data leaves an interval, and the longest; of so many."""

    number: int
    least_seconds: float
    most_seconds: float
    longest_seconds: float


class KeptShape(Shape):
    """How many of so many promises were kept."""

    kept: int
    made: int


class LineShape(Shape):
    """What is reported of one tier, client, system, cause, owner or month. `clients` counts each in each incident."""

    name: str
    incidents: int
    clients: int
    times: dict[Phase, FigureShape]
    promises: dict[Promise, KeptShape]


class MonthShape(Shape):
    """What the present month has come to for a client. `credit` is the share of its price that is given back so far."""

    client: str
    name: str
    tier: str
    begins: AwareDatetime
    ends: AwareDatetime
    hurt_seconds: float
    availability: float
    breaches: int
    breach_seconds: float
    budget_seconds: float | None
    credit: float


@router.get("/mttr")
async def mttr(desk: Desk, by: Dimension | None = None, month: Month = None) -> Listing[LineShape]:
    """How long it took to detect, acknowledge, tell, mitigate and repair, and how many promises were kept."""
    return Listing(items=[_line(line) for line in await found(desk, by, month)])


@router.get("/mttr.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
async def mttr_csv(desk: Desk, by: Dimension | None = None, month: Month = None) -> Response:
    """The same as CSV."""
    return Response(as_csv(await found(desk, by, month)), media_type="text/csv; charset=utf-8")


@router.get("/months")
async def months(desk: Desk) -> Listing[MonthShape]:
    """What the present month has come to, for each client that an incident hurt in it."""
    situation = desk.situation
    found = months_so_far(situation.config.catalog, situation.incidents.values(), desk.now())
    return Listing(items=[_month(one) for one in found])


async def found(desk: Office, by: Dimension | None, month: str | None) -> tuple[Line, ...]:
    """Return the report on what is on record, newest incidents first, and no more of them than can be borne."""
    read: list[Incident] = []
    while len(read) < MOST_READ:
        page = await desk.read(desk.store.incidents, READ_AT_ONCE, read[-1].id if read else None)
        read += page
        if len(page) < READ_AT_ONCE or over(page, month):
            break
    return lines_of(read, by, month, desk.situation)


def _line(line: Line) -> LineShape:
    return LineShape(
        name=line.name,
        incidents=line.incidents,
        clients=line.cases,
        times={phase: _figure(figure) for phase, figure in line.figures.items()},
        promises={promise: KeptShape(kept=kept, made=made) for promise, (kept, made) in line.kept.items()},
    )


def _figure(figure: Figure) -> FigureShape:
    return FigureShape(
        number=figure.number,
        least_seconds=figure.least.total_seconds(),
        most_seconds=figure.most.total_seconds(),
        longest_seconds=figure.longest.total_seconds(),
    )


def _month(one: MonthSoFar) -> MonthShape:
    return MonthShape(
        client=one.client,
        name=one.name,
        tier=one.tier,
        begins=one.period.start,
        ends=one.period.end,
        hurt_seconds=one.hurt.total_seconds(),
        availability=one.availability,
        breaches=one.breaches,
        breach_seconds=one.breach_time.total_seconds(),
        budget_seconds=None if one.budget is None else one.budget.total_seconds(),
        credit=one.given.credit if one.given is not None else 0.0,
    )
