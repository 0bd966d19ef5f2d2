"""Tests as data: each file of `bad/` is a configuration with errors, followed by what is to be said of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.load import load

BAD = Path(__file__).parent / "bad"
MARK = "# --- what is said of this file\n"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def said_of(file: Path) -> list[str]:
    return [str(problem).replace(f"{BAD}/", "") for problem in load(file, now=NOW, secrets=False).errors]


@pytest.mark.parametrize("file", sorted(BAD.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_bad_file_gets_all_of_its_errors_at_once_in_order(file: Path) -> None:
    _, _, expected = file.read_text(encoding="utf-8").partition(MARK)
    assert expected
    assert said_of(file) == [line.removeprefix("# ") for line in expected.splitlines()]


@pytest.mark.parametrize("year", [1970, 1999, 2026, 2100, 9998])
@pytest.mark.parametrize("file", sorted(BAD.glob("*.yaml")), ids=lambda file: file.stem)
def test_no_error_depends_on_the_date(file: Path, year: int) -> None:
    then = load(file, now=NOW.replace(year=year), secrets=False)
    assert then.errors == load(file, now=NOW, secrets=False).errors


def test_nothing_said_of_a_literal_secret_repeats_it() -> None:
    assert "hunter2" in (BAD / "literal_secrets.yaml").read_text(encoding="utf-8").partition(MARK)[0]
    assert "hunter2" in (BAD / "connectors" / "broken.yaml").read_text(encoding="utf-8")
    said = said_of(BAD / "literal_secrets.yaml") + said_of(BAD / "connectors.yaml")
    assert not [line for line in said if "hunter2" in line]


def test_a_directory_is_told_all_of_its_files_errors_and_duplicates_name_both_places(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("catch_all: person:ana\npeople:\n  - {id: ana, channels: [env:ANA]}\n")
    (tmp_path / "b.yml").write_text("people:\n\n  - {id: ana, channels: [env:ANA]}\ncatch_all: person:ben\ntires: 1\n")
    (tmp_path / "c.txt").write_text("not read")
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / "d.yaml").write_text("neither: is this")
    said = [str(problem).replace(f"{tmp_path}/", "") for problem in load(tmp_path, now=NOW, secrets=False).errors]
    assert said == [
        "b.yml:3: people[0]: ana is defined twice, first in a.yaml:3 (people[0]); keep one of them",
        "b.yml:4: catch_all: catch_all is defined twice, first in a.yaml:1 (catch_all); keep one of them",
        "b.yml:5: tires: is not known here; did you mean tiers?",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "x.yaml: is empty; write the configuration into it or take the file away"),
        (b"# nothing\n", "x.yaml: is empty; write the configuration into it or take the file away"),
        (b"a: 1\nb: \xff\n", "x.yaml:2: is not UTF-8; save it in this encoding"),
        (b"a:\n\tb: 1\n", "x.yaml:2: is not YAML: there is a tab; indent with spaces"),
        (b"a: \x07", "x.yaml:1: has a character that YAML does not allow; take it out"),
        (b"a: 1\n---\nb: 2\n", "x.yaml:2: a second document (---) begins here; write it into a file of its own"),
        (b"- a\n", "x.yaml:1: must be a mapping with keys such as tiers, systems, flows, schedules"),
        (b"a: &a [*a]", "x.yaml:1: a[0]: *a refers to no anchor that ends before it; write &a at what it shall repeat"),
        (b"a: " + b"[" * 99, f"x.yaml:1: a{'[0]' * 19}: is nested more than 20 deep; write it flatter"),
    ],
)
def test_a_file_that_is_no_document_is_an_error_with_its_line(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "x.yaml").write_bytes(content)
    errors = [str(problem).replace(f"{tmp_path}/", "") for problem in load(tmp_path, now=NOW, secrets=False).errors]
    assert errors == [said]


def test_a_file_that_cannot_be_read_and_a_directory_without_files_are_errors(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    absent = load(tmp_path / "absent.yaml", now=NOW, secrets=False).errors
    empty = load(tmp_path, now=NOW, secrets=False).errors
    assert "cannot be read (No such file or directory)" in str(absent[0])
    assert "holds no *.yaml file" in str(empty[0])


def test_anchors_that_grow_beyond_measure_are_refused_quickly(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (tmp_path / "x.yaml").write_text("\n".join(lines))
    assert "grows beyond measure" in str(load(tmp_path, now=NOW, secrets=False).errors[0])
