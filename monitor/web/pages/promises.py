"""The page of one client's promises in an incident: how each came to its figure, and what can be said of its clocks."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from alerts.clocks import PauseCause, Promise
from alerts.merging import CannotBeDone
from monitor.web.pages.entrance import remember
from monitor.web.pages.incidents import likely
from monitor.web.promises import ClockOrder, ClockRequest, decision_of, reckoned
from monitor.web.render import Page
from monitor.web.view.clocked import CAUSES
from monitor.web.view.incidents import TIMER_SIGNS, TIMER_TONES, TIMER_WORDS
from monitor.web.view.people import everybody
from probes.catalog import ClientId

router = APIRouter(include_in_schema=False)

By = Annotated[str, Form(min_length=1, max_length=100)]
Why = Annotated[str, Form(min_length=1, max_length=500)]
SAID = (PauseCause.CLIENTS_TURN, PauseCause.MAINTENANCE, PauseCause.VENDOR_CAUSED)
"""The causes that a person may name: how a contract stands is configured."""


@router.get("/incidents/{incident}/promises/{client}")
async def show(page: Page, incident: str, client: str) -> Response:
    """Show how each promise to a client of an incident came to its figure."""
    one, found = await reckoned(page.desk, incident, client)
    impact = one.impacts[ClientId(client)]
    context = {
        "incident": one,
        "impact": impact,
        "accounts": found,
        "tones": TIMER_TONES,
        "signs": TIMER_SIGNS,
        "words": TIMER_WORDS,
        "causes": {cause: CAUSES[cause] for cause in SAID},
        "held": [pause for pause in impact.clocks.pauses if pause.live],
        "resumable": [pause for pause in impact.clocks.pauses if pause.live and pause.by is not None and not pause.key],
        "promises": [account.timer.promise for account in found if account.timer.stopped is None],
        "people": everybody(page.desk.situation.config.roster),
        "me": likely(page, one),
    }
    return page.show("promises.html", context)


@router.post("/incidents/{incident}/promises/{client}")
async def say(  # noqa: PLR0913, PLR0917 - the fields of a form
    page: Page,
    incident: str,
    client: str,
    order: Annotated[ClockOrder, Form()],
    by: By,
    why: Why,
    cause: Annotated[PauseCause, Form()] = PauseCause.CLIENTS_TURN,
    at: Annotated[str, Form(max_length=40)] = "",
    promise: Annotated[Promise | None, Form()] = None,
) -> Response:
    """Say something of this client's clocks, then show them."""
    one, _ = await reckoned(page.desk, incident, client)
    said = ClockRequest(
        order=order, by=by, why=why, clients=[client], cause=cause, at=_instant(at) if at else None, promise=promise
    )
    await page.desk.decide(decision_of(one, said, page.desk))
    return remember(page, by, RedirectResponse(f"/incidents/{one.id}/promises/{client}", 303))


def _instant(written: str) -> datetime:
    """Return an instant that was written in UTC, with or without saying so."""
    try:
        at = datetime.fromisoformat(written.strip())
    except ValueError:
        raise CannotBeDone("write the instant like 2026-11-29 08:30, in UTC") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
