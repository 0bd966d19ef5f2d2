"""The page on what users of the neighbours complain about names issues, and each of them has a test that answers it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ISSUE = re.compile(r"\[([\w.-]+/[\w.-]+#\d+)\]\(https://github\.com/([\w.-]+/[\w.-]+)/issues/(\d+)\)")


def listed(repository: Path) -> list[re.Match[str]]:
    return list(ISSUE.finditer((repository / "docs" / "neighbours.md").read_text(encoding="utf-8")))


def answered(repository: Path) -> Iterator[tuple[str, str]]:
    """Yield every issue that a test names, and the test."""
    for file in sorted((repository / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from ((issue, node.name) for issue in _issues(node))


def _issues(test: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.answers":
            yield from (str(ast.literal_eval(one)) for one in mark.args)


def test_every_issue_on_the_page_has_a_test_that_answers_it(repository: Path) -> None:
    known = {issue for issue, _ in answered(repository)}
    assert sorted({found[1] for found in listed(repository)} - known) == []


def test_every_issue_that_a_test_answers_is_on_the_page(repository: Path) -> None:
    page = {found[1] for found in listed(repository)}
    assert sorted({issue for issue, _ in answered(repository)} - page) == []


def test_each_link_leads_to_the_issue_that_it_names(repository: Path) -> None:
    assert [found[0] for found in listed(repository) if found[1] != f"{found[2]}#{found[3]}"] == []


@pytest.mark.parametrize(
    "text", ["[a/b#1](https://github.com/a/b/issues/2)", "[a/b#1](https://github.com/c/b/issues/1)"]
)
def test_a_link_that_leads_elsewhere_is_seen(text: str) -> None:
    found = ISSUE.search(text)
    assert found is not None
    assert found[1] != f"{found[2]}#{found[3]}"
