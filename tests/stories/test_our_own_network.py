"""Our own way out is cut: that is one page for us, nobody's outage, and no word to any client."""

from pathlib import Path

from alerts.message import MessageKind
from probes.catalog import SystemId
from probes.sli import IndicatorKey, IndicatorKind
from tests.stories.day import a_day


def at_three_hosts(folder: Path) -> None:
    """Give each system a host of its own."""
    systems = folder / "systems.yaml"
    text = systems.read_text(encoding="utf-8")
    for name in ("billing", "gateway", "erp"):
        text = text.replace(f"http://sandbox.test/{name}", f"http://{name}.sandbox.test/{name}")
    systems.write_text(text, encoding="utf-8")


async def test_when_our_own_network_is_cut_one_page_says_so_and_no_client_is_told_of_an_outage(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=at_three_hosts) as day:
        await day.advance(minutes=1)
        day.network.cut = True
        await day.advance(minutes=3)
        (incident,) = day.incidents
        assert incident.alerts.keys() == {"egress/network"}
        assert "nothing outside can be reached since 08:01:" in incident.alerts["egress/network"]
        assert incident.impacts == {}
        (page,) = day.told(MessageKind.PAGE)[:1]
        assert page.subject.endswith("Our own network: nothing outside can be reached; no client is known to be hurt")
        day.network.cut = False
        await day.advance(minutes=2)
        assert [one.resolved_why for one in day.incidents] == ["it can be seen again"]
        assert day.told(MessageKind.NOTICE) == []
        for system in ("billing", "gateway", "erp"):
            key = IndicatorKey(kind=IndicatorKind.AVAILABILITY, subject=SystemId(system))
            _, bad = day.application.situation.indicators[str(key)].tally.totals(day.clock.now())
            assert bad == 0, "our own outage is nobody else's"
