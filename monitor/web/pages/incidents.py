"""The list of incidents, and the page of one: the sentence, the button, the timers, the story, who was told what."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import RedirectResponse, Response

from alerts.alert import IncidentId
from alerts.incident import Incident
from alerts.message import Delivery, MessageKind, MessageState
from alerts.oncall import PersonId
from alerts.severity import next_cutoff
from alerts.spent import Spent
from alerts.stake import stake
from monitor.store import Outgoing
from monitor.web import lookup
from monitor.web.manners import holds
from monitor.web.office import Office
from monitor.web.pages.entrance import remember
from monitor.web.render import Page, Sheet, runbook_named
from monitor.web.view.incidents import incident_view
from monitor.web.view.ladder import LENGTHS, rungs
from monitor.web.view.noticing import noticing
from monitor.web.view.people import everybody
from monitor.web.view.story import story
from probes.catalog import TierId

router = APIRouter(include_in_schema=False)

LISTED = 50
IMPACTS_SHOWN = 60
MESSAGES_SHOWN = 300
ASKED_ABOUT = 40
"""For so many messages of an incident at most the single attempts are read."""

By = Annotated[str, Form(min_length=1, max_length=100)]
Why = Annotated[str, Form(min_length=1, max_length=500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message with its attempts, newest first; without them where it went well at once."""

    row: Outgoing
    attempts: tuple[Delivery, ...] = ()

    @property
    def smooth(self) -> bool:
        """Whether it was accepted at the first attempt."""
        return self.row.state is MessageState.ACCEPTED and self.row.attempts == 1

    @property
    def quiet(self) -> bool:
        """Whether it is a notice that went well at once: of those only the number matters."""
        return self.smooth and self.row.message.kind is MessageKind.NOTICE


@router.get("/incidents")
async def index(page: Page, before: str | None = None) -> Response:
    """List the incidents, open ones first, the others newest first."""
    found = await lookup.incidents(page.desk, "all", IncidentId(before) if before else None, LISTED)
    views = [incident_view(one, page.now) for one in found]
    still = [] if before else [incident_view(one, page.now) for one in page.desk.situation.open_incidents]
    past = [view for view in views if not view.incident.open]
    older = found[-1].id if len(found) == LISTED else None
    return page.show("incidents.html", {"still": still, "past": past, "older": older})


@router.get("/incidents/{incident}")
async def show(page: Page, incident: str, impacts: int = IMPACTS_SHOWN) -> Response:
    """Show one incident."""
    one = await lookup.incident(page.desk, IncidentId(incident))
    entries = await page.desk.read(page.desk.store.timeline, one.id)
    view = incident_view(one, page.now)
    names = {client: impact.terms.name for client, impact in one.impacts.items()}
    context = {
        "view": view,
        "shown": view.impacts[: max(1, impacts)],
        "lines": story(entries, names),
        "rungs": rungs(one, (entry.event for entry in entries), page.desk.situation.board, page.now),
        "lengths": LENGTHS,
        "noticing": noticing(one, page.desk.situation),
        "told": await told(page.desk, one.id),
        "names": names,
        "spent": Spent(incidents=page.desk.situation.incidents, catalog=page.desk.situation.config.catalog).lines(
            one, page.now
        ),
        "cutoff": next_cutoff(one, page.desk.situation.config.catalog, page.now) if one.open else None,
        "runbook": runbook_named(view.runbook),
        "people": everybody(page.desk.situation.config.roster),
        "me": likely(page, one),
        "stake": stake(one, page.desk.situation.config.catalog, page.now),
        "tiers": _tiers(page),
        "holds": holds(page.desk.situation, incident=one.id)[:IMPACTS_SHOWN],
        "mergeable": [
            incident_view(other, page.now) for other in page.desk.situation.open_incidents if other is not one
        ],
    }
    return page.show("incident.html", context)


@router.post("/incidents/{incident}/acknowledge")
async def acknowledge(page: Page, incident: str, by: By) -> Response:
    """Take an incident, then show it."""
    one = await lookup.incident(page.desk, IncidentId(incident))
    await page.desk.acknowledge(one.id, by)
    return remember(page, by, RedirectResponse(f"/incidents/{one.id}", 303))


@router.post("/incidents/{incident}/resolve")
async def resolve(page: Page, incident: str, by: By, why: Why) -> Response:
    """End an incident by hand, then show it."""
    one = await lookup.incident(page.desk, IncidentId(incident))
    await page.desk.resolve(one.id, by, why)
    return remember(page, by, RedirectResponse(f"/incidents/{one.id}", 303))


def _tiers(page: Sheet) -> list[TierId]:
    """Return the tiers, the gravest first."""
    tiers = page.desk.situation.config.catalog.tiers.values()
    return [tier.id for tier in sorted(tiers, key=lambda tier: (-tier.weight, tier.id))]


def likely(page: Sheet, incident: Incident) -> PersonId | None:
    """Return who is probably reading: who they said they are, else who was paged last."""
    session = page.visitor.session
    if session is not None and session.person:
        return PersonId(session.person)
    return incident.paged[-1] if incident.paged else None


async def told(office: Office, incident: IncidentId) -> list[Told]:
    """Return an incident's messages, pages first, with the attempts of those that did not go well at once."""
    rows = await office.read(office.store.messages, incident, None, MESSAGES_SHOWN)
    rows = sorted(rows, key=lambda row: row.message.kind is not MessageKind.PAGE)
    found = [Told(row=row) for row in rows]
    rough = [one for one in found if one.row.attempts and not one.smooth]
    for one in rough[:ASKED_ABOUT]:
        attempts = await office.read(office.store.deliveries, one.row.message.key, ASKED_ABOUT)
        found[found.index(one)] = replace(one, attempts=tuple(attempts))
    return found
