"""The REST API of escalations: the ladder of an incident, taking one for a while, and pausing."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, Field, model_validator

from alerts.alert import IncidentId
from alerts.escalation import PageReason
from alerts.ladder import Rung, RungState, ladder
from alerts.wording import local
from monitor.stepping import pause, take
from monitor.web import lookup
from monitor.web.api import MISSING, REFUSALS, WRITING
from monitor.web.guard import Desk, bearer_scheme
from monitor.web.office import Office
from monitor.web.shapes import Instant, Listing, Person, Reason, Shape

router = APIRouter(
    prefix="/api/v1", tags=["incidents"], responses=dict(REFUSALS), dependencies=[Depends(bearer_scheme)]
)

WEEK = timedelta(days=7)
Seconds = Annotated[float, Field(gt=0, le=WEEK.total_seconds())]


class HoldRequest(Shape):
    """Somebody takes an incident for so long; after that it goes on, unless something has moved."""

    by: Person
    for_seconds: Seconds


class PauseRequest(Shape):
    """Somebody puts the next step off, until an instant or for so long, and says why."""

    by: Person
    why: Reason
    until: Instant | None = None
    for_seconds: Seconds | None = None

    @model_validator(mode="after")
    def _one_end(self) -> "PauseRequest":
        if (self.until is None) == (self.for_seconds is None):
            raise ValueError("give either until or for_seconds")
        return self

    def end(self, now: datetime) -> datetime:
        """Return when the pause is over."""
        return self.until if self.until is not None else now + timedelta(seconds=self.for_seconds or 0)


class RungShape(Shape):
    """A step of an escalation that was taken, comes next, or comes later if nobody does anything.

    `local` is its instant in each zone of those whom it reaches.
    """

    state: RungState
    at: AwareDatetime
    people: list[str]
    reason: PageReason
    local: list[str]


class StandingShape(Shape):
    """Who has an incident, until when; and until when its escalation is paused."""

    id: str
    held_by: str | None
    held_until: AwareDatetime | None
    paused_until: AwareDatetime | None
    next_page: AwareDatetime | None
    headline: str


@router.get("/incidents/{incident}/ladder", responses=dict(MISSING))
async def read_ladder(desk: Desk, incident: str) -> Listing[RungShape]:
    """The steps of an incident's escalation: taken, next, later, in this order."""
    return Listing(items=[_shape(rung) for rung in await rungs(desk, IncidentId(incident))])


@router.post("/incidents/{incident}/hold", responses={**MISSING, **WRITING})
async def hold(desk: Desk, incident: str, said: HoldRequest) -> StandingShape:
    """Take an incident for a while: when that runs out and nothing has moved, the next step pages."""
    identity, now = (await lookup.incident(desk, IncidentId(incident))).id, desk.now()
    await desk.decide(take(identity, said.by, now + timedelta(seconds=said.for_seconds), now))
    return await _standing(desk, identity)


@router.post("/incidents/{incident}/pause", responses={**MISSING, **WRITING})
async def put_off(desk: Desk, incident: str, said: PauseRequest) -> StandingShape:
    """Pause an escalation; what gets worse than it is now pages all the same."""
    identity, now = (await lookup.incident(desk, IncidentId(incident))).id, desk.now()
    await desk.decide(pause(identity, said.by, said.end(now), said.why, now))
    return await _standing(desk, identity)


async def rungs(desk: Office, incident: IncidentId) -> tuple[Rung, ...]:
    """Return the ladder of an incident; raises NotFound where there is none of this name."""
    one = await lookup.incident(desk, incident)
    entries = await desk.read(desk.store.timeline, one.id)
    return ladder(one, (entry.event for entry in entries), desk.situation.board, desk.now())


async def _standing(desk: Office, incident: IncidentId) -> StandingShape:
    one = await lookup.incident(desk, incident)
    held = one.acknowledged_by if one.held else None
    until = one.standing.held_until if one.held else None
    return StandingShape(
        id=one.id,
        held_by=held,
        held_until=until,
        paused_until=one.standing.paused_until,
        next_page=one.next_due,
        headline=_told(one.id, held, until, one.standing.paused_until),
    )


def _told(incident: str, held: str | None, until: datetime | None, paused: datetime | None) -> str:
    if paused is not None:
        return f"{incident} is paused until {paused:%Y-%m-%d %H:%M} UTC"
    ends = f" until {until:%Y-%m-%d %H:%M} UTC" if until is not None else ""
    return f"{incident} is {held}'s{ends}" if held is not None else f"{incident} is nobody's"


def _shape(rung: Rung) -> RungShape:
    return RungShape(
        state=rung.state,
        at=rung.at,
        people=list(rung.people),
        reason=rung.reason,
        local=[local(rung.at, zone) for zone in rung.zones],
    )
