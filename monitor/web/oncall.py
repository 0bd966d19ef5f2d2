"""The REST API of who is on call: overrides and swaps, gaps, and the calendars that people subscribe to.

A calendar's address shows a key of its own; it is let in by `guard` without any other.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, Field
from starlette.responses import Response

from alerts.ical import calendar, tag_of
from alerts.override import Override
from alerts.posting import PostingError, SwapTurn, Wish
from alerts.rotation import PersonId
from monitor.duty import UnknownOverrideError, cancel_override, post_override, post_swap, revoke_calendar
from monitor.web.api import MISSING, REFUSALS, WRITING
from monitor.web.guard import Caller, Desk, bearer_scheme
from monitor.web.lookup import NotFound
from monitor.web.office import Office, Refused
from monitor.web.shapes import Instant, Listing, Shape
from monitor.web.subscription import address_of, subject_of, subjects

Name = Annotated[str, Field(min_length=1, max_length=100)]
Words = Annotated[str, Field(max_length=500)]

router = APIRouter(
    prefix="/api/v1/oncall", tags=["telling"], responses=dict(REFUSALS), dependencies=[Depends(bearer_scheme)]
)
calendars = APIRouter(include_in_schema=False)


class OverrideRequest(BaseModel):
    """Who is on call instead, from when to when. Without `instead_of` everybody's place is taken."""

    schedule: Name
    start: Instant
    end: Instant
    person: Name | None = None
    instead_of: Name | None = None
    by: Name
    why: Words = ""


class SwapTurnRequest(BaseModel):
    """One of the two turns of a swap."""

    person: Name
    start: Instant
    end: Instant


class SwapRequest(BaseModel):
    """Two turns of one schedule whose people take each other's."""

    schedule: Name
    turns: tuple[SwapTurnRequest, SwapTurnRequest]
    by: Name
    why: Words = ""


class CancelRequest(BaseModel):
    """Who cancels it."""

    by: Name


class OverrideShape(Shape):
    """One override. Both halves of a swap have the same `swap`."""

    id: str
    schedule: str
    start: AwareDatetime
    end: AwareDatetime
    person: str | None
    instead_of: str | None
    by: str
    why: str
    created: AwareDatetime
    swap: str
    cancelled: AwareDatetime | None


class GapShape(Shape):
    """A stretch with nobody on call in the hours of some contracts; its pages go to the catch-all."""

    schedule: str
    start: AwareDatetime
    end: AwareDatetime
    tiers: list[str]
    clients: list[str]
    promised: bool


class CalendarShape(Shape):
    """Where the calendar of a person or of a schedule lies; whoever knows the address can read it."""

    subject: str
    address: str


def shaped(one: Override) -> OverrideShape:
    """Return an override as it is told."""
    return OverrideShape(
        id=one.id,
        schedule=one.schedule,
        start=one.start,
        end=one.end,
        person=one.person,
        instead_of=one.instead_of,
        by=one.by,
        why=one.why,
        created=one.created,
        swap=one.swap,
        cancelled=one.cancelled,
    )


@router.get("/overrides")
async def list_overrides(desk: Desk) -> Listing[OverrideShape]:
    """Every override that is kept, those to come and in force first, cancelled ones too."""
    found = sorted(desk.situation.overrides.values(), key=lambda one: one.end, reverse=True)
    return Listing(items=[shaped(one) for one in found])


@router.post("/overrides", responses=dict(WRITING))
async def add_override(desk: Desk, said: OverrideRequest) -> OverrideShape:
    """Post an override: from when to when somebody else is on call."""
    wish = Wish(
        schedule=said.schedule,
        start=said.start,
        end=said.end,
        person=PersonId(said.person) if said.person else None,
        instead_of=PersonId(said.instead_of) if said.instead_of else None,
        by=said.by,
        why=said.why,
    )
    return shaped(await override(desk, wish))


@router.post("/overrides/{identity}/cancel", responses={**MISSING, **WRITING})
async def end_override(desk: Desk, identity: str, said: CancelRequest) -> OverrideShape:
    """Cancel an override, and with it the other half of a swap."""
    return shaped(await cancel(desk, identity, said.by))


@router.post("/swaps", responses=dict(WRITING))
async def add_swap(desk: Desk, said: SwapRequest) -> OverrideShape:
    """Swap two turns: each is taken by the person of the other."""
    turns = tuple(SwapTurn(person=PersonId(one.person), start=one.start, end=one.end) for one in said.turns)
    return shaped(await swap(desk, said.schedule, (turns[0], turns[1]), said.by, said.why))


@router.get("/gaps")
async def list_gaps(desk: Desk) -> Listing[GapShape]:
    """Where nobody is on call in contract hours of the coming 12 months."""
    now = desk.now()
    found = (gap for gap in desk.situation.gaps if gap.end > now)
    return Listing(
        items=[
            GapShape(
                schedule=gap.schedule,
                start=gap.start,
                end=gap.end,
                tiers=list(gap.tiers),
                clients=list(gap.clients),
                promised=gap.promised,
            )
            for gap in found
        ]
    )


@router.get("/calendars", responses=dict(WRITING))
async def list_calendars(desk: Desk, visitor: Caller) -> Listing[CalendarShape]:
    """Where the calendars of people and schedules lie. Told to who shows a key only."""
    if not visitor.known:
        raise Refused("an address opens a calendar: show the bearer token, or sign in")
    situation = desk.situation
    found = ((one, address_of(situation, desk.keys, desk.doors, one)) for one in subjects(situation))
    return Listing(items=[CalendarShape(subject=str(one), address=address) for one, address in found])


@router.post("/calendars/{subject}/revoke", responses={**MISSING, **WRITING})
async def revoke(desk: Desk, subject: str, said: CancelRequest) -> CalendarShape:
    """Make a calendar's address void, and return the new one."""
    found = next((one for one in subjects(desk.situation) if str(one) == subject), None)
    if found is None:
        raise NotFound(f"there is no calendar of {subject}; write it like person:ID or schedule:NAME")
    await desk.decide(revoke_calendar(subject, said.by, desk.now()))
    return CalendarShape(subject=subject, address=address_of(desk.situation, desk.keys, desk.doors, found))


async def override(desk: Office, wish: Wish) -> Override:
    """Post an override. Raises Refused, or StoreUnwritable."""
    try:
        return await desk.decide(post_override(wish, desk.now()))
    except PostingError as error:
        raise Refused(str(error)) from None


async def swap(desk: Office, schedule: str, turns: tuple[SwapTurn, SwapTurn], by: str, why: str) -> Override:
    """Swap two turns. Raises Refused, or StoreUnwritable."""
    try:
        return await desk.decide(post_swap(schedule, turns, by, why, desk.now()))
    except PostingError as error:
        raise Refused(str(error)) from None


async def cancel(desk: Office, identity: str, by: str) -> Override:
    """Cancel an override. Raises NotFound, or StoreUnwritable."""
    try:
        return await desk.decide(cancel_override(identity, by, desk.now()))
    except UnknownOverrideError as error:
        raise NotFound(str(error)) from None


@calendars.get("/calendar/{name}")
async def read_calendar(desk: Desk, request: Request, name: str) -> Response:
    """Return the calendar of whom an address was made for; any other address is answered as if there were nothing."""
    subject = subject_of(desk.situation, desk.keys, name.removesuffix(".ics"))
    if subject is None:
        raise NotFound("there is no calendar at this address; it may have been revoked")
    text = calendar(f"On call: {subject.name}", subject.events(desk.situation), f"{desk.doors.address}/oncall")
    headers = {"ETag": tag_of(text), "Cache-Control": "private, max-age=300"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)
