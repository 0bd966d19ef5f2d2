"""The tests are shared among workers so that nothing that they share is built twice, or missing."""

from pathlib import Path

from tests.beside import LONGEST, ONE_BY_ONE, PLAYED_ONCE, SHARING, place, together


def holding(repository: Path, folder: str, words: str) -> set[str]:
    """Return the files of tests in a folder that hold some words."""
    files = (repository / folder).glob("test_*.py")
    return {str(file.relative_to(repository)) for file in files if words in file.read_text("utf-8")}


def test_every_place_in_the_order_is_one(repository: Path) -> None:
    assert [one for one in LONGEST if not (repository / one.partition("::")[0]).exists()] == []


def test_files_that_look_at_what_was_played_go_to_one_worker(repository: Path) -> None:
    looking = holding(repository, "tests/real", "played: Watched")
    assert looking == set(PLAYED_ONCE)
    assert len({together(f"{file}::test_of_it[one]") for file in looking}) == 1


def test_a_file_whose_tests_share_what_they_are_played_on_stays_whole(repository: Path) -> None:
    sharing = set[str]().union(*(holding(repository, folder, 'scope="module"') for folder in ONE_BY_ONE))
    assert sharing == set(SHARING)
    assert all(together(f"{file}::test_of_it") == file for file in sharing)


def test_a_test_that_shares_nothing_is_given_out_by_itself() -> None:
    name = "tests/stories/test_the_main_job.py::test_of_it[one]"
    assert together(name) == name


def test_the_longest_come_first() -> None:
    names = ["tests/probes/test_a.py::test_a", "tests/stories/test_b.py::test_b", f"{LONGEST[0]}::test_c"]
    assert sorted(names, key=place) == names[::-1]
