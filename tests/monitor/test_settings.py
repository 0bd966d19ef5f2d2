"""Process settings come from the environment; what cannot be used is told all at once and never repeated."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.problem import ConfigError
from monitor.settings import Listen, LogLevel, read_settings
from monitor.store.tables import METADATA


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take away every setting that the machine has, and every other way to give one."""
    for name in ("LISTEN", "EXTERNAL_ADDRESS", "DATA", "DATABASE_URL", "LOG_LEVEL", "HEARTBEAT_URL", "OTLP_ENDPOINT"):
        monkeypatch.delenv(f"TIERWATCH_{name}", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def test_everything_has_a_default(tmp_path: Path) -> None:
    settings = read_settings()
    assert str(settings.listen) == "127.0.0.1:8080"
    assert settings.data == tmp_path / "tierwatch"
    assert settings.database == f"sqlite:///{tmp_path}/tierwatch/tierwatch.db"
    assert (settings.external_address, settings.heartbeat_url, settings.otlp_endpoint) == (None, None, None)
    assert settings.log_level is LogLevel.INFO


def test_everything_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWATCH_LISTEN", "[::1]:0")
    monkeypatch.setenv("TIERWATCH_EXTERNAL_ADDRESS", "https://tierwatch.example.com/")
    monkeypatch.setenv("TIERWATCH_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TIERWATCH_LOG_LEVEL", "DEBUG")
    monkeypatch.setenv("TIERWATCH_RETENTION_LOOKS", "90d")
    settings = read_settings()
    assert settings.listen == Listen("::1", 0)
    assert str(settings.listen) == "[::1]:0"
    assert settings.external_address == "https://tierwatch.example.com"
    assert settings.database == f"sqlite:///{tmp_path}/elsewhere/tierwatch.db"
    assert settings.log_level is LogLevel.DEBUG
    assert settings.retention["looks"] == timedelta(days=90)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWATCH_HEARTBEAT_URL", "")
    assert read_settings().heartbeat_url is None


def test_addresses_with_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWATCH_DATABASE_URL", "postgresql://ana:hunter2@db/tierwatch")
    monkeypatch.setenv("TIERWATCH_HEARTBEAT_URL", "https://beat.example.com/hunter2")
    settings = read_settings()
    assert "hunter2" not in f"{settings!r} {settings}"
    assert settings.database == "postgresql://ana:hunter2@db/tierwatch"
    assert settings.heartbeat_url is not None
    assert settings.heartbeat_url.get_secret_value() == "https://beat.example.com/hunter2"


def test_what_cannot_be_used_is_told_all_at_once_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWATCH_LISTEN", "hunter2")
    monkeypatch.setenv("TIERWATCH_LOG_LEVEL", "hunter2")
    monkeypatch.setenv("TIERWATCH_HEARTBEAT_URL", "hunter2")
    monkeypatch.setenv("TIERWATCH_RETENTION_ACTS", "hunter2")
    with pytest.raises(ConfigError) as raised:
        read_settings()
    lines = str(raised.value).splitlines()
    assert [line.partition(":")[0].removeprefix("TIERWATCH_") for line in lines] == [
        "LISTEN",
        "LOG_LEVEL",
        "HEARTBEAT_URL",
        "RETENTION_ACTS",
    ]
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    "address", ["", "8080", ":8080", "host", "host:", "host:99999", "::1:80", "a/b:80", "h:-1", "h:٣"]
)
def test_a_listen_address_has_a_host_and_a_port(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("TIERWATCH_LISTEN", address or " ")
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:8080"):
        read_settings()


def test_every_retention_names_a_table() -> None:
    assert set(read_settings().retention) <= set(METADATA.tables)
