"""How a tier's clients are told, with whose consent, and who writes to them: read, checked, and found wanting."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.example import write_example
from monitor.load import Loaded, load
from probes.catalog import NoticePolicy, TierId
from probes.consent import Consent, Named, NamedKind

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WRITTEN = "      policy: approval\n      approvers: [person:duty-manager, schedule:daily]\n"
EYES = "      four_eyes: [resolved, retracted]\n"


def loaded(folder: Path, *changes: tuple[str, str], team: str = "") -> Loaded:
    """Return the example, changed in its tiers, with another communications team where one is given."""
    write_example(folder)
    tiers = folder / "tiers.yaml"
    text = tiers.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    tiers.write_text(text)
    if team:
        (folder / "communications.yaml").write_text(team)
    return load(folder, secrets=False, now=NOW)


def test_the_short_form_is_a_word_and_the_long_one_says_who_consents(tmp_path: Path) -> None:
    config = loaded(tmp_path).config
    assert config is not None
    tiers = config.catalog.tiers
    assert tiers[TierId("platinum")].notices is NoticePolicy.AUTOMATIC
    duty = Named(kind=NamedKind.PERSON, name="duty-manager")
    daily = Named(kind=NamedKind.SCHEDULE, name="daily")
    assert tiers[TierId("gold")].consent == Consent(
        approvers=(duty, daily), four_eyes=frozenset({"resolved", "retracted"})
    )
    assert config.roster.communications.team == (duty, daily)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("policy: approval", "policy: perhaps"), "must be one of automatic, approval, by_hand, none"),
        (("[resolved, retracted]", "[resolved, over]"), "must be always, or a list of stages: investigating"),
        (("[person:duty-manager, schedule:daily]", "[person:nobody]"), "nobody is not defined; correct the name"),
        (("[person:duty-manager, schedule:daily]", "[ana]"), "write it like schedule:NAME or person:ID"),
        (("policy: approval", "police: approval"), "did you mean policy?"),
    ],
)
def test_what_is_wrong_with_it_is_said_in_words(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    errors = [str(error) for error in loaded(tmp_path, change).errors]
    assert any(told in error and "tiers.yaml" in error for error in errors), errors


def test_a_team_names_people_and_schedules_that_there_are(tmp_path: Path) -> None:
    team = "communications: {team: [schedule:none, person:who]}\n"
    errors = "\n".join(str(error) for error in loaded(tmp_path, team=team).errors)
    for told in ("none is not defined", "who is not defined"):
        assert told in errors


@pytest.mark.parametrize(
    ("changes", "team", "told", "grade"),
    [
        ([(WRITTEN + EYES, "      policy: approval\n")], "# nobody\ncommunications: {}\n", "nobody is named", "severe"),
        (
            [(WRITTEN, "      policy: by_hand\n      approvers: [person:madrid-1]\n")],
            "",
            "only one person may approve",
            "severe",
        ),
        ([("policy: approval", "policy: automatic")], "", "nobody approves what is automatic", "minor"),
    ],
)
def test_an_approval_that_nobody_can_give_is_found(
    tmp_path: Path, changes: list[tuple[str, str]], team: str, told: str, grade: str
) -> None:
    result = loaded(tmp_path, *changes, team=team)
    assert result.errors == ()
    found = [(one.path, str(one.grade)) for one in result.findings if told in one.message]
    assert found == [("tiers.gold.notices", grade)]
