"""The configuration is read again in mid-incident: a broken one changes nothing, a good one only what comes."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from alerts.message import MessageKind, Stage
from monitor.sandbox.faults import Fault
from monitor.web.site import create
from tests.stories.day import Day, a_day

pytestmark = pytest.mark.story


def rewrite(day: Day, file: str, *changes: tuple[str, str]) -> None:
    """Change a file of the configuration, every change where it fits."""
    path = day.folder / "configuration" / file
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def browser(day: Day) -> httpx.AsyncClient:
    """Return a client of the web side that has the token."""
    office = day.application
    headers = {"Authorization": "Bearer " + "k" * 40}
    transport = httpx.ASGITransport(create(office))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080", headers=headers)


async def test_a_broken_configuration_is_not_taken_over_and_metric_and_page_say_so(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day, browser(day) as asked:
        before = day.application.situation.config
        rewrite(day, "tiers.yaml", ("weight: 100", "weight: heavy"))
        answer = (await asked.post("/-/reload")).json()
        assert not answer["reloaded"]
        assert [(error["file"], error["path"]) for error in answer["errors"]] == [
            ("tiers.yaml", "tiers.platinum.weight")
        ]
        assert day.application.situation.config is before
        assert "tierwatch_config_last_reload_successful 0.0" in (await asked.get("/metrics")).text
        assert "reload refused: 1 error" in (await asked.get("/")).text
        assert "tiers.platinum.weight" in (await asked.get("/configuration")).text
        assert (await asked.get("/readyz")).status_code == 200

        rewrite(day, "tiers.yaml", ("weight: heavy", "weight: 100"))
        assert (await asked.post("/-/reload")).json() == {"reloaded": True, "errors": []}
        assert "tierwatch_config_last_reload_successful 1.0" in (await asked.get("/metrics")).text
        assert day.application.situation.config is not before


async def test_an_open_incident_keeps_policy_weights_and_recipients_and_has_both_contracts_on_record(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(seconds=20)
        day.breaks(Fault.BILLING_ERROR_BODY)
        await day.advance(seconds=20)
        (before,) = day.incidents
        rewrite(
            day,
            "tiers.yaml",
            ("weight: 100", "weight: 500"),
            ("weight: 40", "weight: 400"),
            ("acknowledge: 60s", "acknowledge: 5s"),
        )
        rewrite(day, "people.yaml", ("page: person:duty-manager", "page: person:new-york-1"))
        rewrite(day, "clients.yaml", ("_DESK}", "_DESK}, {name: Newcomer, channel: env:SANDBOX_DUTY_MANAGER_PAGER}"))
        assert await day.application.reload() == ()
        await day.advance(minutes=2)
        (during,) = day.incidents
        assert (during.tier, during.weight, during.policy) == (before.tier, before.weight, before.policy)
        for client, impact in before.impacts.items():
            now = during.impacts[client]
            assert (now.terms.tier, now.terms.weight) == (impact.terms.tier, impact.terms.weight)
            assert now.terms.contacts == impact.terms.contacts
            assert (now.earlier[0][1] if now.earlier else now.terms) == impact.terms
        revised = [one for one in during.impacts.values() if one.terms.sla.acknowledge == timedelta(seconds=5)]
        assert {one.terms.tier for one in revised} == {"platinum"}
        assert during.paged[1] == "duty-manager", "the second step of the policy that it began with"
        day.mends(Fault.BILLING_ERROR_BODY)
        await day.advance(minutes=2)
        assert not day.incidents[0].open
        told = {
            stage: {notice.key.rpartition("/")[2] for notice in day.told(MessageKind.NOTICE, stage)} for stage in Stage
        }
        recipients = {notice.recipient for notice in day.told(MessageKind.NOTICE)}
        assert recipients == {"Service desk", "Operations"}
        assert told[Stage.INVESTIGATING] == told[Stage.RESOLVED]


async def test_the_next_incident_has_the_terms_that_are_in_force_by_then(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(seconds=20)
        rewrite(day, "tiers.yaml", ("weight: 100", "weight: 500"), ("acknowledge: 60s", "acknowledge: 5s"))
        assert await day.application.reload() == ()
        day.breaks(Fault.BILLING_ERROR_BODY)
        await day.advance(seconds=20)
        (incident,) = day.incidents
        assert incident.weight == 500
        assert incident.hurt[0].terms.sla.acknowledge == timedelta(seconds=5)
