"""The lock file names exact versions with hashes from the ordinary default index, and nothing of any machine."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HASHES = re.compile(r"(\s+--hash=sha256:[0-9a-f]{64})+$")
PINNED = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[a-z,]+\])?==(?P<version>[^\s;@]+)(\s*;[^/\\]*)?$")
HASH = "--hash=sha256:" + 64 * "0"


def complaints(lock: str) -> Iterator[str]:
    """Yield the lines of a lock file that are no exact requirement with hashes."""
    for line in requirement_lines(lock):
        if line.startswith("-"):
            yield f"an option, so a setting of somebody's machine: {line}"
        elif not HASHES.search(line):
            yield f"no hashes: {line}"
        elif not PINNED.match(HASHES.sub("", line)):
            yield f"no exact version from an index: {line}"
    if "://" in lock:
        yield "an address"


def requirement_lines(lock: str) -> list[str]:
    """Return the lines without comments, continued lines joined."""
    joined = re.sub(r"^\s*#.*\n", "", lock, flags=re.MULTILINE).replace("\\\n", " ")
    return [line.strip() for line in joined.splitlines() if line.strip()]


def locked_versions(lock: str) -> Mapping[str, Version]:
    """Return the version of each distribution in a sound lock file."""
    pins = filter(None, (PINNED.match(HASHES.sub("", line)) for line in requirement_lines(lock)))
    return {canonicalize_name(pin["name"]): Version(pin["version"]) for pin in pins}


@pytest.fixture
def lock(repository: Path) -> str:
    """Return the text of the lock file."""
    return (repository / "requirements.lock").read_text()


def test_every_locked_requirement_is_exact_and_has_hashes(lock: str) -> None:
    assert list(complaints(lock)) == []
    assert len(requirement_lines(lock)) > 20


def test_every_dependency_is_locked_at_a_version_that_it_allows(lock: str, repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(text) for text in (*project["dependencies"], *project["optional-dependencies"]["dev"])]
    locked = locked_versions(lock)
    assert {str(r) for r in wanted if locked[canonicalize_name(r.name)] not in r.specifier} == set()


@pytest.mark.parametrize(
    "line",
    [
        "httpx==0.28.1",
        f"httpx>=0.28 {HASH}",
        f"httpx @ file:///srv/httpx.whl {HASH}",
        f"/srv/httpx-0.28.1.whl {HASH}",
        "httpx==0.28.1 --hash=md5:00",
        "--index-url https://pypi.example/simple",
        "--extra-index-url=file:///srv/simple",
        "--find-links /srv/wheels",
        "-e .",
    ],
)
def test_a_planted_bad_line_is_found(line: str) -> None:
    good = f"anyio==4.11.0 ; python_version < '4' \\\n    {HASH} \\\n    {HASH}\n    # via httpx\n"
    assert list(complaints(good)) == []
    assert list(complaints(f"{good}{line}\n")) != []
