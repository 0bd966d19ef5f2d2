"""The pages of the communications team: drafts with the time that is left, one draft with its preview, its buttons."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from alerts.merging import CannotBeDone, Saying
from alerts.message import Stage
from alerts.notice import own_text
from alerts.notice_draft import NoticeDraft, OwnText
from monitor.consenting import Answer, Decision, approve_draft, edit_draft, refuse_draft, retract, tell_stage, upcoming
from monitor.web.notices import LONGEST, done, known_draft, links, may_approve, previewed
from monitor.web.office import Refused
from monitor.web.pages.entrance import remember
from monitor.web.pages.incidents import By, Why
from monitor.web.render import Page, Sheet
from monitor.web.view.people import everybody

router = APIRouter(include_in_schema=False)

LISTED = 50
TEXTS_SHOWN = 12
RECIPIENTS_SHOWN = 300

Field = Annotated[str, Form(max_length=500)]
Body = Annotated[str, Form(max_length=LONGEST)]


@router.get("/notices")
async def index(page: Page) -> Response:
    """List what waits for somebody, the soonest due first, and what became of earlier drafts."""
    drafts = sorted(page.desk.situation.notice_drafts.values(), key=lambda one: upcoming(one, page.now))
    waiting = [one for one in drafts if one.waiting]
    past = [one for one in drafts if not one.waiting][:LISTED]
    return page.show("notices.html", {"waiting": waiting, "past": past})


@router.get("/notices/{draft}")
async def show(page: Page, draft: str) -> Response:
    """Show a draft: what it is for, exactly whom it reaches and with which words, and what can be done."""
    return _show(page, known_draft(page.desk, draft))


@router.post("/notices/{draft}/approve")
async def approve(page: Page, draft: str, by: By, seen: Field = "", why: Field = "") -> Response:
    """Approve a draft as it was shown; it is sent where that is enough."""
    return await _act(page, draft, by, approve_draft(draft, seen, _saying(page, by, why), links(page.desk)))


@router.post("/notices/{draft}/refuse")
async def refuse(page: Page, draft: str, by: By, why: Why) -> Response:
    """Refuse a draft."""
    return await _act(page, draft, by, refuse_draft(draft, _saying(page, by, why), links(page.desk)))


@router.post("/notices/{draft}/text")
async def edit(  # noqa: PLR0913, PLR0917 - the fields of a form
    page: Page, draft: str, by: By, language: Field = "", subject: Field = "", body: Body = ""
) -> Response:
    """Put a text by hand in the place of ours."""
    own = {language.strip(): OwnText(subject=subject.strip(), body=body.replace("\r\n", "\n").strip())}
    return await _act(page, draft, by, edit_draft(draft, own, _saying(page, by, ""), links(page.desk)))


@router.post("/incidents/{incident}/stage")
async def say(page: Page, incident: str, by: By, stage: Annotated[Stage, Form()], why: Field = "") -> Response:
    """Say how far an incident has come, then show it."""
    await page.desk.decide(tell_stage(incident, stage, _saying(page, by, why), links(page.desk)))
    return remember(page, by, RedirectResponse(f"/incidents/{incident}#notices", 303))


@router.post("/incidents/{incident}/retract")
async def take_back(page: Page, incident: str, by: By, why: Why) -> Response:
    """End an incident as a false alarm, then show it."""
    await page.desk.decide(retract(incident, _saying(page, by, why), links(page.desk)))
    return remember(page, by, RedirectResponse(f"/incidents/{incident}#told", 303))


def _saying(page: Sheet, by: str, why: str) -> Saying:
    return Saying(why=why, at=page.now, by=by)


async def _act(page: Sheet, draft: str, by: str, decision: Decision[Answer]) -> Response:
    try:
        await done(page.desk, decision)
    except (Refused, CannotBeDone) as error:
        return remember(page, by, _show(page, known_draft(page.desk, draft), str(error)))
    return remember(page, by, RedirectResponse(f"/notices/{draft}", 303))


def _show(page: Sheet, one: NoticeDraft, wrong: str = "") -> Response:
    session, situation = page.visitor.session, page.desk.situation
    known = one.incident in situation.incidents
    preview = previewed(page.desk, one) if known and one.holds else None
    languages = sorted({each.language for each in preview.recipients}) if preview is not None else []
    context = {
        "draft": one,
        "preview": preview,
        "shown": preview.recipients[:RECIPIENTS_SHOWN] if preview is not None else (),
        "texts": preview.texts[:TEXTS_SHOWN] if preview is not None else (),
        "languages": languages,
        "own": own_text(one.own, languages[0]) if languages else None,
        "allowed": may_approve(page.desk, one),
        "people": everybody(situation.config.roster),
        "me": session.person if session is not None else "",
        "wrong": wrong,
    }
    return page.show("notice.html", context, 409 if wrong else 200)
