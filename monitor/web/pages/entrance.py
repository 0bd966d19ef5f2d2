"""The entrance: the one-time link that signs a browser in, and the way out."""

from dataclasses import replace

from fastapi import APIRouter, HTTPException
from starlette.responses import RedirectResponse, Response

from monitor.web.access import SESSION_LASTS, Session
from monitor.web.office import Office
from monitor.web.render import Page, Sheet

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
async def sign_in(page: Page, code: str = "") -> Response:
    """Use a sign-in link up and show the first page; a browser that is signed in already just goes on.

    Raises:
        HTTPException: 403 where the link has been used, or never was one.
    """
    if page.visitor.session is not None:
        return RedirectResponse("/", 303)
    session = page.desk.keys.redeem(code, page.now)
    if session is None:
        raise HTTPException(403, "this sign-in link has been used, or is from before a restart; ask for a new one")
    return with_session(page.desk, session, RedirectResponse("/", 303))


@router.post("/sign-out")
async def sign_out(page: Page) -> Response:
    """Forget the session in this browser."""
    response = RedirectResponse("/", 303)
    response.delete_cookie(page.desk.doors.cookie, secure=page.desk.doors.secure, httponly=True, samesite="strict")
    return response


def with_session(office: Office, session: Session, response: Response) -> Response:
    """Return the response with the session's cookie."""
    response.set_cookie(
        office.doors.cookie,
        office.keys.sealed(session),
        max_age=int(SESSION_LASTS.total_seconds()),
        secure=office.doors.secure,
        httponly=True,
        samesite="strict",
    )
    return response


def remember(page: Sheet, person: str, response: Response) -> Response:
    """Return the response so that this browser remembers who its reader said they are."""
    session = page.visitor.session
    return with_session(page.desk, replace(session, person=person), response) if session else response
