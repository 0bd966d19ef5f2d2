"""Whose the records are: an identifier that nobody has is shown until somebody has it, and that is on record."""

from datetime import timedelta
from pathlib import Path

from monitor.sandbox.clients import COMPANIES
from monitor.web.view.clients import client
from monitor.web.view.systems import system
from probes.catalog import ClientId, SystemId
from tests.stories.day import Day, a_day

ERP = SystemId("erp")
ONE, OTHER = COMPANIES[0], COMPANIES[1]


def leave_one_out(folder: Path) -> None:
    """Write the configuration without the account of one client in the ERP."""
    clients = folder / "clients.yaml"
    text = clients.read_text(encoding="utf-8")
    assert f', erp: "{ONE.account}"' in text
    clients.write_text(text.replace(f', erp: "{ONE.account}"', ""), encoding="utf-8")


def strangers(day: Day) -> list[str]:
    return [one.identifier for one in system(day.application.situation, ERP, day.clock.now()).strangers]


async def test_an_unknown_identifier_is_shown_until_the_configuration_gives_it_to_somebody(tmp_path: Path) -> None:
    async with a_day(tmp_path, configure=leave_one_out) as day:
        await day.advance(minutes=2)
        assert strangers(day) == [ONE.account]
        (finding,) = (str(one) for one in day.application.situation.findings if ONE.id in one.message)
        assert f"identifiers.erp: is missing, and flow invoices needs it: {ONE.id} is known in billing only" in finding
        assert 'tierwatch_unknown_identifiers{system="erp"} 1.0' in day.application.metrics().decode()
        assert 'tierwatch_one_sided_clients{flow="invoices"} 1.0' in day.application.metrics().decode()
        clients = tmp_path / "configuration" / "clients.yaml"
        text = clients.read_text(encoding="utf-8")
        known = text.replace(f'erp: "{OTHER.account}"', f'erp: ["{OTHER.account}", "{ONE.account}"]')
        clients.write_text(known, encoding="utf-8")
        assert await day.application.reload() == ()
        assert strangers(day) == []
        await day.advance(minutes=2)
        assert strangers(day) == []


async def test_a_merge_is_audited_about_the_client_that_now_has_the_identifier(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        clients = tmp_path / "configuration" / "clients.yaml"
        text = clients.read_text(encoding="utf-8")
        moved = text.replace(f', erp: "{ONE.account}"', "")
        moved = moved.replace(f'erp: "{OTHER.account}"', f'erp: ["{OTHER.account}", "{ONE.account}"]')
        clients.write_text(moved, encoding="utf-8")
        assert await day.application.reload() == ()
        acts = await day.application.read(day.application.store.acts, 10)
        assert [(act.subject, act.detail) for act in acts if act.action == "crosswalk"] == [
            (OTHER.id, f"erp: {ONE.account} is {OTHER.id}, not {ONE.id}")
        ]
        await day.advance(minutes=1)
        assert await day.application.reload() == ()
        again = await day.application.read(day.application.store.acts, 10)
        assert [act.at - day.clock.now() for act in again if act.action == "crosswalk"] == [timedelta(minutes=-1)]


async def test_a_configuration_with_errors_changes_nobodys_identifiers(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        clients = tmp_path / "configuration" / "clients.yaml"
        text = clients.read_text(encoding="utf-8")
        clients.write_text(text.replace(f'erp: "{ONE.account}"', f'erp: "{OTHER.account}"'), encoding="utf-8")
        (error,) = await day.application.reload()
        assert f"{ONE.id} has the same identifier in erp" in error.message
        acts = await day.application.read(day.application.store.acts, 10)
        assert [act.action for act in acts] == ["reload"]
        assert day.application.situation.config.catalog.client_in(ERP, ONE.account) == ONE.id


def compare_statuses(folder: Path) -> None:
    """Take the states of invoices for those of clients: all are `paid` in billing and `posted` in the ERP."""
    systems = folder / "systems.yaml"
    text = systems.read_text(encoding="utf-8")
    paid = "    identity: {status: {resource: invoices, field: status, words: {paid: active}}}\n"
    posted = "    identity: {status: {resource: invoices, field: state, words: {posted: inactive}}}\n"
    assert "    every: 3s\n" in text
    text = text.replace("    every: 3s\n", f"    every: 3s\n{paid}").replace("flows:\n", f"{posted}flows:\n", 1)
    systems.write_text(text, encoding="utf-8")


async def test_clients_of_whom_two_systems_say_different_things_are_counted_until_the_words_are_declared_alike(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path, configure=compare_statuses) as day:
        await day.advance(minutes=3)
        one = client(day.application.situation, ClientId(ONE.id), day.clock.now())
        assert one.disputed
        assert {system: said.word for system, said in one.statuses.items()} == {"billing": "paid", "erp": "posted"}
        assert "tierwatch_status_conflicts 24.0" in day.application.metrics().decode()
        assert not day.incidents, "what is of doubtful quality is nobody's outage"
        systems = tmp_path / "configuration" / "systems.yaml"
        systems.write_text(systems.read_text("utf-8").replace("posted: inactive", "posted: active"), encoding="utf-8")
        assert await day.application.reload() == ()
        await day.advance(minutes=3)
        assert "tierwatch_status_conflicts 0.0" in day.application.metrics().decode()
        assert set(client(day.application.situation, ClientId(ONE.id), day.clock.now()).statuses) == {"billing", "erp"}
