"""The buttons: what they show, and that a fault lasts until it is pressed again."""

from datetime import timedelta

import httpx
import pytest

from monitor.sandbox.faults import Fault
from monitor.sandbox.world import World
from tests.monitor.sandbox.settable import OPENER, START, Settable


async def test_every_fault_has_a_button_that_says_what_it_does(http: httpx.AsyncClient) -> None:
    state = (await http.get("/control", headers=OPENER)).json()
    assert [fault["name"] for fault in state["faults"]] == [fault.value for fault in Fault]
    assert all(fault["title"] and not fault["on"] for fault in state["faults"])
    assert state["now"] == state["started"] == "2026-03-02T10:00:00.000Z"


@pytest.mark.parametrize("fault", Fault)
async def test_a_fault_lasts_until_its_button_is_pressed_again(
    http: httpx.AsyncClient, world: World, clock: Settable, fault: Fault
) -> None:
    pressed = await http.post(f"/control/faults/{fault}", headers=OPENER)
    assert pressed.json()["on"] is True
    clock.advance(hours=3)
    assert world.on(fault)
    pressed = await http.post(f"/control/faults/{fault}", headers=OPENER)
    assert pressed.json()["on"] is False
    assert pressed.json()["spells"] == [{"start": "2026-03-02T10:00:00.000Z", "end": "2026-03-02T13:00:00.000Z"}]
    assert not world.on(fault)


async def test_two_people_who_both_switch_a_fault_on_do_not_cancel_each_other(
    http: httpx.AsyncClient, world: World
) -> None:
    for wanted, on in (("on", True), ("on", True), ("off", False), ("off", False)):
        await http.post("/control/faults/erp_stopped", params={"to": wanted}, headers=OPENER)
        assert world.on(Fault.ERP_STOPPED) is on


async def test_the_state_tells_of_a_planned_fault_before_it_comes(http: httpx.AsyncClient, world: World) -> None:
    world.faults.plan(Fault.ERP_STOPPED, START + timedelta(seconds=45), timedelta(minutes=3))
    stopped = (await http.get("/control", headers=OPENER)).json()["faults"][0]
    assert stopped["on"] is False
    assert stopped["spells"] == [{"start": "2026-03-02T10:00:45.000Z", "end": "2026-03-02T10:03:45.000Z"}]


async def test_a_button_that_is_not_there_is_named_with_those_that_are(http: httpx.AsyncClient) -> None:
    answer = await http.post("/control/faults/earthquake", headers=OPENER)
    assert answer.status_code == 404
    assert "earthquake" in answer.json()["error"]
    assert "erp_stopped" in answer.json()["error"]


async def test_a_button_is_pressed_on_or_off_and_nothing_else(http: httpx.AsyncClient, world: World) -> None:
    answer = await http.post("/control/faults/erp_stopped", params={"to": "maybe"}, headers=OPENER)
    assert answer.status_code == 400
    assert not world.on(Fault.ERP_STOPPED)


async def test_only_who_has_the_token_presses_buttons(http: httpx.AsyncClient, world: World) -> None:
    assert (await http.get("/control")).status_code == 401
    assert (await http.post("/control/faults/erp_stopped")).status_code == 401
    assert not world.on(Fault.ERP_STOPPED)
