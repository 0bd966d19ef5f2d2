"""`tierwatch ack --for` and `tierwatch pause`: what is written is understood before anybody is asked."""

from collections.abc import Mapping

import pytest
from typer.testing import CliRunner

from monitor import escalations
from monitor.cli import main


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Mapping[str, str]]]:
    """What the running process was asked, by address and form."""
    found: list[tuple[str, Mapping[str, str]]] = []

    def answer(settings: object, path: str, form: Mapping[str, str]) -> Mapping[str, object]:
        del settings
        found.append((path, form))
        return {"headline": "understood"}

    monkeypatch.setattr(escalations, "asked", answer)
    return found


@pytest.mark.parametrize(
    ("words", "path", "form"),
    [
        (["ack", "INC-1"], "acknowledge", {"by": "me"}),
        (["ack", "INC-1", "--for", "30m"], "hold", {"by": "me", "for_seconds": "1800.0"}),
        (
            ["pause", "INC-1", "--until", "2026-11-29T09:00+01:00", "--why", "x"],
            "pause",
            {"by": "me", "why": "x", "until": "2026-11-29T09:00:00+01:00"},
        ),
        (
            ["pause", "INC-1", "--until", "2h", "--why", "x"],
            "pause",
            {"by": "me", "why": "x", "for_seconds": "7200.0"},
        ),
    ],
)
def test_a_command_asks_the_running_process(
    asked: list[tuple[str, Mapping[str, str]]], words: list[str], path: str, form: dict[str, str]
) -> None:
    result = CliRunner().invoke(main, [*words, "--by", "me"])
    assert (result.exit_code, result.output) == (0, "understood\n")
    assert asked == [(f"/api/v1/incidents/INC-1/{path}", form)]


@pytest.mark.parametrize(
    "words",
    [
        ["ack", "INC-1", "--for", "soon"],
        ["pause", "INC-1", "--until", "2026-11-29T09:00", "--why", "x"],
        ["pause", "INC-1", "--until", "tomorrow", "--why", "x"],
        ["pause", "INC-1", "--until", "2h"],
    ],
)
def test_what_is_not_understood_asks_nobody(asked: list[tuple[str, Mapping[str, str]]], words: list[str]) -> None:
    assert CliRunner().invoke(main, words).exit_code == 2
    assert asked == []


def test_a_word_for_an_instant_is_answered_with_both_forms(asked: list[tuple[str, Mapping[str, str]]]) -> None:
    result = CliRunner().invoke(main, ["pause", "INC-1", "--until", "yesterday", "--why", "x"])
    said = " ".join(result.output.replace("│", " ").split())
    assert "an instant to come, like 2026-11-29T09:00+01:00, or a length from now, like 2h or 30m" in said
    assert asked == []
