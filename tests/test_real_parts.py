"""Tests of the tests' own real parts: found, skipped by name, or demanded."""

from pathlib import Path

import psycopg
import pytest

from tests.parts import written_for_now
from tests.real_parts import PARTS, locate

NEEDS_A_PART = """
    import pytest

    @pytest.mark.real("chromium")
    def test_that_needs_a_browser():
        pass

    @pytest.mark.real("chromium", "prometheus")
    def test_that_needs_two_parts():
        pass

    def test_that_needs_nothing():
        pass
"""


@pytest.fixture
def bare_machine(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.Pytester:
    """Return a place for a test run that finds no program at all."""
    monkeypatch.setenv("PATH", str(tmp_path))
    pytester.makeini(
        "[pytest]\nmarkers = real(*parts): needs real parts\nasyncio_default_fixture_loop_scope = function"
    )
    pytester.makepyfile(NEEDS_A_PART)
    return pytester


def test_a_missing_part_skips_its_tests_by_name_and_counts_them(bare_machine: pytest.Pytester) -> None:
    run = bare_machine.runpytest_subprocess("-p", "tests.real_parts", "--missing-parts=skip")
    run.assert_outcomes(passed=1, skipped=2)
    run.stdout.fnmatch_lines(["*skipped for want of a part*", "chromium: 1 test", "chromium, prometheus: 1 test"])


def test_a_missing_part_fails_its_tests_where_it_can_be_had(bare_machine: pytest.Pytester) -> None:
    run = bare_machine.runpytest_subprocess("-p", "tests.real_parts", "--missing-parts=fail")
    run.assert_outcomes(passed=1, errors=2)
    run.stdout.fnmatch_lines(["real part missing: chromium, prometheus*"])


def test_ci_demands_every_part(bare_machine: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "1")
    bare_machine.runpytest_subprocess("-p", "tests.real_parts").assert_outcomes(passed=1, errors=2)


def test_a_part_is_found_under_any_of_its_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert locate("alertmanager") is None
    program = tmp_path / "prometheus-alertmanager"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert locate("alertmanager") == program


def test_every_part_has_a_program_and_a_package() -> None:
    assert all(part.programs and part.package for part in PARTS.values())


def test_a_file_written_for_now_is_gone_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "policy"
    with written_for_now(path, "exit 101\n", mode=0o755):
        assert path.read_text() == "exit 101\n"
    assert not path.exists()


def test_a_file_that_was_there_is_put_back_even_after_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "policy"
    path.write_text("exit 0\n")
    path.chmod(0o700)

    def fail_inside() -> None:
        with written_for_now(path, "exit 101\n", mode=0o755):
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail_inside()
    assert path.read_text() == "exit 0\n"
    assert path.stat().st_mode & 0o777 == 0o700


@pytest.mark.real("postgres")
def test_each_test_gets_an_empty_database_of_its_own(postgres_url: str, postgres_database: str) -> None:
    assert postgres_database != postgres_url
    with psycopg.connect(postgres_database.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
        assert tables.fetchone() == (0,)
