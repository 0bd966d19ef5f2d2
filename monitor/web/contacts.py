"""A client's contacts for programs: what is marked of each, and what people decide of it."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, Field

from alerts.contact_mark import ContactMark, Fault
from monitor.contacting import DECISIONS, Choice, UnknownContactError, mark
from monitor.web.api import MISSING, REFUSALS, WRITING
from monitor.web.guard import Desk, bearer_scheme
from monitor.web.lookup import NotFound
from monitor.web.measure import reference
from monitor.web.office import Office
from monitor.web.shapes import Listing, Person, Shape
from probes.catalog import ClientId

router = APIRouter(
    prefix="/api/v1/clients/{client}/contacts",
    tags=["clients"],
    responses={**REFUSALS, **MISSING},
    dependencies=[Depends(bearer_scheme)],
)


class ContactRequest(Shape):
    """Who decides it, and of which contact, by its name."""

    by: Person
    contact: Annotated[str, Field(min_length=1, max_length=500)]


class ContactMarkShape(Shape):
    """A contact and what is marked of it; `channel` is the reference to the address, never the address."""

    name: str
    channel: str
    narrowed: AwareDatetime | None
    narrowed_by: str
    fault: Fault | None
    reason: str
    failed: AwareDatetime | None
    failures: int
    cleared: AwareDatetime | None
    cleared_by: str


@router.get("")
async def index(desk: Desk, client: str) -> Listing[ContactMarkShape]:
    """List a client's contacts with what is marked of each."""
    known = desk.situation.config.catalog.clients.get(ClientId(client))
    if known is None:
        raise NotFound(f"there is no client {client}")
    return Listing(items=[_shape(mark(desk.situation, known.id, one)) for one in known.contacts])


@router.post("/{choice}", responses=dict(WRITING))
async def decide(desk: Desk, client: str, choice: Choice, said: ContactRequest) -> ContactMarkShape:
    """Clear a fault, narrow a contact down to what its contract owes, or widen it again."""
    return _shape(await decided(desk, ClientId(client), said.contact, choice, said.by))


async def decided(desk: Office, client: ClientId, contact: str, choice: Choice, by: str) -> ContactMark:
    """Return a contact's mark once somebody has decided something of it. Raises NotFound, or StoreUnwritable."""
    try:
        return await desk.decide(DECISIONS[choice](client, contact, by, desk.now()))
    except UnknownContactError as error:
        raise NotFound(str(error)) from None


def _shape(one: ContactMark) -> ContactMarkShape:
    return ContactMarkShape(
        name=one.contact,
        channel=reference(one.channel),
        narrowed=one.narrowed,
        narrowed_by=one.narrowed_by,
        fault=one.fault,
        reason=one.reason,
        failed=one.failed,
        failures=one.failures,
        cleared=one.cleared,
        cleared_by=one.cleared_by,
    )
