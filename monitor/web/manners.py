"""What clients were told of maintenance, and when their dunning was held, for programs: evidence for late fees."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from alerts.dunning import Call, DunningHold, Release
from alerts.foretold import Appointment, PlanState, appointments
from alerts.message import Stage
from monitor.situation import Situation
from monitor.web.api import MISSING, REFUSALS
from monitor.web.guard import Desk, bearer_scheme
from monitor.web.lookup import NotFound
from monitor.web.shapes import Listing, Shape
from probes.catalog import ClientId

router = APIRouter(
    prefix="/api/v1", responses={**REFUSALS, **MISSING}, dependencies=[Depends(bearer_scheme)], tags=["clients"]
)
MOST = 500


class SaidShape(Shape):
    """What one billing system was last told of a hold, and when it took that."""

    target: str
    call: Call
    sequence: int
    written: AwareDatetime
    accepted: AwareDatetime | None


class PaymentShape(Shape):
    """A failed payment, by its id in the system whose list shows it."""

    system: str
    id: str
    failed: AwareDatetime


class HoldShape(Shape):
    """The time for which a client's payment failures are held, and what fell into it.

    `affected` is since when the client is hurt, `recovered` when its own backlog had drained. Of `failed` payments the
    first thousand are listed.
    """

    hold: str
    client: str
    incidents: list[str]
    affected: AwareDatetime
    held: AwareDatetime
    expires: AwareDatetime
    released: AwareDatetime | None
    why: Release | None
    recovered: AwareDatetime | None
    failed: int
    payments: list[PaymentShape]
    told: list[SaidShape]


class ToldShape(Shape):
    """A stage that a client was told, and when the messages were written."""

    stage: Stage
    at: AwareDatetime


class AppointmentShape(Shape):
    """A span of maintenance as its client was told of it."""

    number: str
    sequence: int
    state: PlanState
    begins: AwareDatetime
    ends: AwareDatetime
    work: str
    overran: bool
    told: list[ToldShape]


@router.get("/dunning")
async def list_holds(desk: Desk, client: str = "", incident: str = "") -> Listing[HoldShape]:
    """Holds of dunning, those in force first, then the latest."""
    found = holds(desk.situation, client, incident)
    return Listing(items=[hold_shape(one) for one in found[:MOST]])


@router.get("/clients/{client}/maintenance")
async def list_appointments(
    desk: Desk, client: str, state: Annotated[list[PlanState] | None, Query()] = None
) -> Listing[AppointmentShape]:
    """What a client was told of maintenance, in the order of its beginnings."""
    if client not in desk.situation.config.catalog.clients:
        raise NotFound(f"there is no client {client}")
    found = told_of(desk.situation, client)
    return Listing(items=[appointment_shape(one) for one in found if state is None or one.state in state])


def told_of(situation: Situation, client: str) -> Sequence[Appointment]:
    """Return what a client was told of maintenance."""
    return appointments(situation.foretold.values(), ClientId(client))


def holds(situation: Situation, client: str = "", incident: str = "") -> Sequence[DunningHold]:
    """Return holds, perhaps of one client or one incident, those in force first, then the latest."""
    found = (one for one in situation.dunning.values() if client in ("", one.client))
    those = [one for one in found if not incident or incident in one.incidents]
    return sorted(those, key=lambda one: (one.open, one.since, one.key), reverse=True)


def hold_shape(hold: DunningHold) -> HoldShape:
    """Return a hold as it is shown."""
    return HoldShape(
        hold=hold.key,
        client=hold.client,
        incidents=list(hold.incidents),
        affected=hold.affected,
        held=hold.since,
        expires=hold.expires,
        released=hold.released,
        why=hold.why,
        recovered=hold.recovered,
        failed=hold.failed,
        payments=[PaymentShape(system=one.system, id=one.id, failed=one.at) for one in hold.payments],
        told=[
            SaidShape(target=name, call=one.call, sequence=one.sequence, written=one.at, accepted=one.accepted)
            for name, one in hold.said.items()
        ],
    )


def appointment_shape(one: Appointment) -> AppointmentShape:
    """Return a span of maintenance as it is shown."""
    return AppointmentShape(
        number=one.number,
        sequence=one.sequence,
        state=one.state,
        begins=one.begins,
        ends=one.ends,
        work=one.work,
        overran=one.overran,
        told=[ToldShape(stage=stage, at=at) for stage, at in one.told],
    )
