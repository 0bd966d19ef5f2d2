"""What is written of a heartbeat becomes the value that is watched."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from probes.catalog import ClientId, FlowId, SecretRef
from probes.heartbeat import Heartbeat, HeartbeatId
from probes.timetable import Cron, Interval
from tests.monitor.load.written import PARTS, config, found

TOKYO = PARTS["clients"].replace("tier: gold", "tier: gold, timezone: Asia/Tokyo")


def test_everything_that_is_written_is_taken_over(tmp_path: Path) -> None:
    text = """\
heartbeats:
  nightly: {cron: "0 22 * * *", by: "06:00", timezone: Europe/Madrid, grace: 10m, longest_run: 2h, client: acme,
            flow: sync, token: env:NIGHTLY}
"""
    assert config(tmp_path, heartbeats=text).heartbeats == {
        "nightly": Heartbeat(
            id=HeartbeatId("nightly"),
            timetable=Cron(expression="0 22 * * *", zone="Europe/Madrid", by=time(6)),
            token=SecretRef("env:NIGHTLY"),
            grace=timedelta(minutes=10),
            longest_run=timedelta(hours=2),
            client=ClientId("acme"),
            flow=FlowId("sync"),
        )
    }


@pytest.mark.parametrize(("owner", "zone"), [(", client: acme", "Asia/Tokyo"), ("", "UTC")])
def test_a_clock_without_a_zone_hangs_in_the_clients_and_else_in_utc(tmp_path: Path, owner: str, zone: str) -> None:
    text = f'heartbeats: {{nightly: {{cron: "0 22 * * *", token: env:T{owner}}}}}'
    one = config(tmp_path, clients=TOKYO, heartbeats=text).heartbeats[HeartbeatId("nightly")]
    assert one.timetable == Cron(expression="0 22 * * *", zone=zone)


def test_an_interval_needs_no_more_than_a_token(tmp_path: Path) -> None:
    loaded = config(tmp_path, heartbeats="heartbeats: {feed: {every: 15m, token: file:feed}}")
    one = loaded.heartbeats[HeartbeatId("feed")]
    assert (one.timetable, one.grace) == (Interval(every=timedelta(minutes=15)), timedelta(minutes=5))
    assert one.token in loaded.secrets


@pytest.mark.parametrize("name", ["sync", "billing"])
def test_no_heartbeat_has_the_name_of_a_system_or_flow(tmp_path: Path, name: str) -> None:
    with pytest.raises(AssertionError, match=f"heartbeats.{name}: has the name of a system or flow"):
        config(tmp_path, heartbeats=f"heartbeats: {{{name}: {{every: 15m, token: env:T}}}}")


def test_a_token_that_is_missing_or_short_is_severe_and_never_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESSED", "hunter2")
    monkeypatch.setenv("SOUND", "correct-horse-battery")
    text = "heartbeats:\n" + "".join(
        f"  {name.lower()}: {{every: 15m, token: env:{name}}}\n" for name in ("GUESSED", "SOUND", "ABSENT")
    )
    said = [line for line in found(tmp_path, secrets=True, heartbeats=text) if "heartbeats" in line]
    assert said == [
        (
            "severe heartbeats.yaml:2: heartbeats.guessed.token: is a secret of fewer than 16 characters, which can be"
            " guessed; make a longer one"
        ),
        (
            "severe heartbeats.yaml:4: heartbeats.absent.token: env:ABSENT is not set; set this variable in the"
            " environment of the process"
        ),
    ]
