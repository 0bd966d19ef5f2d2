"""What clients are told of an incident, with whose consent, and that everybody who hears a beginning hears the end."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from alerts.incident import Incident
from alerts.merging import Saying
from alerts.message import Message, MessageKind, Stage
from alerts.notice_draft import DraftState, NoticeDraft
from alerts.wording import Links
from monitor.consenting import approve_draft, retract
from monitor.sandbox.faults import Fault
from probes.catalog import ClientId, TierId
from tests.stories.day import Day, a_day, leisurely

pytestmark = pytest.mark.story

LINKS = Links(external="http://127.0.0.1:8080")
PLATINUM, GOLD = TierId("platinum"), TierId("gold")


def careful(folder: Path) -> None:
    """Ask for approval of what gold clients alone are told, and name who gives it."""
    leisurely(folder)
    tiers = folder / "tiers.yaml"
    head, gold, tail = tiers.read_text().partition("  gold:\n")
    asked = "notices: {policy: approval, four_eyes: [resolved]}"
    tail = tail.replace("notices: automatic", asked, 1).replace("notices: approval", "notices: none")
    tiers.write_text(head + gold + tail)
    team = "communications: {team: [person:madrid-2, person:duty-manager]}\n"
    (folder / "communications.yaml").write_text(team)


def only(day: Day) -> Incident:
    (incident,) = day.incidents
    return incident


def in_tier(day: Day, tier: TierId) -> set[ClientId]:
    return {one.id for one in day.application.situation.config.catalog.clients.values() if one.tier == tier}


def waiting(day: Day) -> list[NoticeDraft]:
    return [one for one in day.application.situation.notice_drafts.values() if one.waiting]


def stages(told: Iterable[Message], client: ClientId) -> list[Stage]:
    return list(dict.fromkeys(one.stage for one in told if one.client == client))


async def approves(day: Day, draft: NoticeDraft, by: str) -> str:
    """Approve a draft; return why it was refused, "" where it was not."""
    saying = Saying(by=by, at=day.clock.now(), why="")
    answer = await day.application.decide(approve_draft(draft.id, draft.text, saying, LINKS))
    return answer.refused or ("" if answer.notice.state is not DraftState.DEAD else answer.notice.why)


async def test_platinum_is_told_in_its_languages_and_golds_approval_comes_too_late(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=careful) as day:
        day.breaks(Fault.ERP_STOPPED)
        await day.advance_until(lambda: waiting(day), minutes=2)
        await day.advance(seconds=10)
        told = day.told(MessageKind.NOTICE, Stage.INVESTIGATING)
        assert {one.client for one in told} == in_tier(day, PLATINUM), "gold waits for somebody"
        catalog = day.application.situation.config.catalog
        spoken = {catalog.clients[one.client].locale[:2]: one for one in told if one.client is not None}
        assert len(spoken) >= 3, "in three languages at least"
        assert len({one.subject for one in spoken.values()}) == len(spoken)

        (draft,) = waiting(day)
        assert (draft.tier, draft.stage, draft.clients) == (GOLD, Stage.INVESTIGATING, draft.clients)
        assert {one.recipient for one in day.told(MessageKind.NOTE)} >= {"madrid-2", "duty-manager"}

        # It ends before anybody has read it: the approval is refused, put down, and nobody is told anything.
        day.mends(Fault.ERP_STOPPED)
        await day.advance_until(lambda: not only(day).open, minutes=6)
        assert waiting(day) == []
        late = day.application.situation.notice_drafts[draft.id]
        assert late.state is DraftState.DEAD
        assert "comes too late: it says 'investigating'" in await approves(day, late, "madrid-2")
        acts = await day.application.read(day.application.store.acts)
        assert (acts[0].actor, acts[0].action, acts[0].subject) == ("madrid-2", "approve notice", draft.id)
        await day.advance(seconds=10)
        after = day.told(MessageKind.NOTICE)
        assert {one.client for one in after} == in_tier(day, PLATINUM)
        for client in in_tier(day, PLATINUM):
            assert stages(after, client)[-1] is Stage.RESOLVED
        assert only(day).debts == {}, "everybody who heard the beginning has heard the end"


async def test_a_false_alarm_is_taken_back_and_who_has_left_meanwhile_hears_the_end_and_nothing_else(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path, configure=careful) as day:
        day.breaks(Fault.ERP_STOPPED)
        await day.advance_until(lambda: waiting(day), minutes=2)
        (draft,) = waiting(day)
        assert not await approves(day, draft, "duty-manager")
        await day.advance(seconds=10)
        told = {one.client for one in day.told(MessageKind.NOTICE)}
        assert told >= in_tier(day, PLATINUM) | set(draft.clients)

        # One of them leaves: its contract is terminated in the middle of it.
        (leaver, *_) = sorted(in_tier(day, PLATINUM))
        terminated(tmp_path / "configuration", leaver)
        assert await day.application.reload() == ()
        await day.advance(minutes=4)
        since = [one for one in day.told(MessageKind.NOTICE) if one.client == leaver]
        assert stages(since, leaver) == [Stage.INVESTIGATING]

        saying = Saying(by="madrid-1", at=day.clock.now(), why="we had switched it off ourselves")
        await day.application.decide(retract(only(day).id, saying, LINKS))
        await day.advance(seconds=15)
        for waits in waiting(day):
            assert waits.eyes == 1
            assert not await approves(day, waits, "madrid-2")
        await day.advance(seconds=15)
        retracted = {one.client for one in day.told(MessageKind.NOTICE, Stage.RETRACTED)}
        assert retracted == told, "whoever was told of it is told that there was nothing, also who has left"
        assert not day.told(MessageKind.NOTICE, Stage.RESOLVED)
        acts = await day.application.read(day.application.store.acts)
        assert [act.action for act in reversed(acts)][-2:] == ["retract", "approve notice"]
        assert only(day).debts == {}


def terminated(folder: Path, client: ClientId) -> None:
    """Let the contract of a client end on the day before."""
    clients = folder / "clients.yaml"
    head, found, tail = clients.read_text().partition(f"  - id: {client}\n")
    assert found
    state = "    contract: {states: [{state: terminated, from: 2026-03-03}]}\n"
    clients.write_text(head + found + state + tail)
