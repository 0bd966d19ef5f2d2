"""Where readers of notices choose what they are sent, by the key in the address (RFC 8058).

GET shows a page and changes nothing. A mail program posts `List-Unsubscribe=One-Click` by itself: that is done at once,
whoever asks for it, without a cookie, a redirect or a question. What the contract owes goes on, and the page says so.
"""

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import PlainTextResponse, Response

from alerts.contact_mark import ContactMark
from monitor.contacting import READER, mark, narrow, widen
from monitor.web.readers import Reader, reader_of
from monitor.web.render import Page, Sheet

router = APIRouter(include_in_schema=False)

ONE_CLICK = ("List-Unsubscribe", "One-Click")
CHOICES = {"owed": narrow, "all": widen}
DONE = "You are sent no more than your contract owes you.\n"


@router.get("/subscription/{key}")
async def show(page: Page, key: str) -> Response:
    """Show what a reader is sent, and what they may choose."""
    reader = _reader(page, key)
    return _shown(page, reader, mark(page.desk.situation, reader.client.id, reader.contact), chosen=False)


@router.post("/subscription/{key}")
async def choose(page: Page, request: Request, key: str) -> Response:
    """Do what a mail program asks with one click, or what a reader chose on the page."""
    reader = _reader(page, key)
    async with request.form(max_files=0, max_fields=4) as form:
        fields = [(name, str(value)) for name, value in form.multi_items()]
    if fields == [ONE_CLICK]:
        await page.desk.decide(narrow(reader.client.id, reader.contact.name, READER, page.now))
        return PlainTextResponse(DONE)
    choice = CHOICES.get(dict(fields).get("choice", ""))
    if choice is None:
        raise HTTPException(422, "send exactly List-Unsubscribe=One-Click, or choose on the page")
    known = await page.desk.decide(choice(reader.client.id, reader.contact.name, READER, page.now))
    return _shown(page, reader, known, chosen=True)


def _reader(page: Sheet, key: str) -> Reader:
    found = reader_of(page.desk.situation, page.desk.keys, key)
    if found is None:
        raise HTTPException(404, "there is no subscription at this address; it may have been taken off the list")
    return found


def _shown(page: Sheet, reader: Reader, known: ContactMark, *, chosen: bool) -> Response:
    return page.show("subscription.html", {"reader": reader, "mark": known, "chosen": chosen})
