"""The page on connectors, tried as its reader would try it."""

import re
from pathlib import Path

from typer.testing import CliRunner

from monitor.cli import main
from monitor.load import load
from tests.monitor.load.written import NOW, PARTS, written


def yaml_of(page: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)


def test_the_page_on_connectors_can_be_followed(repository: Path, tmp_path: Path) -> None:
    page = (repository / "docs" / "connectors.md").read_text(encoding="utf-8")
    books, definition, answers, others = yaml_of(page)
    folder = tmp_path / "connectors"
    folder.mkdir()
    (folder / "tills.yaml").write_text(definition, encoding="utf-8")
    (folder / "tills.answers.yaml").write_text(answers, encoding="utf-8")
    done = CliRunner().invoke(main, ["connector", "test", str(folder / "tills.yaml")])
    assert done.output == "ok: a sale that was refused\n1 of 1 cases are as they were recorded.\n"

    used = "  tills: {connector: ./connectors/tills.yaml, values: {shop: corner}, credential: env:TILLS}\n"
    systems = PARTS["systems"] + "".join(one.removeprefix("systems:\n") for one in (books, others)) + used
    loaded = load(written(tmp_path, systems=systems), now=NOW, secrets=False)
    assert loaded.errors == ()
    assert loaded.config is not None
    assert loaded.config.catalog.systems.keys() >= {"books", "vendor-status", "engagement", "tills"}


def test_the_page_names_no_command_that_there_is_not(repository: Path) -> None:
    page = (repository / "docs" / "connectors.md").read_text(encoding="utf-8")
    for command in sorted(set(re.findall(r"^tierwatch ([a-z]+)", page, flags=re.MULTILINE))):
        assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0, command
