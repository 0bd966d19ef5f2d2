"""A system's page shows what has to be kept up, and how its lists behave."""

from datetime import datetime, timedelta

import httpx

from probes.catalog import ProbeId, SystemId
from probes.certificate import Certificate
from probes.clock import Skew
from probes.connector import RefusalKind
from probes.detect import Evidence
from probes.feed import Feed, Habit
from probes.fingerprint import Fingerprint, Trait
from probes.upkeep import Refusals, Upkeep
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.test_pages import text_of

ERP = SystemId("erp")
DAY = timedelta(days=1)
INVOICES: ProbeId = town.sight("erp", "invoices").probe.id


def ailing() -> Upkeep:
    """Return what is known of a system of which everything ends soon or is wrong already."""
    refused = Evidence(suspicion=20, first_bad=town.NOW, last_bad=town.NOW)
    return Upkeep(
        system=ERP,
        refusals={"invoices": Refusals(kind=RefusalKind.MISSING_SCOPE, evidence=refused)},
        certificate=Certificate(leaf=town.NOW + 9 * DAY, earliest=town.NOW + 2 * DAY, life=90 * DAY, trusted=False),
        clock=Skew(offset=timedelta(seconds=-42), bound=timedelta(seconds=0.6)),
        expires=town.NOW + 12 * DAY,
    )


async def test_ends_clock_and_refusals_stand_on_the_systems_page(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    office.situation.upkeep[ERP] = ailing()
    said = await text_of(browser, "/systems/erp")
    for told in ("invoices missing scope", "12 d 0 h left", "9 d 0 h left", "one above it", "not trusted", "-42.0 s"):
        assert told in said


async def test_programs_are_told_the_same(office: MemoryOffice, stranger: httpx.AsyncClient) -> None:
    office.situation.upkeep[ERP] = ailing()
    office.situation.sights[INVOICES].throttled_since = town.NOW
    said = (await stranger.get("/api/v1/systems/erp")).json()
    assert said["credential"]["refused_for"] == {"invoices": "missing_scope"}
    assert said["credential"]["ends"] == written(town.NOW + 12 * DAY)
    ends = {"ends": written(town.NOW + 9 * DAY), "earliest_ends": written(town.NOW + 2 * DAY), "trusted": False}
    assert said["certificate"] == ends
    assert said["clock"] == {"ahead_seconds": -42, "bound_seconds": 0.6}
    (look,) = (one for one in said["looks"] if one["probe"] == INVOICES)
    assert look["throttled_since"] == written(town.NOW)


def written(at: datetime) -> str:
    """Return an instant as the API writes it."""
    return at.isoformat().replace("+00:00", "Z")


async def test_where_nothing_is_known_the_page_says_so(browser: httpx.AsyncClient) -> None:
    said = await text_of(browser, "/systems/erp")
    assert "nobody says when" in said
    assert "its answers have no date" in said
    assert "Certificate ends" not in said


async def test_lists_show_their_newest_record_and_the_form_that_has_changed(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    gone = Trait(rows=100, present=100, kinds=("number",), missing=5, since=town.NOW)
    form = Fingerprint(
        rows=100, read={"amount": gone}, others={"id": "string", "amount": "number"}, news={"colour": town.NOW}
    )
    office.situation.habits[INVOICES] = Habit(probe=INVOICES, fingerprint=form)
    office.situation.feeds[INVOICES] = Feed(probe=INVOICES, moved=town.NOW, emptied=town.NOW)
    said = await text_of(browser, "/systems/erp")
    for told in ("`amount` was number and is no longer there", "new: colour since", "empty since"):
        assert told in said
