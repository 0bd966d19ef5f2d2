"""Finds the real parts that some tests need, and says what happens where one is missing.

A pytest plugin: `@pytest.mark.real("prometheus", "promtool")` names what a test needs. Where a part is missing the
test is skipped by name and counted at the end, except where parts can be had (CI, or root on Debian): there it fails.
Installing them is not done here but in `tests.parts`.
"""

import os
import re
import shutil
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

MISSING = "real part missing: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A program that we did not write, the names that it goes by, and the Debian package that brings it."""

    programs: tuple[str, ...]
    package: str
    folders: str = ""


PARTS = {
    "amtool": Part(programs=("amtool",), package="prometheus-alertmanager"),
    "alertmanager": Part(programs=("alertmanager", "prometheus-alertmanager"), package="prometheus-alertmanager"),
    "blackbox_exporter": Part(
        programs=("blackbox_exporter", "prometheus-blackbox-exporter"), package="prometheus-blackbox-exporter"
    ),
    "chromium": Part(programs=("chromium", "chromium-browser", "google-chrome"), package="chromium"),
    "postgres": Part(programs=("postgres",), package="postgresql", folders="usr/lib/postgresql/*/bin"),
    "prometheus": Part(programs=("prometheus",), package="prometheus"),
    "promtool": Part(programs=("promtool",), package="prometheus"),
}


def locate(name: str) -> Path | None:
    """Return the program of the part called `name`, or None where this machine has none; KeyError for no such part."""
    part = PARTS[name]
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), *_folders(part)])
    found = (shutil.which(program, path=places) for program in part.programs)
    return next((Path(path).resolve() for path in found if path), None)


def located(name: str) -> Path:
    """Return the program of the part called `name`; FileNotFoundError where this machine has none."""
    path = locate(name)
    if path is None:
        raise FileNotFoundError(MISSING + name)
    return path


def free_port() -> int:
    """Return a TCP port on loopback that nobody listens on at this instant."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def root_on_debian() -> bool:
    """Whether missing parts can be installed here without asking anybody."""
    release = Path("/etc/os-release")
    return os.geteuid() == 0 and release.exists() and "ID=debian" in release.read_text().splitlines()


@pytest.fixture
def shared() -> Path:
    """Return the folder of material beside this repository; a test that needs it is skipped where there is none."""
    folder = Path(__file__).resolve().parent.parent.parent / "shared"
    if not folder.is_dir():
        pytest.skip(MISSING + "../shared")
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run say what a missing part means."""
    default = "fail" if os.environ.get("CI") or root_on_debian() else "skip"
    parser.addoption("--missing-parts", choices=("skip", "fail"), default=default, help="default here: " + default)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip or fail a test one of whose real parts is missing."""
    needed = [str(part) for marker in item.iter_markers("real") for part in marker.args]
    missing = MISSING + ", ".join(part for part in needed if locate(part) is None)
    if missing == MISSING:
        return
    if item.config.getoption("--missing-parts") == "fail":
        pytest.fail(missing + " (make test installs it as root on Debian)", pytrace=False)
    pytest.skip(missing)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say at the end, by name, how many tests were skipped for want of something."""
    counts = Counter(_skipped(terminalreporter))
    if counts:
        terminalreporter.section("skipped for want of a part")
    for missing, count in sorted(counts.items()):
        terminalreporter.write_line(f"{missing}: {count} test{'s' if count > 1 else ''}")


def _skipped(terminalreporter: TerminalReporter) -> Iterator[str]:
    for report in terminalreporter.getreports("skipped"):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        if MISSING in reason:
            yield reason.partition(MISSING)[2]


def _folders(part: Part) -> list[str]:
    """The part's own folders, the highest version first."""
    folders = Path("/").glob(part.folders) if part.folders else ()
    return [str(path) for path in sorted(folders, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))])][
        ::-1
    ]
