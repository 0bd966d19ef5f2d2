"""The REST API of clients' status pages: who was given an address, a new one, and addresses made void.

An address is told once, in the answer to who asked for it: only a digest of its key is kept.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import AwareDatetime, BaseModel, Field

from alerts.page_key import PageKey, keys_of
from monitor.issuing import TooManyKeysError, UnknownPageError, issue_page, revoke_page
from monitor.web.access import Doors
from monitor.web.api import MISSING, REFUSALS, WRITING
from monitor.web.guard import Desk, bearer_scheme
from monitor.web.lookup import NotFound
from monitor.web.office import Office, Refused
from monitor.web.shapes import Listing, Shape
from probes.catalog import ClientId

Name = Annotated[str, Field(min_length=1, max_length=100)]
Note = Annotated[str, Field(max_length=200)]

router = APIRouter(
    prefix="/api/v1/clients/{client}/pages",
    tags=["clients"],
    responses={**REFUSALS, **MISSING},
    dependencies=[Depends(bearer_scheme)],
)


class IssueRequest(BaseModel):
    """Who issues an address, and to whom it is given."""

    by: Name
    note: Note = ""


class RevokeRequest(BaseModel):
    """Who makes it void."""

    by: Name


class PageKeyShape(Shape):
    """An address that was issued, without the address: that is told once only, to who asked for it."""

    id: str
    client: str
    created: AwareDatetime
    by: str
    note: str
    revoked: AwareDatetime | None
    revoked_by: str


class IssuedShape(PageKeyShape):
    """A new address."""

    address: str


def shaped(key: PageKey) -> PageKeyShape:
    """Return what is told of an address."""
    return PageKeyShape(
        id=key.id,
        client=key.client,
        created=key.created,
        by=key.by,
        note=key.note,
        revoked=key.revoked,
        revoked_by=key.revoked_by,
    )


def address_of(doors: Doors, key: str) -> str:
    """Return where the page of a key lies."""
    return f"{doors.address}/status/{key}/"


@router.get("")
async def list_keys(desk: Desk, client: str) -> Listing[PageKeyShape]:
    """The addresses that were issued of a client's page, those that open it first."""
    own = keys_of(ClientId(client), desk.situation.page_keys.values())
    if not own and client not in desk.situation.config.catalog.clients:
        raise NotFound(f"there is no client {client}")
    return Listing(items=[shaped(one) for one in own])


@router.post("", responses=dict(WRITING))
async def issue_key(desk: Desk, response: Response, client: str, said: IssueRequest) -> IssuedShape:
    """Issue an address of a client's page. It is told in this answer and never again."""
    response.headers["Cache-Control"] = "no-store"
    key, made = await issue(desk, client, said.note, said.by)
    return IssuedShape(**shaped(made).model_dump(), address=address_of(desk.doors, key))


@router.post("/revoke", responses=dict(WRITING))
async def revoke_all(desk: Desk, client: str, said: RevokeRequest) -> Listing[PageKeyShape]:
    """Make every address of a client's page void."""
    return Listing(items=[shaped(one) for one in await revoke(desk, client, None, said.by)])


@router.post("/{identity}/revoke", responses=dict(WRITING))
async def revoke_key(desk: Desk, client: str, identity: str, said: RevokeRequest) -> Listing[PageKeyShape]:
    """Make one address of a client's page void."""
    return Listing(items=[shaped(one) for one in await revoke(desk, client, identity, said.by)])


async def issue(desk: Office, client: str, note: str, by: str) -> tuple[str, PageKey]:
    """Issue a key. Raises NotFound, Refused, or StoreUnwritable."""
    try:
        return await desk.decide(issue_page(client, note, by, desk.now()))
    except UnknownPageError as error:
        raise NotFound(str(error)) from None
    except TooManyKeysError as error:
        raise Refused(str(error)) from None


async def revoke(desk: Office, client: str, identity: str | None, by: str) -> tuple[PageKey, ...]:
    """Revoke a key, or all of a client. Raises NotFound, or StoreUnwritable."""
    try:
        return await desk.decide(revoke_page(client, identity, by, desk.now()))
    except UnknownPageError as error:
        raise NotFound(str(error)) from None
