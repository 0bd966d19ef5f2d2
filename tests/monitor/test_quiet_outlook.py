"""What is kept back and kept out of the promises is said by `check`, and the commands write what the API reads."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import typer

from monitor.load import load
from monitor.quiet_outlook import exclusions
from monitor.quieted import every, scope, times
from monitor.web.quiet_shapes import WindowRequest
from probes.catalog import ClientId
from probes.contract_state import ContractState, DatedState
from tests.monitor.load.written import config

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WRITTEN = """\
maintenance:
  sundays: {title: Weekly, by: vendor, timezone: Europe/Berlin, systems: [erp],
            every: {weekdays: [sun], from: "02:00", until: "04:00"}}
  past: {title: Over, from: "2026-01-01 04:00", until: "2026-01-01 05:00", everything: true}
"""


def test_each_window_to_come_and_each_contract_that_is_not_in_force_has_a_line(tmp_path: Path) -> None:
    known = config(tmp_path, maintenance=WRITTEN)
    clients = known.catalog.clients
    paused = DatedState(state=ContractState.PAUSED, since=date(2026, 3, 1))
    acme = replace(clients[ClientId("acme")], contract_states=(paused,))
    known = replace(known, catalog=replace(known.catalog, clients={**clients, acme.id: acme}))
    window, contract = exclusions(known, NOW)
    assert window.startswith("maintenance sundays: erp, 2026-03-08 01:00 to 2026-03-08 03:00 UTC; pages and notices")
    assert window.endswith("are kept back, looks and clocks stay out of the promises")
    follows = "so we are paged, the client is not told; clocks stand still"
    assert contract == f"client acme: the contract is paused, {follows}"


def test_a_window_that_will_not_come_again_is_a_finding(tmp_path: Path) -> None:
    config(tmp_path, maintenance=WRITTEN)
    found = [str(one) for one in load(tmp_path, now=NOW, secrets=False).findings]
    assert [one for one in found if "maintenance.past: is over and will not come again" in one]


def test_a_window_of_a_command_is_one_of_the_api() -> None:
    sent = {"title": "x", "who": "me", **scope(["system:erp", "client:acme"]), **times("sun,mon 02:00-04:00")}
    window = WindowRequest.model_validate(sent).window("")
    assert window.recurrence is not None
    assert (window.recurrence.weekdays, window.scope.clients) == (frozenset({0, 6}), frozenset({ClientId("acme")}))
    once = {"title": "x", "who": "me", "everything": True, "timezone": "Europe/Berlin"}
    found = WindowRequest.model_validate({**once, **times("2026-03-29 04:00 to 2026-03-29 05:00")}).window("")
    assert (found.starts, found.ends) == (
        datetime(2026, 3, 29, 2, tzinfo=UTC),
        datetime(2026, 3, 29, 3, tzinfo=UTC),
    )


@pytest.mark.parametrize("wrong", ["sunday at two", "2026-03-29 04:00", "02:00-04:00"])
def test_a_time_that_cannot_be_read_is_refused(wrong: str) -> None:
    with pytest.raises(typer.Exit):
        times(wrong)
    with pytest.raises(typer.Exit):
        scope(["everything at all"])
    assert every("daily 02:00-04:00") == {"from": "02:00", "until": "04:00", "weekdays": []}
