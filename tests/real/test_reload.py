"""SIGHUP makes a running process read its configuration again."""

import os
import signal
from pathlib import Path

import pytest

from tests.real.process import Served, eventually, tierwatch, vendors

pytestmark = pytest.mark.story

MORE = "systems:\n  second: {connector: statuspage, base_url: http://127.0.0.1:9}\n"


def _systems(served: Served) -> set[str]:
    return {one["id"] for one in served.items("/api/v1/systems")}


def _hang_up(served: Served) -> None:
    os.kill(served.process.pid, signal.SIGHUP)


def test_sighup_takes_over_what_is_right_and_leaves_the_old_one_in_force_where_it_is_not(tmp_path: Path) -> None:
    with vendors() as sandbox:
        config = tmp_path / "config"
        secrets = sandbox.configuration(config)
        with tierwatch(config, tmp_path / "data", secrets) as served:
            before, extra = _systems(served), config / "extra.yaml"

            extra.write_text(MORE, encoding="utf-8")
            _hang_up(served)
            eventually(lambda: _systems(served) == before | {"second"}, "the new system is watched")

            extra.write_text("systems: {second: {connector: nothing-that-ships}}\n", encoding="utf-8")
            _hang_up(served)
            page = eventually(
                lambda: found if "nothing-that-ships does not ship" in (found := _configuration(served)) else "",
                "the error is shown",
            )
            assert "SIGHUP" in page, "the audit names who reloaded"
            assert _systems(served) == before | {"second"}
            assert "tierwatch_config_last_reload_successful 0.0" in served.get("/metrics").text
            assert "nothing-that-ships does not ship" in served.said.read_text(encoding="utf-8")
            assert served.stop() == 0


def _configuration(served: Served) -> str:
    return served.get("/configuration").text
