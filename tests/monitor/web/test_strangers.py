"""What the pages show of doubtful data: identifiers that are nobody's, and clients of whom systems differ."""

from datetime import timedelta

from probes.catalog import ClientId, SystemId
from probes.identity import met
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally, counted
from probes.status import Said
from tests.monitor.web import town
from tests.monitor.web.conftest import visitor
from tests.monitor.web.office import TOKEN, MemoryOffice
from tests.monitor.web.outline import Outline

ERP = SystemId("erp")


async def page(office: MemoryOffice, path: str) -> str:
    async with visitor(office) as browser:
        answer = await browser.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_the_page_of_a_system_shows_the_identifiers_that_are_nobodys() -> None:
    office = MemoryOffice()
    known = met((), {"": 4, "7" * 300: 1}, town.NOW - timedelta(hours=2))
    office.situation.strangers[ERP] = met(known, {"<b>91": 12}, town.NOW - timedelta(hours=1))
    shown = await page(office, "/systems/erp")
    assert "<b>91" not in shown
    text = Outline(shown).text
    assert text.index("<b>91 12 1 h 00 min ago") < text.index("none 4 2 h 00 min ago")
    assert "7" * 200 in text
    assert "Unknown identifiers" not in Outline(await page(office, "/systems/billing")).text


async def test_the_page_of_a_system_says_what_share_of_its_records_is_nobodys() -> None:
    office = MemoryOffice()
    key = IndicatorKey(kind=IndicatorKind.IDENTITY, subject=ERP)
    tally = counted(Tally(over=timedelta(days=1)), good=75, bad=25, at=town.NOW)
    office.situation.indicators[str(key)] = Indicator(key=key, tally=tally)
    assert "Of no known client 25 % 25 of 100 records" in Outline(await page(office, "/systems/erp")).text
    assert "Of no known client no records seen" in Outline(await page(office, "/systems/billing")).text


async def test_the_page_of_a_client_shows_what_each_system_says_of_it() -> None:
    office = MemoryOffice()
    words = {"billing": Said(word="live", meaning="active", at=town.NOW)}
    words["erp"] = Said(word="<i>gone", meaning=None, at=town.NOW)
    office.situation.statuses[ClientId("harbour-line")] = {SystemId(name): one for name, one in words.items()}
    text = Outline(await page(office, "/clients/harbour-line")).text
    assert "Status by system billing active says live erp not declared says <i>gone" in text
    words["erp"] = Said(word="gone", meaning="inactive", at=town.NOW)
    office.situation.statuses[ClientId("harbour-line")] = {SystemId(name): one for name, one in words.items()}
    assert "the systems differ" in Outline(await page(office, "/clients/harbour-line")).text
