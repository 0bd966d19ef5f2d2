"""The signed links of pages: what a link does is shown by GET, which changes nothing, and done by POST.

Programs that look at links before people do follow them with GET. Nobody is signed in here: the link is the key.
"""

from fastapi import APIRouter
from starlette.responses import Response

from alerts.incident import Incident
from monitor.web.answers import Answer, answer_of
from monitor.web.office import Refused
from monitor.web.render import Page, Sheet

router = APIRouter(include_in_schema=False)

GONE, NOT_OURS = 410, 404


@router.get("/answer/{token}")
async def show(page: Page, token: str) -> Response:
    """Show what a link does."""
    return _shown(page, token, answer_of(page.desk.keys, token), done=False)


@router.post("/answer/{token}")
async def take(page: Page, token: str) -> Response:
    """Take the incident for the link's reader; where that is no longer to be done, say so."""
    answer = answer_of(page.desk.keys, token)
    if answer is None or _refusal(page, answer):
        return _shown(page, token, answer, done=False)
    try:
        await page.desk.acknowledge(answer.incident, answer.person)
    except Refused:
        # It ended between the look and the word.
        return _shown(page, token, answer, done=False)
    return _shown(page, token, answer, done=True)


def _shown(page: Sheet, token: str, answer: Answer | None, *, done: bool) -> Response:
    incident = _incident(page, answer)
    refusal = _refusal(page, answer)
    context = {
        "answer": answer,
        "incident": incident,
        "refusal": "" if done else refusal,
        "done": done,
        "address": f"/answer/{token}",
    }
    status = 200 if done or not refusal else NOT_OURS if answer is None else GONE
    return page.show("answer.html", context, status)


def _incident(page: Sheet, answer: Answer | None) -> Incident | None:
    return page.desk.situation.incidents.get(answer.incident) if answer is not None else None


def _refusal(page: Sheet, answer: Answer | None) -> str:
    """Return why a link does nothing any more, empty where it does."""
    if answer is None:
        return "This link is none of ours, or the key with which it was signed has been changed since"
    if page.now >= answer.until:
        return "This link has expired"
    if answer.person not in page.desk.situation.config.roster.people:
        return f"{answer.person} is no longer configured"
    incident = _incident(page, answer)
    if incident is not None and incident.merged is not None:
        return f"{answer.incident} is part of {incident.merged} now, which goes on under that number"
    if incident is None or not incident.open:
        return f"{answer.incident} is over"
    if incident.held and incident.acknowledged_by == answer.person:
        return f"{answer.person} has {answer.incident} already: this link has done its work"
    return ""
