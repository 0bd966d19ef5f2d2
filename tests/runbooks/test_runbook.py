"""Every kind of alert has its runbook, and a text that is none is told what it lacks."""

import re
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from alerts.alert import AlertKind
from alerts.wording import BLIND, HEADLINES
from monitor import cli
from runbooks import runbook
from runbooks.runbook import HEADINGS, NAMES, BrokenRunbook, read, runbook_named, runbook_url

SOUND = "# blind\n\n## Meaning\n\nA.\n\n## Impact\n\nB.\n\n## Diagnosis\n\nC.\n\n## Mitigation\n\nD.\n"


@pytest.mark.parametrize("name", [*AlertKind, runbook.BLIND])
def test_every_kind_of_alert_has_a_runbook_with_the_four_sections(name: str, repository: Path) -> None:
    found = read(name, (repository / "runbooks" / f"{name}.md").read_text())
    assert tuple(section.heading for section in found.sections) == HEADINGS
    assert "<summary>Full context</summary>" in found.sections[0].text


def test_every_headline_of_a_page_leads_to_a_runbook() -> None:
    assert set(HEADLINES) <= set(NAMES)
    assert runbook.BLIND == BLIND


def test_no_runbook_lies_about_that_no_alert_needs(repository: Path) -> None:
    assert {file.stem for file in (repository / "runbooks").glob("*.md")} == set(NAMES)


def test_a_runbook_is_read_into_its_sections() -> None:
    found = read("blind", SOUND)
    assert (found.title, [section.text for section in found.sections]) == ("Blind", ["A.", "B.", "C.", "D."])


def test_a_heading_inside_a_fenced_block_is_no_heading() -> None:
    found = read("blind", SOUND.replace("C.", "```sh\n## Impact\n```"))
    assert found.sections[2].text == "```sh\n## Impact\n```"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "runbook blind: the first line is ''; write '# blind'"),
        (SOUND.replace("# blind", "# Blindness", 1), "the first line is '# Blindness'; write '# blind'"),
        (SOUND.replace("## Impact\n\nB.\n\n", ""), "its sections are 'Meaning', 'Diagnosis', 'Mitigation'; write"),
        (SOUND.replace("## Meaning", "Stray words.\n\n## Meaning"), "its sections are '', 'Meaning'"),
        (SOUND.replace("D.\n", ""), "nothing stands under '## Mitigation'"),
    ],
)
def test_a_text_that_is_no_runbook_says_what_to_write(text: str, complaint: str) -> None:
    with pytest.raises(BrokenRunbook) as error:
        read("blind", text)
    assert complaint in str(error.value)


def test_a_runbook_is_found_below_the_external_address() -> None:
    assert runbook_url("https://watch.example.com/", "blind") == "https://watch.example.com/runbooks/blind"


def test_the_key_of_an_alert_names_its_runbook() -> None:
    assert runbook_named("sync_latency/invoices/acme") == "sync_latency"
    with pytest.raises(ValueError, match="nonsense"):
        runbook_named("nonsense/invoices")


def test_every_command_in_a_runbook_is_one_that_the_command_line_has(repository: Path) -> None:
    known = get_command(cli.main)
    assert isinstance(known, TyperGroup)
    texts = [(repository / "runbooks" / f"{name}.md").read_text() for name in NAMES]
    found = [line.split()[1:] for text in texts for line in re.findall(r"tierwatch [a-z]+(?: [A-Z-][A-Za-z-]*)*", text)]
    assert {name for name, *_ in found} == {"probe", "check"}
    for name, *arguments in found:
        known.commands[name].make_context(name, arguments)
