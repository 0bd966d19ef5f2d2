"""Secrets are looked up by reference; what goes wrong names the reference alone."""

import os
from pathlib import Path

import pytest

from monitor.problem import ConfigError
from monitor.secrets import Secrets
from probes.catalog import SecretRef


def test_a_variable_is_read_when_it_is_needed() -> None:
    environment = {"KEY": "first"}
    secrets = Secrets(environment)
    environment["KEY"] = "second"
    assert secrets.resolve(SecretRef("env:KEY")) == "second"


def test_a_file_is_read_without_the_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hunter2\n")
    assert Secrets({}).resolve(SecretRef(f"file:{tmp_path}/key")) == "hunter2"


def test_the_processes_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIERWATCH_TEST_KEY", "hunter2")
    assert os.environ["TIERWATCH_TEST_KEY"] == Secrets().resolve(SecretRef("env:TIERWATCH_TEST_KEY"))


@pytest.mark.parametrize("content", [None, b"", b" \n", b"hunter2\xff", b"hunter2" * 20_000])
def test_a_file_that_holds_no_secret_is_an_error_that_names_it(tmp_path: Path, content: bytes | None) -> None:
    reference = SecretRef(f"file:{tmp_path}/key")
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(ConfigError) as raised:
        Secrets({}).resolve(reference)
    assert str(raised.value).startswith(reference)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("environment", [{}, {"KEY": ""}, {"KEY": " "}])
def test_a_variable_that_is_not_set_is_an_error_that_names_it(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="env:KEY is not set; set this variable"):
        Secrets(environment).resolve(SecretRef("env:KEY"))


def test_what_is_no_reference_is_not_repeated() -> None:
    with pytest.raises(ConfigError, match=r"^a secret is referred to as env:NAME or file:PATH$"):
        Secrets({}).resolve(SecretRef("hunter2"))
