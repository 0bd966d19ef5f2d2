"""Tierwatch starts, becomes ready, watches and stops as a process: what every other real test relies on."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.real.process import eventually, tierwatch, vendors

pytestmark = pytest.mark.story


def test_it_starts_watches_and_ends_within_ten_seconds_of_sigterm(tmp_path: Path) -> None:
    with vendors() as sandbox:
        secrets = sandbox.configuration(tmp_path / "config")
        with tierwatch(tmp_path / "config", tmp_path / "data", secrets) as served:
            assert served.link.startswith(served.address)
            assert (served.data / "token").stat().st_mode & 0o777 == 0o600
            eventually(
                lambda: all(one["state"] == "OK" for one in served.items("/api/v1/systems")), "every system was seen"
            )
            assert served.stop() == 0
        said = served.said.read_text(encoding="utf-8")
        assert served.token not in said
        assert not [name for name, value in secrets.items() if value in said]


def test_waiting_for_what_never_comes_fails_and_says_what_was_waited_for() -> None:
    with pytest.raises(AssertionError, match="the moon"):
        eventually(lambda: False, "the moon", timedelta(milliseconds=50))
