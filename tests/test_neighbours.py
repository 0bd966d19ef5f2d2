"""The page on what users of the neighbours complain about names issues, and each of them has a test that answers it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ISSUE = re.compile(r"\[([\w.-]+/[\w.-]+#\d+)\]\(https://github\.com/([\w.-]+/[\w.-]+)/issues/(\d+)\)")


def listed(repository: Path) -> list[re.Match[str]]:
    return list(ISSUE.finditer((repository / "docs" / "neighbours.md").read_text(encoding="utf-8")))


@cache
def answered(repository: Path) -> frozenset[str]:
    """Return every issue that a test names."""
    return frozenset(_answered(repository))


def _answered(repository: Path) -> Iterator[str]:
    for file in sorted((repository / "tests").rglob("test_*.py")):
        text = file.read_text(encoding="utf-8")
        if "answers(" in text:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield from _issues(node)


def _issues(test: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.answers":
            yield from (str(ast.literal_eval(one)) for one in mark.args)


def test_every_issue_on_the_page_has_a_test_that_answers_it(repository: Path) -> None:
    assert sorted({found[1] for found in listed(repository)} - answered(repository)) == []


def test_every_issue_that_a_test_answers_is_on_the_page(repository: Path) -> None:
    page = {found[1] for found in listed(repository)}
    assert sorted(answered(repository) - page) == []


def test_each_link_leads_to_the_issue_that_it_names(repository: Path) -> None:
    assert [found[0] for found in listed(repository) if found[1] != f"{found[2]}#{found[3]}"] == []


@pytest.mark.parametrize(
    "text", ["[a/b#1](https://github.com/a/b/issues/2)", "[a/b#1](https://github.com/c/b/issues/1)"]
)
def test_a_link_that_leads_elsewhere_is_seen(text: str) -> None:
    found = ISSUE.search(text)
    assert found is not None
    assert found[1] != f"{found[2]}#{found[3]}"
